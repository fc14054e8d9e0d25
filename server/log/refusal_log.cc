#include "server/log/refusal_log.h"

#include <spdlog/spdlog.h>

#include <string>

#include "server/log/log_line.h"

namespace docspace::gateway {
namespace {

constexpr std::string_view kEvent = "caller_refused";

}  // namespace

void RefusalLog::Write(std::string_view peer, std::string_view why) {
  FlushSuppressed();
  if (!logger_->should_log(spdlog::level::info) ||
      !limiter_.ShouldLog({std::string(kEvent), "", std::string(why)},
                          LogRateLimiter::Clock::now())) {
    return;
  }
  LogLine(spdlog::level::info, kEvent).Add("message", why).AddIfAny("peer", peer).WriteTo(*logger_);
}

void RefusalLog::FlushSuppressed() {
  if (!limiter_.any()) return;
  for (const LogRateLimiter::Repeats& sum : limiter_.TakeEnded(LogRateLimiter::Clock::now())) {
    LogLine(spdlog::level::info, "suppressed")
        .Add("what", sum.key.method)
        .Add("reason", sum.key.reason)
        .Add("count", sum.count)
        .WriteTo(*logger_);
  }
}

}  // namespace docspace::gateway
