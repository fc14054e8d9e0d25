// The running gateway: workers, service and gRPC server, and how they end.
#ifndef SERVER_GATEWAY_H_
#define SERVER_GATEWAY_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/http/address_book.h"
#include "server/serving_status.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {
namespace tracing {
class OtlpExporter;
}

class Gateway {
 public:
  // Serves when it returns. `resolve` finds the portal's addresses, on several threads at a time.
  // INVALID_ARGUMENT names a setting of certificates that cannot be used; nothing is bound then.
  // UNAVAILABLE where the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(
      const Config& config, std::shared_ptr<spdlog::logger> logger,
      const http::Resolve& resolve = http::SystemResolve);

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

  // Writes the sums of suppressed log lines that are due: to be called now and then.
  void SumUpLog();

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
