// Decodes HTML in texts that a portal has encoded.
#ifndef CLIENT_CLI_HTML_TEXT_H_
#define CLIENT_CLI_HTML_TEXT_H_

#include <string>
#include <string_view>

namespace docspace::apikeys::cli {

// Returns `text` with the character references decoded that .NET's encoder writes: `&amp;`, `&lt;`,
// `&gt;`, `&quot;`, `&apos;`, and decimal and hexadecimal numbers. Any other text stays as it is.
// The result may hold any character: print it through Escape.
std::string DecodeHtml(std::string_view text);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_HTML_TEXT_H_
