// One line of the log, as a value: when, how serious, which event, and its fields.
#ifndef SERVER_LOG_LOG_LINE_H_
#define SERVER_LOG_LOG_LINE_H_

#include <spdlog/formatter.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/base/secret.h"
#include "server/log/log_level.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// LogLine is built field by field, written to a logger, and printed by that logger's formatter:
// json_log.h or console_log.h. Not thread-safe.
class LogLine {
 public:
  using Time = std::chrono::system_clock::time_point;
  // A text is valid UTF-8 and lives as long as the line.
  using Value = std::variant<std::string_view, std::uint64_t, bool, std::chrono::nanoseconds>;
  struct Field {
    std::string_view name;
    Value value;
  };

  // `event` and the names of fields must be string literals, or live as long.
  LogLine(LogLevel level, std::string_view event, Time time = std::chrono::system_clock::now());
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  // Adds a field, even if the value is empty. Texts are copied. A text that is not UTF-8 gets `?`
  // in place of each byte outside ASCII.
  LogLine& Add(std::string_view name, std::string_view value);
  LogLine& Add(std::string_view name, std::uint64_t value);
  LogLine& AddFlag(std::string_view name, bool value);
  LogLine& AddDuration(std::string_view name, std::chrono::nanoseconds value);
  // Adds the field unless the value is empty.
  LogLine& AddIfAny(std::string_view name, std::string_view value) {
    return value.empty() ? *this : Add(name, value);
  }
  // A secret must never be a field.
  LogLine& Add(std::string_view name, const Secret& value) = delete;
  LogLine& AddIfAny(std::string_view name, const Secret& value) = delete;

  LogLevel level() const { return level_; }
  std::string_view event() const { return event_; }
  Time time() const { return time_; }
  const std::pmr::vector<Field>& fields() const { return fields_; }

  // Writes the line if the logger's level allows it. The logger must hand messages to its sinks on
  // the calling thread, as spdlog's synchronous loggers do.
  void WriteTo(spdlog::logger& logger) const;

 private:
  const LogLevel level_;
  const std::string_view event_;
  const Time time_;
  // Large enough for the fields of a usual RPC, so that a line allocates nothing for itself.
  std::array<std::byte, 2048> buffer_;
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
  std::pmr::vector<Field> fields_{&memory_};
};

// Returns a formatter for the sinks of loggers that receive LogLines. It prints each line with
// `print`, and adds a line end. A message that did not come from a LogLine is printed as a line of
// event `text` with the message as its `message`.
std::unique_ptr<spdlog::formatter> MakeFormatter(std::function<std::string(const LogLine&)> print);

// Returns a value that is not a text as JSON writes it. A duration is in milliseconds with three
// decimals.
std::string PrintValue(const LogLine::Value& value);

// Returns `time` in UTC with microseconds, as RFC 3339 writes it: `2026-11-24T22:10:11.123456Z`.
std::string FormatLogTime(LogLine::Time time);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_LOG_LINE_H_
