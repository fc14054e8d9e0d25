// The lines of the log: one JSON object each, with a time, a level and an event.
#ifndef SERVER_LOG_EVENT_LOG_H_
#define SERVER_LOG_EVENT_LOG_H_

#include <chrono>
#include <cstdint>
#include <string_view>

#include "server/base/rapidjson.h"
#include "server/log/log_level.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// Builds one line: {"time":…,"level":…,"event":…, and what is added}. The line is valid JSON,
// whatever the values hold: a value that is not UTF-8 has `?` in place of each byte outside ASCII.
class LogLine {
 public:
  LogLine(LogLevel level, std::string_view event);

  // Adds a member, even if the value is empty.
  LogLine& Add(std::string_view name, std::string_view value);
  LogLine& Add(std::string_view name, std::uint64_t value);
  LogLine& AddFlag(std::string_view name, bool value);
  // In milliseconds, to the microsecond.
  LogLine& AddDuration(std::string_view name, std::chrono::nanoseconds value);
  // Adds nothing if the value is empty.
  LogLine& AddIfAny(std::string_view name, std::string_view value) {
    return value.empty() ? *this : Add(name, value);
  }

  // Ends the line and writes it. To be called once.
  void WriteTo(spdlog::logger& logger);

 private:
  const LogLevel level_;
  rapidjson::StringBuffer text_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

// Writes {"time":…,"level":"info","event":event,"message":message}. Thread-safe.
void LogEvent(spdlog::logger& logger, std::string_view event, std::string_view message);
// The same at level warning, for what an operator should look into.
void LogWarning(spdlog::logger& logger, std::string_view event, std::string_view message);

// Thread-safe. Logs the change itself at info, using whichever of the old and new levels is more
// verbose.
void SetLogLevel(spdlog::logger& logger, LogLevel level);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_EVENT_LOG_H_
