// The reflection service of gRPC, grpc.reflection.v1 and v1alpha, on the gateway's own event loops.
// health_service.h gives the reason why gRPC's own is not used.
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
  // The largest request in bytes, the most streams of both versions together, and the longest time
  // that a stream may last.
  static constexpr std::size_t kMaxRequestBytes = 4096;
  static constexpr std::size_t kMaxStreams = 32;
  static constexpr std::chrono::seconds kMaxTime{60};

  // Returns the full names of the service: the messages of its two versions are the same on the
  // wire, so one implementation serves both.
  static std::vector<std::string> Names();

  // `services` are the full names of the services that are served beside this one. Only callers
  // that `callers` allows get a response. This object and `callers` must outlive the calls.
  ReflectionService(std::vector<std::string> services, const AllowedCallers& callers);

  // Adds the service to those that `group` serves.
  void Serve(CallGroup& group);

 private:
  class Call;

  const Reflection reflection_;
  const AllowedCallers& callers_;
  std::atomic<std::size_t> streams_ = 0;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_REFLECTION_SERVICE_H_
