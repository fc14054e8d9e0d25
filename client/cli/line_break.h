// Removes the line break at the end of a value.
#ifndef CLIENT_CLI_LINE_BREAK_H_
#define CLIENT_CLI_LINE_BREAK_H_

#include <string_view>

namespace docspace::apikeys::cli {

// Returns `text` without a line break at its end, `\n` or `\r\n`. Files and Secrets often end in
// one, which is part of no credential or name.
inline std::string_view WithoutLineBreak(std::string_view text) {
  if (!text.ends_with('\n')) return text;
  text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  return text;
}

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_LINE_BREAK_H_
