// A request target in its parts, unescaped.
#ifndef TESTS_EMULATOR_URL_H_
#define TESTS_EMULATOR_URL_H_

#include <string>
#include <string_view>

namespace docspace::emulator {

std::string PercentDecoded(std::string_view text);

// Returns `url` with each byte that no URL holds, such as a blank or one that is not ASCII, as %XX.
std::string PercentEncoded(std::string_view url);

// `/api/2.0/keys` of `/api/2.0/keys?fields=id`.
std::string PathOf(std::string_view target);

// The value of a query parameter, empty where there is none.
std::string QueryParameter(std::string_view target, std::string_view name);

// 8-4-4-4-12 hexadecimal digits in any case.
bool IsGuid(std::string_view text);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_URL_H_
