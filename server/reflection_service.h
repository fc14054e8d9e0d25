// The reflection service of gRPC, grpc.reflection.v1alpha, on the gateway's own event loops: see
// health_service.h.
#ifndef SERVER_REFLECTION_SERVICE_H_
#define SERVER_REFLECTION_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "server/server_call.h"

namespace docspace::gateway {

class ReflectionService {
 public:
  // `services` are the full names of those that are served, this one included. Outlives its calls.
  explicit ReflectionService(std::vector<std::string> services) : services_(std::move(services)) {}

  // To be registered with the server.
  grpc::Service& service() { return service_; }

  // Takes calls in `group` from now on. The server has started.
  void Serve(CallGroup& group);

 private:
  class Call;

  const std::vector<std::string> services_;
  grpc::reflection::v1alpha::ServerReflection::AsyncService service_;
};

}  // namespace docspace::gateway

#endif  // SERVER_REFLECTION_SERVICE_H_
