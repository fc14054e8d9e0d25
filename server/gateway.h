// The running gateway: it starts the workers, the service and the servers, and ends them.
#ifndef SERVER_GATEWAY_H_
#define SERVER_GATEWAY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/config/config.h"
#include "server/health/serving_status.h"
#include "server/http/caching_resolver.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {
namespace tracing {
class OtlpExporter;
}

// Gateway serves callers and operators from Start until Drain. Its methods may be called by one
// thread at a time unless they say that they are thread-safe.
class Gateway {
 public:
  // The parts of the process that the gateway uses. Tests replace them.
  struct Surroundings {
    // Resolves the names of portals. Thread-safe; called on the event loops.
    http::Resolve resolve = http::SystemResolve;
    // The clock that measures whether event loops respond. Thread-safe.
    std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
    // The text of the operators' page about the configuration.
    std::string printed_config;
    // The number of log lines that were dropped so far. Thread-safe.
    std::function<std::uint64_t()> log_lines_dropped = [] { return std::uint64_t{0}; };
  };

  // Starts a gateway, which serves when Start returns. Returns INVALID_ARGUMENT, with the name of
  // the setting, if certificates cannot be used, before anything is bound. Returns UNAVAILABLE,
  // with the name of the setting, if an address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(const Config& config,
                                                        std::shared_ptr<spdlog::logger> logger,
                                                        Surroundings surroundings);
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(const Config& config,
                                                        std::shared_ptr<spdlog::logger> logger) {
    return Start(config, std::move(logger), Surroundings());
  }

  // Ends calls in flight at once, unless Drain has run.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Ends the gateway without losing a response. Health turns to NOT_SERVING. After `drain_delay`
  // the gateway refuses further calls. Calls in flight have `drain_grace` to end; at its end the
  // gateway finishes the others with UNAVAILABLE, or with UNKNOWN if a write had been sent. Blocks
  // until no call is left.
  void Drain();

  // Writes the `suppressed` log lines that are due, and reports changes of liveness to the watchers
  // of the health service. Must be called every few seconds.
  void Tick();

  // Makes threads read the files of certificates, keys and access to portals again. Does not block.
  // Thread-safe.
  void ReloadFiles();

  // Returns the address for callers, with the port that was bound: "0.0.0.0:50051".
  const std::string& address() const;
  int port() const;
  // Returns the port of the health service; 0 if it has none of its own.
  int health_port() const;
  // Returns the address for operators, such as "127.0.0.1:9090"; empty if there is none.
  std::string admin_address() const;

  const ServingStatus& serving_status() const;

  // Returns the number of calls that hold a permit. Thread-safe.
  std::size_t calls_in_flight() const;

  // Returns the bytes that calls hold, as --max-buffered-bytes counts them. Thread-safe.
  std::size_t buffered_bytes() const;

  // Returns null if calls are not traced.
  const tracing::OtlpExporter* span_exporter() const;

 private:
  class Impl;

  explicit Gateway(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace docspace::gateway

#endif  // SERVER_GATEWAY_H_
