// Parses the JSON bodies of the write calls and validates them as ASP.NET does.
#ifndef TESTS_EMULATOR_REQUEST_DTO_H_
#define TESTS_EMULATOR_REQUEST_DTO_H_

#include <cstddef>
#include <string_view>

#include "tests/emulator/portal.h"

namespace docspace::emulator {

// Both throw ValidationException with the portal's own messages. Unknown members are ignored, null
// means absent, and the last of duplicate members counts. The portal validates a change as the
// member `Changed` of a larger object, so the names of its errors begin with that.
NewApiKey ParseNewApiKey(std::string_view body);
ApiKeyChange ParseApiKeyChange(std::string_view body);

// Returns the length of valid UTF-8 in UTF-16 code units, as .NET counts it.
std::size_t Utf16Length(std::string_view utf8);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_REQUEST_DTO_H_
