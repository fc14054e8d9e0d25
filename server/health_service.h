// The health service of gRPC, grpc.health.v1, on the gateway's own event loops: gRPC's own needs
// threads that poll beside them, and each would take calls' events away from the loop they are for.
#ifndef SERVER_HEALTH_SERVICE_H_
#define SERVER_HEALTH_SERVICE_H_

#include <list>
#include <memory>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/server_call.h"
#include "server/serving_status.h"

namespace docspace::gateway {

class HealthService {
 public:
  // Says what `status` does, which outlives it. Outlives its calls.
  explicit HealthService(ServingStatus& status);
  ~HealthService();

  // To be registered with the server.
  grpc::Service& service() { return service_; }

  // Takes calls in `group`, which outlives all changes of the status, from now on. The server has
  // started.
  void Serve(CallGroup& group);

 private:
  class CheckCall;
  class WatchCall;
  struct Watchers;

  grpc::health::v1::HealthCheckResponse::ServingStatus StatusOf(const std::string& service) const;

  ServingStatus& status_;
  grpc::health::v1::Health::AsyncService service_;
  // One for each group, used on its loop's thread.
  std::vector<std::unique_ptr<Watchers>> watchers_;
};

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_SERVICE_H_
