// A plaintext port of the health service alone, for probes that have no certificate.
#ifndef SERVER_HEALTH_HEALTH_SERVER_H_
#define SERVER_HEALTH_HEALTH_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/health/health_service.h"
#include "server/health/serving_status.h"
#include "server/rpc/event_loop.h"
#include "server/rpc/listener.h"
#include "server/rpc/server_call.h"

namespace docspace::gateway {

class HealthServer {
 public:
  // Serves when it returns, until it is destroyed, what `status` says; `status` changes no more
  // after that. UNAVAILABLE where the address cannot be bound. It has an event loop of its own, and
  // `limits` should leave it connections where callers have taken all of theirs.
  static absl::StatusOr<std::unique_ptr<HealthServer>> Start(const std::string& address,
                                                             ServingStatus& status,
                                                             const Listener::Limits& limits,
                                                             Listener::Callbacks told);
  ~HealthServer();
  HealthServer(const HealthServer&) = delete;
  HealthServer& operator=(const HealthServer&) = delete;

  int port() const { return listener_->port(); }

 private:
  explicit HealthServer(ServingStatus& status) : service_(status) {}

  HealthService service_;
  grpc::AsyncGenericService calls_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<CallGroup> group_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_HEALTH_SERVER_H_
