// Writes events of the gateway to its log.
#ifndef SERVER_LOG_EVENT_LOG_H_
#define SERVER_LOG_EVENT_LOG_H_

#include <string_view>

#include "server/log/log_level.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// Writes a line of the event `event` with a field `message`, at level info. Thread-safe.
void LogEvent(spdlog::logger& logger, std::string_view event, std::string_view message);
// Does the same at level warning, for an event that an operator should look into.
void LogWarning(spdlog::logger& logger, std::string_view event, std::string_view message);

// Sets the logger's level, and logs the change itself at info, using whichever of the old and new
// levels is more verbose. Thread-safe.
void SetLogLevel(spdlog::logger& logger, LogLevel level);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_EVENT_LOG_H_
