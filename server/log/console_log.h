// Log lines for people: the same fields as the JSON, aligned.
#ifndef SERVER_LOG_CONSOLE_LOG_H_
#define SERVER_LOG_CONSOLE_LOG_H_

#include <memory>
#include <string>

#include "server/log/log_line.h"

namespace docspace::gateway {

// Returns `line` without a line end. The result is one line of printable ASCII for any fields,
// except for the escape sequences of `colours`.
std::string ConsoleLine(const LogLine& line, bool colours);

// Returns a formatter for the sinks of a logger that receives LogLines. It prints each as
// ConsoleLine does.
std::unique_ptr<spdlog::formatter> ConsoleFormatter(bool colours);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_CONSOLE_LOG_H_
