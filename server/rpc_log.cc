#include "server/rpc_log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <ctime>
#include <utility>

#include "server/rapidjson.h"

namespace docspace::gateway {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Member(Writer& writer, std::string_view name, std::string_view value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void Member(Writer& writer, std::string_view name, std::uint64_t value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.Uint64(value);
}

void Milliseconds(Writer& writer, std::string_view name, std::chrono::nanoseconds value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.Double(std::chrono::duration<double, std::milli>(value).count());
}

// RFC 3339, UTC, to the microsecond.
std::string Now() {
  const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const auto fraction = now.time_since_epoch().count() % 1'000'000;
  return fmt::format("{}.{:06}Z", text.data(), fraction);
}

std::string_view NameOf(spdlog::level::level_enum level) {
  return level == spdlog::level::warn ? "warning" : "info";
}

void LogEventAt(spdlog::level::level_enum level, spdlog::logger& logger, std::string_view event,
                std::string_view message) {
  if (!logger.should_log(level)) return;
  rapidjson::StringBuffer line;
  Writer writer(line);
  writer.StartObject();
  Member(writer, "time", Now());
  Member(writer, "level", NameOf(level));
  Member(writer, "event", event);
  Member(writer, "message", message);
  writer.EndObject();
  logger.log(level, spdlog::string_view_t(line.GetString(), line.GetSize()));
}

bool IsOurFault(std::string_view code) {
  return code == "INTERNAL" || code == "UNKNOWN" || code == "UNAVAILABLE" ||
         code == "DEADLINE_EXCEEDED";
}

}  // namespace

RpcLog::RpcLog(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

void RpcLog::Write(const RpcRecord& record) const {
  const auto level = IsOurFault(record.code) ? spdlog::level::warn : spdlog::level::info;
  if (!logger_->should_log(level)) return;
  rapidjson::StringBuffer line;
  Writer writer(line);
  writer.SetMaxDecimalPlaces(3);
  writer.StartObject();
  Member(writer, "time", Now());
  Member(writer, "level", NameOf(level));
  Member(writer, "event", "rpc");
  Member(writer, "method", record.method);
  Member(writer, "code", record.code);
  if (!record.reason.empty()) Member(writer, "reason", record.reason);
  if (record.http_status != 0) {
    Member(writer, "http_status", static_cast<std::uint64_t>(record.http_status));
  }
  Milliseconds(writer, "duration_ms", record.duration);
  Milliseconds(writer, "upstream_ms", record.upstream_duration);
  Member(writer, "request_bytes", record.request_bytes);
  Member(writer, "response_bytes", record.response_bytes);
  Member(writer, "request_id", record.request_id);
  if (!record.trace_id.empty()) Member(writer, "trace_id", record.trace_id);
  writer.EndObject();
  logger_->log(level, spdlog::string_view_t(line.GetString(), line.GetSize()));
}

std::shared_ptr<spdlog::logger> StandardErrorLogger() {
  auto logger = std::make_shared<spdlog::logger>("gateway",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  return logger;
}

bool SetLogLevel(spdlog::logger& logger, std::string_view level) {
  using spdlog::level::level_enum;
  static constexpr std::array<std::pair<std::string_view, level_enum>, 5> kLevels = {
      {{"debug", level_enum::debug},
       {"info", level_enum::info},
       {"warning", level_enum::warn},
       {"error", level_enum::err},
       {"off", level_enum::off}}};
  for (const auto& [name, value] : kLevels) {
    if (name != level) continue;
    logger.set_level(value);
    return true;
  }
  return false;
}

void LogEvent(spdlog::logger& logger, std::string_view event, std::string_view message) {
  LogEventAt(spdlog::level::info, logger, event, message);
}

void LogWarning(spdlog::logger& logger, std::string_view event, std::string_view message) {
  LogEventAt(spdlog::level::warn, logger, event, message);
}

}  // namespace docspace::gateway
