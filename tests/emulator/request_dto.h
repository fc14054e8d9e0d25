// The bodies of the write calls: JSON → what the caller wants, validated as ASP.NET does.
#ifndef TESTS_EMULATOR_REQUEST_DTO_H_
#define TESTS_EMULATOR_REQUEST_DTO_H_

#include <cstddef>
#include <string_view>

#include "tests/emulator/portal.h"

namespace docspace::emulator {

// Both throw ValidationException with the portal's own words. Unknown members are ignored, null is
// absent, and of duplicate members the last wins. A change is a member `Changed` of what the portal
// validates, so the names of its errors begin with that.
NewApiKey ParseNewApiKey(std::string_view body);
ApiKeyChange ParseApiKeyChange(std::string_view body);

// The length of valid UTF-8 as .NET counts it.
std::size_t Utf16Length(std::string_view utf8);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_REQUEST_DTO_H_
