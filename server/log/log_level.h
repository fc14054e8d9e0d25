// How much is logged: debug, info, warning, error or off. A logger's level may be set at any time,
// from any thread.
#ifndef SERVER_LOG_LOG_LEVEL_H_
#define SERVER_LOG_LOG_LEVEL_H_

#include <spdlog/common.h>

#include <optional>
#include <string_view>

namespace docspace::gateway {

using LogLevel = spdlog::level::level_enum;

// None where it is none of the five names.
std::optional<LogLevel> LogLevelOf(std::string_view name);
std::string_view NameOf(LogLevel level);

// The next of the five; the last is its own.
LogLevel MoreVerbose(LogLevel level);
LogLevel LessVerbose(LogLevel level);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_LOG_LEVEL_H_
