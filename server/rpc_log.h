// One line of JSON for each RPC, without anything that the caller or the portal keeps secret.
#ifndef SERVER_RPC_LOG_H_
#define SERVER_RPC_LOG_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// What is known of a finished RPC. There is no field for a credential, a message or a body.
struct RpcRecord {
  std::string_view method;
  // Its name in the configuration; empty: the call did not get as far as choosing one.
  std::string_view portal;
  std::string_view code;
  std::string reason;
  std::string request_id;
  std::string trace_id;
  // 0: no response came.
  int http_status = 0;
  std::chrono::nanoseconds duration{};
  // From the request's start to the last octet of the response; waiting for a connection included.
  std::chrono::nanoseconds upstream_duration{};
  std::size_t request_bytes = 0;
  std::size_t response_bytes = 0;
};

class RpcLog {
 public:
  explicit RpcLog(std::shared_ptr<spdlog::logger> logger);

  // OK at level info; the caller's own errors too; what the gateway or portal did wrong at warning.
  void Write(const RpcRecord& record) const;

 private:
  const std::shared_ptr<spdlog::logger> logger_;
};

// A logger of lines that are JSON already, to standard error. The caller keeps the level.
std::shared_ptr<spdlog::logger> StandardErrorLogger();

// Of "debug", "info", "warning", "error" and "off"; false for any other, which changes nothing.
// From any thread.
bool SetLogLevel(spdlog::logger& logger, std::string_view level);

// {"time":…,"level":"info","event":event, "message":message}: for start, drain and stop.
void LogEvent(spdlog::logger& logger, std::string_view event, std::string_view message);
// The same at level warning: for what somebody should look into.
void LogWarning(spdlog::logger& logger, std::string_view event, std::string_view message);

}  // namespace docspace::gateway

#endif  // SERVER_RPC_LOG_H_
