// The reflection service of gRPC, grpc.reflection.v1alpha, on the gateway's own event loops: see
// health_service.h.
#ifndef SERVER_RPC_REFLECTION_SERVICE_H_
#define SERVER_RPC_REFLECTION_SERVICE_H_

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "server/caller/allowed_callers.h"
#include "server/rpc/reflection.h"
#include "server/rpc/server_call.h"

namespace docspace::gateway {

class ReflectionService {
 public:
  static constexpr const char* kName = "grpc.reflection.v1alpha.ServerReflection";
  // Requests are taken up to this size, in bytes; streams up to this number; and a stream ends
  // after this long.
  static constexpr std::size_t kMaxRequestBytes = 4096;
  static constexpr std::size_t kMaxStreams = 32;
  static constexpr std::chrono::seconds kMaxTime{60};

  // `services` are the full names of those that are served, this one included. For those alone whom
  // `callers` allows. Both this object and `callers` must outlive the calls.
  ReflectionService(const std::vector<std::string>& services, const AllowedCallers& callers)
      : reflection_(services), callers_(callers) {}

  // Adds the service to what `group` serves.
  void Serve(CallGroup& group);

 private:
  class Call;

  const Reflection reflection_;
  const AllowedCallers& callers_;
  std::atomic<std::size_t> streams_ = 0;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_REFLECTION_SERVICE_H_
