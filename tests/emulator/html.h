// HTML in the notation of the portal and of the proxy in front of it.
#ifndef TESTS_EMULATOR_HTML_H_
#define TESTS_EMULATOR_HTML_H_

#include <string>
#include <string_view>

namespace docspace::emulator {

// Encodes valid UTF-8 as .NET's WebUtility.HtmlEncode does: `<>&"'`, each character from U+00A0 to
// U+00FF, and each beyond U+FFFF become entities.
std::string HtmlEncoded(std::string_view utf8);

// Returns the reason phrase of a status.
std::string Reason(int status);

// Returns an error page of the reverse proxy. Unless empty, `explanation` replaces the reason
// phrase in the title and is repeated below the heading.
std::string ProxyPage(int status, std::string_view explanation = "");

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_HTML_H_
