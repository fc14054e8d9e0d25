// Log lines for a person: the same fields as the JSON, aligned.
#ifndef SERVER_LOG_CONSOLE_LOG_H_
#define SERVER_LOG_CONSOLE_LOG_H_

#include <spdlog/formatter.h>

#include <memory>
#include <string>
#include <string_view>

namespace docspace::gateway {

// `json` is a line of the log; anything else is returned as it is. Whatever the fields hold, it is
// one line of printable ASCII, but for `colours`.
std::string ConsoleLine(std::string_view json, bool colours);

// For a logger whose lines are JSON.
std::unique_ptr<spdlog::formatter> ConsoleFormatter(bool colours);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_CONSOLE_LOG_H_
