// Log lines for programs: one JSON object per line.
#ifndef SERVER_LOG_JSON_LOG_H_
#define SERVER_LOG_JSON_LOG_H_

#include <memory>
#include <string>

#include "server/log/log_line.h"

namespace docspace::gateway {

// Returns {"time":…,"level":…,"event":…, and the fields in their order}, without a line end. The
// result is valid JSON for any fields.
std::string JsonLine(const LogLine& line);

// Returns a formatter for the sinks of a logger that receives LogLines. It prints each as JsonLine
// does.
std::unique_ptr<spdlog::formatter> JsonFormatter();

}  // namespace docspace::gateway

#endif  // SERVER_LOG_JSON_LOG_H_
