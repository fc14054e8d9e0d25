// What fuzz targets make of their octets. The formats are text, so that a corpus can be read.
#ifndef TESTS_FUZZ_INPUT_H_
#define TESTS_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace docspace::fuzz {

// The octets as they are handed to LLVMFuzzerTestOneInput.
inline std::string_view Text(const std::uint8_t* data, std::size_t size) {
  // What the standard allows: any object may be seen as chars.
  return {reinterpret_cast<const char*>(data), size};
}

// Takes what precedes the first `end` off the front of `rest`, and `end` with it; all where there
// is none.
inline std::string_view TakeUntil(std::string_view& rest, std::string_view end) {
  const std::string_view taken = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), taken.size() + end.size()));
  return taken;
}

// The number that the decimal digits of `text` make, of anything at all; below `limit`.
inline std::size_t NumberBelow(std::size_t limit, std::string_view text) {
  std::size_t number = 0;
  for (const char c : text) number = (number * 10 + static_cast<unsigned char>(c - '0')) % limit;
  return number;
}

}  // namespace docspace::fuzz

#endif  // TESTS_FUZZ_INPUT_H_
