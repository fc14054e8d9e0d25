// Events of the gateway in its log.
#ifndef SERVER_LOG_EVENT_LOG_H_
#define SERVER_LOG_EVENT_LOG_H_

#include <string_view>

#include "server/log/log_level.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// Writes a line of that event with a field `message`, at level info. Thread-safe.
void LogEvent(spdlog::logger& logger, std::string_view event, std::string_view message);
// The same at level warning, for what an operator should look into.
void LogWarning(spdlog::logger& logger, std::string_view event, std::string_view message);

// Thread-safe. Logs the change itself at info, using whichever of the old and new levels is more
// verbose.
void SetLogLevel(spdlog::logger& logger, LogLevel level);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_EVENT_LOG_H_
