// Levels of the log: debug, info, warning, error and off. A logger's level may be set at any time,
// from any thread.
#ifndef SERVER_LOG_LOG_LEVEL_H_
#define SERVER_LOG_LOG_LEVEL_H_

#include <spdlog/common.h>

#include <optional>
#include <string_view>

namespace docspace::gateway {

using LogLevel = spdlog::level::level_enum;

// Returns the level of that name, or nothing if it is none of the five names.
std::optional<LogLevel> LogLevelOf(std::string_view name);
// Returns the name of one of the five levels.
std::string_view NameOf(LogLevel level);

// Returns the next of the five levels in that direction; the last one returns itself.
LogLevel MoreVerbose(LogLevel level);
LogLevel LessVerbose(LogLevel level);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_LOG_LEVEL_H_
