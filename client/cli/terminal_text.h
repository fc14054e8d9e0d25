// Text of strangers, made fit for a terminal.
#ifndef CLIENT_CLI_TERMINAL_TEXT_H_
#define CLIENT_CLI_TERMINAL_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace docspace::apikeys::cli {

// Replaces what could steer a terminal or mislead its reader: control characters, line separators,
// what changes the direction of text, invisible and unassigned characters (`\u{202e}`), octets that
// are not UTF-8 (`\xff`), and the backslash itself (`\\`), so that the result is unambiguous.
std::string Escape(std::string_view text);

// The same JSON, with each such character inside of its strings as an escape (`\u202e`): a program
// that parses it reads the same. `json` is well-formed, and in UTF-8.
std::string EscapeJson(std::string_view json);

// The columns that `text`, as Escape returns it, takes on a terminal: 2 for each wide character, 0
// for a combining one.
std::size_t DisplayWidth(std::string_view text);

bool IsUtf8(std::string_view text);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_TERMINAL_TEXT_H_
