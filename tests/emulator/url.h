// Splits and decodes request targets.
#ifndef TESTS_EMULATOR_URL_H_
#define TESTS_EMULATOR_URL_H_

#include <string>
#include <string_view>

namespace docspace::emulator {

std::string PercentDecoded(std::string_view text);

// Returns `url` with each byte that is not allowed in a URL, such as a blank or a byte outside
// ASCII, as %XX.
std::string PercentEncoded(std::string_view url);

// Returns the path of a target, such as `/api/2.0/keys` for `/api/2.0/keys?fields=id`.
std::string PathOf(std::string_view target);

// Returns the value of a query parameter, or an empty string if there is none.
std::string QueryParameter(std::string_view target, std::string_view name);

// Returns whether `text` has the form 8-4-4-4-12 of hexadecimal digits in any case.
bool IsGuid(std::string_view text);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_URL_H_
