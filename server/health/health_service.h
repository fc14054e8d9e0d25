// The health service of gRPC, grpc.health.v1, on the gateway's own event loops: gRPC's own needs
// threads that poll beside them, and each would take calls' events away from the loop they are for.
#ifndef SERVER_HEALTH_HEALTH_SERVICE_H_
#define SERVER_HEALTH_HEALTH_SERVICE_H_

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "server/health/serving_status.h"
#include "server/rpc/server_call.h"

namespace docspace::gateway {

class HealthService {
 public:
  static constexpr const char* kName = "grpc.health.v1.Health";
  // Requests are taken up to this size, in bytes; Watch streams up to this number on each loop.
  static constexpr std::size_t kMaxRequestBytes = 4096;
  static constexpr std::size_t kMaxWatchers = 256;

  // Says what `status` says. `status` must outlive this object, and this object its calls.
  explicit HealthService(ServingStatus& status);
  ~HealthService();

  // Adds the service to what `group`, which outlives all changes of the status, serves.
  void Serve(CallGroup& group);

 private:
  class CheckCall;
  class WatchCall;
  struct Watchers;

  grpc::health::v1::HealthCheckResponse::ServingStatus StatusOf(const std::string& service) const;

  ServingStatus& status_;
  // One for each group, used on its loop's thread.
  std::vector<std::unique_ptr<Watchers>> watchers_;
};

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_HEALTH_SERVICE_H_
