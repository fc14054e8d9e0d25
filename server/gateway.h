// The running gateway: workers, service and gRPC server, and how they end.
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
#include "server/http/address_book.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {
namespace tracing {
class OtlpExporter;
}

class Gateway {
 public:
  // What the gateway has from the process that it runs in; tests give their own.
  struct Surroundings {
    // Finds the portals' addresses. Used on the event loops, several at a time.
    http::Resolve resolve = http::SystemResolve;
    // The time by which event loops must turn. Thread-safe.
    std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
    // How many lines of the log were dropped. Thread-safe.
    std::function<std::uint64_t()> log_lines_dropped = [] { return std::uint64_t{0}; };
  };

  // Serves when it returns.
  // INVALID_ARGUMENT names a setting of certificates that cannot be used; nothing is bound then.
  // UNAVAILABLE where the address cannot be bound.
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

  // Health says NOT_SERVING; after `drain_delay` no call is taken any more; calls in flight have
  // `drain_grace` to finish, and are answered by the gateway at its end: with UNAVAILABLE, or with
  // UNKNOWN where a write had been sent. Returns when none is left.
  void Drain();

  // address:port, with the port that was bound.
  const std::string& address() const;
  int port() const;
  // Where the health service alone is served; 0 where it is not.
  int health_port() const;
  const ServingStatus& serving_status() const;

  // Writes the sums of suppressed log lines that are due, and tells those who watch of a change of
  // liveness: to be called every few seconds.
  void Tick();

  // Reads the files of certificates and keys again, on threads of their own. Thread-safe.
  void ReloadCertificates();

  // Calls that hold a permit. Thread-safe.
  std::size_t calls_in_flight() const;

  // Null where nothing is traced.
  const tracing::OtlpExporter* span_exporter() const;

  // Where operators are served, likewise; empty where they are not.
  std::string admin_address() const;

  // Bytes that calls hold, as --max-buffered-bytes counts them.
  std::size_t buffered_bytes() const;

 private:
  class Parts;

  explicit Gateway(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace docspace::gateway

#endif  // SERVER_GATEWAY_H_
