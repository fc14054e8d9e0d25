// Makes text from other parties safe for a terminal.
#ifndef CLIENT_CLI_TERMINAL_TEXT_H_
#define CLIENT_CLI_TERMINAL_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace docspace::apikeys::cli {

// Replaces characters that could control a terminal or mislead its reader: control characters, line
// separators, characters that change the direction of text, invisible and unassigned characters
// (`\u{202e}`), bytes that are not UTF-8 (`\xff`), and the backslash itself (`\\`), so that the
// result is unambiguous.
std::string Escape(std::string_view text);

// Returns the same JSON with an escape (`\u202e`) for each such character inside its strings, so
// that a program that parses it reads the same. `json` must be well-formed UTF-8.
std::string EscapeJson(std::string_view json);

// Returns the columns that `text`, a result of Escape, takes on a terminal: 2 for each wide
// character, 0 for a combining one.
std::size_t DisplayWidth(std::string_view text);

// Returns whether `text` is valid UTF-8.
bool IsUtf8(std::string_view text);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_TERMINAL_TEXT_H_
