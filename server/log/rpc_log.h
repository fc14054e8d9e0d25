// The log lines of RPCs. They hold nothing that the caller or the portal keeps secret.
#ifndef SERVER_LOG_RPC_LOG_H_
#define SERVER_LOG_RPC_LOG_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/log/log_rate_limiter.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// RpcRecord describes a finished RPC. It has no field for a credential, a message or a body.
struct RpcRecord {
  std::string_view method;
  // The portal's name in the configuration; empty if the call named no known portal.
  std::string_view portal;
  std::string_view code;
  std::string reason;
  std::string request_id;
  std::string trace_id;
  std::string span_id;
  // True if the spans of the call are exported.
  bool is_traced = false;
  // 0 if no response came; then `failure` says why, without content or addresses. `failure` is
  // empty if the call was not sent at all.
  int http_status = 0;
  std::string failure;
  // The key that a write names, or that it created; empty if the id is not a GUID.
  std::string key_id;
  // The address that the caller's connection comes from, "192.0.2.1:50000" or
  // "[2001:db8::1]:50000". Behind a proxy it is the proxy's. Empty if addresses are not logged.
  std::string peer;
  // The subject alternative name of the caller's certificate that TLS has verified; empty if there
  // is none.
  std::string certificate;
  // Why the caller's certificate does not entitle it to the call; empty if that is not so.
  std::string refusal{};
  // Set for a write that got no valid HTTP response: true if any of it may have reached the portal.
  std::optional<bool> write_sent{};
  std::chrono::nanoseconds duration{};
  // From the request's start to the last byte of the response, including the wait for a connection.
  std::chrono::nanoseconds upstream_duration{};
  std::size_t request_bytes = 0;
  std::size_t response_bytes = 0;
};

// AttemptRecord describes one attempt of an RPC at the portal.
struct AttemptRecord {
  std::string_view method;
  std::string request_id;
  int number = 0;  // From 1.
  // 0 if no response came, because of `failure`.
  int http_status = 0;
  std::string failure;
  bool reused_connection = false;
  std::chrono::nanoseconds duration{};
};

// RpcLog writes the lines of RPCs and of their attempts. Thread-safe.
class RpcLog {
 public:
  // `now` is called for each warning, and must be thread-safe.
  explicit RpcLog(
      std::shared_ptr<spdlog::logger> logger, LogRateLimiter::Options limit = {},
      std::function<LogRateLimiter::Clock::time_point()> now = &LogRateLimiter::Clock::now);
  // Writes the `suppressed` lines of all windows.
  ~RpcLog();
  RpcLog(const RpcLog&) = delete;
  RpcLog& operator=(const RpcLog&) = delete;

  // Writes a line at level info for OK and for errors of the caller, and at level warning for
  // errors of the gateway or the portal. Warnings with the same method, code and reason are
  // limited; afterwards one line, `suppressed`, gives the `count` of those left out.
  void Write(const RpcRecord& record);
  // Writes a line at level debug.
  void WriteAttempt(const AttemptRecord& record);
  // Returns whether the logger's level includes lines of attempts.
  bool WritesTries() const;
  // Writes the `suppressed` lines of windows that have ended. Write does so too.
  void FlushSuppressed();

 private:
  void WriteSums(const std::vector<LogRateLimiter::Repeats>& sums);

  const std::shared_ptr<spdlog::logger> logger_;
  const std::function<LogRateLimiter::Clock::time_point()> now_;
  LogRateLimiter limiter_;
};

}  // namespace docspace::gateway

#endif  // SERVER_LOG_RPC_LOG_H_
