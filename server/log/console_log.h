// Log lines for a person: the same fields as the JSON, aligned.
#ifndef SERVER_LOG_CONSOLE_LOG_H_
#define SERVER_LOG_CONSOLE_LOG_H_

#include <memory>
#include <string>

#include "server/log/log_line.h"

namespace docspace::gateway {

// Returns `line` without a line end. Whatever the fields hold, it is one line of printable ASCII,
// except for the escape sequences of `colours`.
std::string ConsoleLine(const LogLine& line, bool colours);

// For the sinks of a logger that lines are written to.
std::unique_ptr<spdlog::formatter> ConsoleFormatter(bool colours);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_CONSOLE_LOG_H_
