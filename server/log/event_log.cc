#include "server/log/event_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>

#include "server/base/utf8.h"

namespace docspace::gateway {
namespace {

rapidjson::SizeType SizeOf(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

// RFC 3339, UTC, to the microsecond. Computed here because gmtime_r takes a lock, and reads the
// time zone's file at its first use: an event loop would wait for both.
std::string Now() {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): its calendar.
  const auto now = floor<microseconds>(system_clock::now());
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

void LogAt(LogLevel level, spdlog::logger& logger, std::string_view event,
           std::string_view message) {
  if (!logger.should_log(level)) return;
  LogLine(level, event).Add("message", message).WriteTo(logger);
}

}  // namespace

LogLine::LogLine(LogLevel level, std::string_view event) : level_(level), writer_(text_) {
  writer_.SetMaxDecimalPlaces(3);
  writer_.StartObject();
  Add("time", Now());
  Add("level", NameOf(level));
  Add("event", event);
}

LogLine& LogLine::Add(std::string_view name, std::string_view value) {
  writer_.Key(name.data(), SizeOf(name));
  if (IsValidUtf8(value)) {
    writer_.String(value.data(), SizeOf(value));
  } else {
    std::string ascii(value);
    std::ranges::replace_if(
        ascii, [](char c) { return static_cast<unsigned char>(c) > 0x7F; }, '?');
    writer_.String(ascii.data(), SizeOf(ascii));
  }
  return *this;
}

LogLine& LogLine::Add(std::string_view name, std::uint64_t value) {
  writer_.Key(name.data(), SizeOf(name));
  writer_.Uint64(value);
  return *this;
}

LogLine& LogLine::AddFlag(std::string_view name, bool value) {
  writer_.Key(name.data(), SizeOf(name));
  writer_.Bool(value);
  return *this;
}

LogLine& LogLine::AddDuration(std::string_view name, std::chrono::nanoseconds value) {
  writer_.Key(name.data(), SizeOf(name));
  writer_.Double(std::chrono::duration<double, std::milli>(value).count());
  return *this;
}

void LogLine::WriteTo(spdlog::logger& logger) {
  writer_.EndObject();
  logger.log(level_, spdlog::string_view_t(text_.GetString(), text_.GetSize()));
}

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
