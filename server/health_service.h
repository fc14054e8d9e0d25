// The health service of gRPC, grpc.health.v1, on the gateway's own event loops: gRPC's own needs
// threads that poll beside them, and each would take calls' events away from the loop they are for.
#ifndef SERVER_HEALTH_SERVICE_H_
#define SERVER_HEALTH_SERVICE_H_

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/server_call.h"

namespace docspace::gateway {

class HealthService {
 public:
  // Serving, as the whole ("") and as `service`. Outlives its calls.
  explicit HealthService(std::string service);
  ~HealthService();

  // To be registered with the server.
  grpc::Service& service() { return service_; }

  // Takes calls in `group` from now on. The server has started. From one thread.
  void Serve(CallGroup& group);

  // NOT_SERVING from now on; whoever watches is told. From the thread of Serve.
  void SetNotServing();

 private:
  class CheckCall;
  class WatchCall;
  struct Watchers;

  grpc::health::v1::HealthCheckResponse::ServingStatus StatusOf(const std::string& service) const;

  const std::string name_;
  grpc::health::v1::Health::AsyncService service_;
  std::atomic<bool> is_serving_{true};
  // One for each group, used on its loop's thread.
  std::vector<std::unique_ptr<Watchers>> watchers_;
};

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_SERVICE_H_
