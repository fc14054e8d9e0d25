// One line of JSON for each RPC, without anything that the caller or the portal keeps secret.
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

// What is known of a finished RPC. There is no field for a credential, a message or a body.
struct RpcRecord {
  std::string_view method;
  // The portal's name in the configuration; empty where the call named none that is known.
  std::string_view portal;
  std::string_view code;
  std::string reason;
  std::string request_id;
  std::string trace_id;
  std::string span_id;
  // 0: no response came, because of `failure`, which names no content and no address; empty if the
  // call was not sent at all.
  int http_status = 0;
  std::string failure;
  // The key that a write names, or that it created; empty if the id is not a GUID.
  std::string key_id;
  // The address that the caller's connection comes from, "192.0.2.1:50000" or
  // "[2001:db8::1]:50000". Behind a proxy it is the proxy's. Empty if addresses are not logged.
  std::string peer;
  // The subject alternative name of the caller's certificate that TLS has verified; empty without.
  std::string certificate;
  // Of a write to which no response came that can be understood as HTTP: whether any of it may have
  // reached the portal.
  std::optional<bool> write_sent{};
  std::chrono::nanoseconds duration{};
  // From the request's start to the last octet of the response; waiting for a connection included.
  std::chrono::nanoseconds upstream_duration{};
  std::size_t request_bytes = 0;
  std::size_t response_bytes = 0;
};

// What is known of one attempt of an RPC at the portal.
struct AttemptRecord {
  std::string_view method;
  std::string request_id;
  int number = 0;  // From 1.
  // 0: no response came, because of `failure`.
  int http_status = 0;
  std::string failure;
  bool reused_connection = false;
  std::chrono::nanoseconds duration{};
};

class RpcLog {
 public:
  // `now` is asked for each warning.
  explicit RpcLog(
      std::shared_ptr<spdlog::logger> logger, LogRateLimiter::Options limit = {},
      std::function<LogRateLimiter::Clock::time_point()> now = &LogRateLimiter::Clock::now);
  // Sums up what is left.
  ~RpcLog();
  RpcLog(const RpcLog&) = delete;
  RpcLog& operator=(const RpcLog&) = delete;

  // OK at level info; the caller's own errors too; what the gateway or portal did wrong at warning.
  // Warnings of the same method, code and reason are limited: those beyond it make one line,
  // `suppressed`, with their `count`. Thread-safe.
  void Write(const RpcRecord& record);
  // At level debug.
  void WriteAttempt(const AttemptRecord& record);
  bool WritesTries() const;
  // Writes the sums that are due, as Write does too.
  void FlushSuppressed();

 private:
  void WriteSums(const std::vector<LogRateLimiter::Repeats>& sums);

  const std::shared_ptr<spdlog::logger> logger_;
  const std::function<LogRateLimiter::Clock::time_point()> now_;
  LogRateLimiter limiter_;
};

}  // namespace docspace::gateway

#endif  // SERVER_LOG_RPC_LOG_H_
