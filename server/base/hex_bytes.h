// Decodes hexadecimal digits.
#ifndef SERVER_BASE_HEX_BYTES_H_
#define SERVER_BASE_HEX_BYTES_H_

#include <string>

#include "absl/strings/escaping.h"

namespace docspace::gateway {

// Returns the bytes of `hex`, an absl::string_view, which must consist of pairs of hexadecimal
// digits. Abseil 20240722 gave its function another signature and deprecated the one that 20220623
// has. The type is a parameter of the template, because only then `requires` can ask which exists.
template <class Text>
std::string HexBytes(Text hex) {
  std::string bytes;
  if constexpr (requires { absl::HexStringToBytes(hex, &bytes); }) {
    if (!absl::HexStringToBytes(hex, &bytes)) bytes.clear();
  } else {
    bytes = absl::HexStringToBytes(hex);
  }
  return bytes;
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_HEX_BYTES_H_
