#include "server/rpc_log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <ctime>
#include <utility>

#include "server/log_level.h"
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

RpcLog::RpcLog(std::shared_ptr<spdlog::logger> logger, RepeatLimit::Options limit,
               std::function<RepeatLimit::Clock::time_point()> now)
    : logger_(std::move(logger)), now_(std::move(now)), repeats_(limit) {}

RpcLog::~RpcLog() { WriteSums(repeats_.TakeAll()); }

void RpcLog::SumUp() {
  if (repeats_.any()) WriteSums(repeats_.TakeEnded(now_()));
}

void RpcLog::WriteSums(const std::vector<RepeatLimit::Repeats>& sums) {
  for (const RepeatLimit::Repeats& sum : sums) {
    rapidjson::StringBuffer line;
    Writer writer(line);
    writer.StartObject();
    Member(writer, "time", Now());
    Member(writer, "level", NameOf(spdlog::level::warn));
    Member(writer, "event", "suppressed");
    Member(writer, "method", sum.what.method);
    Member(writer, "code", sum.what.code);
    if (!sum.what.reason.empty()) Member(writer, "reason", sum.what.reason);
    Member(writer, "count", sum.count);
    writer.EndObject();
    logger_->warn(spdlog::string_view_t(line.GetString(), line.GetSize()));
  }
}

void RpcLog::Write(const RpcRecord& record) {
  const auto level = IsOurFault(record.code) ? spdlog::level::warn : spdlog::level::info;
  SumUp();
  if (!logger_->should_log(level)) return;
  if (level == spdlog::level::warn &&
      !repeats_.Admits({std::string(record.method), std::string(record.code), record.reason},
                       now_())) {
    return;
  }
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
  if (!record.portal.empty()) Member(writer, "portal", record.portal);
  if (record.http_status != 0) {
    Member(writer, "http_status", static_cast<std::uint64_t>(record.http_status));
  }
  if (record.write_sent) {
    writer.Key("write_sent");
    writer.Bool(*record.write_sent);
  }
  Milliseconds(writer, "duration_ms", record.duration);
  Milliseconds(writer, "upstream_ms", record.upstream_duration);
  Member(writer, "request_bytes", record.request_bytes);
  Member(writer, "response_bytes", record.response_bytes);
  Member(writer, "request_id", record.request_id);
  if (!record.trace_id.empty()) Member(writer, "trace_id", record.trace_id);
  if (!record.span_id.empty()) Member(writer, "span_id", record.span_id);
  writer.EndObject();
  logger_->log(level, spdlog::string_view_t(line.GetString(), line.GetSize()));
}

bool RpcLog::WritesTries() const { return logger_->should_log(spdlog::level::debug); }

void RpcLog::WriteTry(const TryRecord& record) {
  if (!WritesTries()) return;
  rapidjson::StringBuffer line;
  Writer writer(line);
  writer.SetMaxDecimalPlaces(3);
  writer.StartObject();
  Member(writer, "time", Now());
  Member(writer, "level", NameOf(spdlog::level::debug));
  Member(writer, "event", "try");
  Member(writer, "method", record.method);
  Member(writer, "try", static_cast<std::uint64_t>(record.number));
  if (record.http_status != 0) {
    Member(writer, "http_status", static_cast<std::uint64_t>(record.http_status));
  } else {
    Member(writer, "failure", record.failure);
  }
  writer.Key("reused_connection");
  writer.Bool(record.reused_connection);
  Milliseconds(writer, "duration_ms", record.duration);
  Member(writer, "request_id", record.request_id);
  writer.EndObject();
  logger_->debug(spdlog::string_view_t(line.GetString(), line.GetSize()));
}

std::shared_ptr<spdlog::logger> StandardErrorLogger() {
  auto logger = std::make_shared<spdlog::logger>("gateway",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  return logger;
}

void SetLogLevel(spdlog::logger& logger, LogLevel level) {
  const bool quieter = level > logger.level();
  if (quieter) LogEvent(logger, "log_level", NameOf(level));
  logger.set_level(level);
  if (!quieter) LogEvent(logger, "log_level", NameOf(level));
}

void LogEvent(spdlog::logger& logger, std::string_view event, std::string_view message) {
  LogEventAt(spdlog::level::info, logger, event, message);
}

void LogWarning(spdlog::logger& logger, std::string_view event, std::string_view message) {
  LogEventAt(spdlog::level::warn, logger, event, message);
}

}  // namespace docspace::gateway
