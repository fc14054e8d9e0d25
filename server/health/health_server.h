// A plaintext port for the health service alone, for probes that have no certificate.
#ifndef SERVER_HEALTH_HEALTH_SERVER_H_
#define SERVER_HEALTH_HEALTH_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/health/health_service.h"
#include "server/health/serving_status.h"
#include "server/rpc/call_servers.h"
#include "server/rpc/event_loop.h"
#include "server/rpc/listener.h"
#include "server/rpc/server_call.h"

namespace docspace::gateway {

class HealthServer {
 public:
  // Starts a server that reports `status` from this function's return until its own destruction.
  // `status` must not change after that. The server has an event loop of its own, and `limits`
  // should leave it connections when callers have used all of theirs. Returns UNAVAILABLE if the
  // address cannot be bound.
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
  CallServers servers_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<CallGroup> group_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_HEALTH_SERVER_H_
