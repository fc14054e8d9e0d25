// The running gateway: workers, service and gRPC server, and how they end.
#ifndef SERVER_GATEWAY_H_
#define SERVER_GATEWAY_H_

#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/admin/admin.h"
#include "server/api_keys_service.h"
#include "server/certificate_watch.h"
#include "server/config.h"
#include "server/health_port.h"
#include "server/health_service.h"
#include "server/http/address_book.h"
#include "server/listener.h"
#include "server/portal_search.h"
#include "server/reflection_service.h"
#include "server/rpc_log.h"
#include "server/serving_status.h"
#include "server/tracing/otlp_exporter.h"
#include "server/tracing/tracer.h"
#include "server/worker.h"

namespace docspace::gateway {

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
  const std::string& address() const { return address_; }
  int port() const { return listener_->port(); }
  // Where the health service alone is served; 0 where it is not.
  int health_port() const { return health_port_ ? health_port_->port() : 0; }
  const ServingStatus& serving_status() const { return status_; }

  // Writes the sums of suppressed log lines that are due: to be called now and then.
  void SumUpLog() { log_.SumUp(); }

  // Null where nothing is traced.
  const tracing::OtlpExporter* span_exporter() const { return spans_.get(); }

  // Where operators are served, likewise; empty where they are not.
  std::string admin_address() const { return admin_.address(); }

  // Bytes that calls hold, as --max-buffered-bytes counts them.
  std::size_t buffered_bytes() const { return service_.memory().charged(); }

 private:
  // `trace_authorities` in PEM.
  Gateway(Config config, std::shared_ptr<spdlog::logger> logger,
          const std::string& trace_authorities);

  absl::Status Serve(const http::Resolve& resolve);
  absl::Status ServeOperators();
  Listener::Limits ListenerLimits(std::size_t further_connections) const;
  Listener::Callbacks ListenerCallbacks() const;
  GatewayMetrics::Sources MetricsSources() const;
  void StopServing(http::Clock::duration grace);
  // Whether no call is in flight, nor its answer on its way, within that time.
  bool BecomesIdle(http::Clock::duration patience) const;
  void CutConnections();
  void CutConnectionsOnceIdle(http::Timer& timer, bool was_idle = false);

  const Config config_;
  const std::shared_ptr<spdlog::logger> logger_;
  RpcLog log_;
  // These two outlive the calls.
  const std::unique_ptr<tracing::OtlpExporter> spans_;
  const std::unique_ptr<tracing::Tracer> tracer_;
  std::unique_ptr<CertificateWatch> certificates_;
  std::unique_ptr<CertificateWatch> portal_certificates_;
  Admin admin_;
  ApiKeysService service_;
  ServingStatus status_{apikeys::v1::ApiKeys::service_full_name()};
  HealthService health_{status_};
  ReflectionService reflection_{{apikeys::v1::ApiKeys::service_full_name(),
                                 grpc::health::v1::Health::service_full_name(),
                                 grpc::reflection::v1alpha::ServerReflection::service_full_name()}};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
  std::string address_;
  std::shared_ptr<PortalSearch> search_;
  std::unique_ptr<HealthPort> health_port_;
  std::unique_ptr<grpc::Server> channelz_;
};

}  // namespace docspace::gateway

#endif  // SERVER_GATEWAY_H_
