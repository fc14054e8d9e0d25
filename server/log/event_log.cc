#include "server/log/event_log.h"

#include <spdlog/logger.h>

#include "server/log/log_line.h"

namespace docspace::gateway {
namespace {

void LogAt(LogLevel level, spdlog::logger& logger, std::string_view event,
           std::string_view message) {
  if (!logger.should_log(level)) return;
  LogLine(level, event).Add("message", message).WriteTo(logger);
}

}  // namespace

void LogEvent(spdlog::logger& logger, std::string_view event, std::string_view message) {
  LogAt(spdlog::level::info, logger, event, message);
}

void LogWarning(spdlog::logger& logger, std::string_view event, std::string_view message) {
  LogAt(spdlog::level::warn, logger, event, message);
}

void SetLogLevel(spdlog::logger& logger, LogLevel level) {
  const bool quieter = level > logger.level();
  if (quieter) LogEvent(logger, "log_level", NameOf(level));
  logger.set_level(level);
  if (!quieter) LogEvent(logger, "log_level", NameOf(level));
}

}  // namespace docspace::gateway
