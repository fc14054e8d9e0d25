// Predicates and comparisons of ASCII text.
//
// The functions of Abseil are wrapped because Debian's build of Abseil has a `string_view` type of
// its own (ABSL_OPTION_USE_STD_STRING_VIEW is 0), to which std::string_view does not convert. The
// wrappers become aliases once the types are one.
#ifndef SERVER_BASE_ASCII_H_
#define SERVER_BASE_ASCII_H_

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace docspace::gateway {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromAbsl(absl::string_view text) { return {text.data(), text.size()}; }

// Compare without regard to the case of ASCII letters, independently of the locale.
inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b));
}
inline bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) {
  return absl::StartsWithIgnoreCase(ToAbsl(text), ToAbsl(prefix));
}

// Returns `text` without the white space at its ends: space, tab, line feed, vertical tab, form
// feed and carriage return.
inline std::string_view StripAsciiWhitespace(std::string_view text) {
  return FromAbsl(absl::StripAsciiWhitespace(ToAbsl(text)));
}

// Returns whether each character of `text` is from space to tilde. Takes about one instruction a
// byte.
bool IsPrintableAscii(std::string_view text);

// Returns whether each character of `text` is from `!` to tilde: printable, and no space. This is
// VCHAR of RFC 5234, which RFC 9110 section 2.1 takes over. Takes about one instruction a byte.
bool IsVisibleAscii(std::string_view text);

}  // namespace docspace::gateway

#endif  // SERVER_BASE_ASCII_H_
