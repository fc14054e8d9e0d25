// The log lines of callers that are refused before they can make a call.
#ifndef SERVER_LOG_REFUSAL_LOG_H_
#define SERVER_LOG_REFUSAL_LOG_H_

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "server/log/log_rate_limiter.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// RefusalLog writes an event `caller_refused` for each caller that is refused because of its
// certificate: at most ten of one reason in ten seconds, after which one line, `suppressed`, gives
// the number of those left out. Thread-safe.
class RefusalLog {
 public:
  explicit RefusalLog(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

  // Writes a line at level info. `peer` is the caller's address, or empty if the log states none.
  // The number of different texts in `why` must be small.
  void Write(std::string_view peer, std::string_view why);
  // Writes the `suppressed` lines of windows that have ended. Write does so too.
  void FlushSuppressed();

 private:
  const std::shared_ptr<spdlog::logger> logger_;
  LogRateLimiter limiter_{{.lines = 10, .window = std::chrono::seconds(10)}};
};

}  // namespace docspace::gateway

#endif  // SERVER_LOG_REFUSAL_LOG_H_
