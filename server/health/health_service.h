// The health service of gRPC, grpc.health.v1, on the gateway's own event loops. gRPC's own
// implementation is not used, because it needs threads that poll beside the loops, and each of
// those would take events of calls away from the loop that they are for.
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
  // The largest request in bytes, and the most Watch streams on each loop.
  static constexpr std::size_t kMaxRequestBytes = 4096;
  static constexpr std::size_t kMaxWatchers = 256;

  // Reports `status`, which must outlive this object. This object must outlive its calls.
  explicit HealthService(ServingStatus& status);
  ~HealthService();

  // Adds the service to those that `group` serves. `group` must outlive all changes of the status.
  void Serve(CallGroup& group);

 private:
  class CheckCall;
  class WatchCall;
  struct Watchers;

  grpc::health::v1::HealthCheckResponse::ServingStatus StatusOf(const std::string& service) const;

  ServingStatus& status_;
  // One for each group, used on the thread of the group's loop.
  std::vector<std::unique_ptr<Watchers>> watchers_;
};

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_HEALTH_SERVICE_H_
