#include "server/log/rpc_log.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/base/status_fault.h"
#include "server/log/log_line.h"

namespace docspace::gateway {

RpcLog::RpcLog(std::shared_ptr<spdlog::logger> logger, LogRateLimiter::Options limit,
               std::function<LogRateLimiter::Clock::time_point()> now)
    : logger_(std::move(logger)), now_(std::move(now)), limiter_(limit) {}

RpcLog::~RpcLog() { WriteSums(limiter_.TakeAll()); }

void RpcLog::FlushSuppressed() {
  if (limiter_.any()) WriteSums(limiter_.TakeEnded(now_()));
}

void RpcLog::WriteSums(const std::vector<LogRateLimiter::Repeats>& sums) {
  for (const LogRateLimiter::Repeats& sum : sums) {
    LogLine(spdlog::level::warn, "suppressed")
        .Add("method", sum.key.method)
        .Add("code", sum.key.code)
        .AddIfAny("reason", sum.key.reason)
        .Add("count", sum.count)
        .WriteTo(*logger_);
  }
}

void RpcLog::Write(const RpcRecord& record) {
  const auto level = IsServerFault(record.code) ? spdlog::level::warn : spdlog::level::info;
  FlushSuppressed();
  if (!logger_->should_log(level)) return;
  if (level == spdlog::level::warn &&
      !limiter_.ShouldLog({std::string(record.method), std::string(record.code), record.reason},
                          now_())) {
    return;
  }
  LogLine line(level, "rpc");
  line.Add("method", record.method).Add("code", record.code).AddIfAny("reason", record.reason);
  line.AddIfAny("portal", record.portal);
  if (record.http_status != 0) {
    line.Add("http_status", static_cast<std::uint64_t>(record.http_status));
  }
  line.AddIfAny("failure", record.failure);
  if (record.write_sent) line.AddFlag("write_sent", *record.write_sent);
  line.AddIfAny("key_id", record.key_id);
  line.AddDuration("duration_ms", record.duration);
  line.AddDuration("upstream_ms", record.upstream_duration);
  line.Add("request_bytes", record.request_bytes).Add("response_bytes", record.response_bytes);
  line.AddIfAny("peer", record.peer).AddIfAny("certificate", record.certificate);
  line.AddIfAny("refusal", record.refusal);
  line.Add("request_id", record.request_id);
  line.AddIfAny("trace_id", record.trace_id).AddIfAny("span_id", record.span_id);
  line.WriteTo(*logger_);
}

bool RpcLog::WritesTries() const { return logger_->should_log(spdlog::level::debug); }

void RpcLog::WriteAttempt(const AttemptRecord& record) {
  if (!WritesTries()) return;
  LogLine line(spdlog::level::debug, "try");
  line.Add("method", record.method).Add("try", static_cast<std::uint64_t>(record.number));
  if (record.http_status != 0) {
    line.Add("http_status", static_cast<std::uint64_t>(record.http_status));
  } else {
    line.Add("failure", record.failure);
  }
  line.AddFlag("reused_connection", record.reused_connection);
  line.AddDuration("duration_ms", record.duration);
  line.Add("request_id", record.request_id);
  line.WriteTo(*logger_);
}

}  // namespace docspace::gateway
