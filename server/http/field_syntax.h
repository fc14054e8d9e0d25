// The syntax of header and trailer fields, RFC 9110 section 5.
#ifndef SERVER_HTTP_FIELD_SYNTAX_H_
#define SERVER_HTTP_FIELD_SYNTAX_H_

#include <optional>
#include <string_view>

namespace docspace::gateway::http {

// Returns whether `text` is a token, RFC 9110 section 5.6.2.
bool IsToken(std::string_view text);

// Returns whether `text` holds no control character but the tab. Bytes from 0x80 on are text.
bool IsText(std::string_view text);

// Returns `text` without the blanks (spaces and tabs) at its ends.
std::string_view TrimBlanks(std::string_view text);

// Compares without regard to the case of ASCII letters.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// A field's line, `name: value`. Both point into the line.
struct FieldLine {
  std::string_view name;
  std::string_view value;
};

// Splits a line that IsText. Returns none if its name is no token: a blank before the colon, for
// instance, is read in two ways by two readers (RFC 9112 section 5.1).
std::optional<FieldLine> ParseFieldLine(std::string_view line);

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_FIELD_SYNTAX_H_
