#include "server/grpc_log.h"

#include <grpc/support/log.h>

#include <mutex>
#include <utility>

#include "server/rpc_log.h"

namespace docspace::gateway {
namespace {

// gRPC takes a function without anything of ours, and may call it until the very end.
struct Target {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
};

Target& TheTarget() {
  static auto& target = *new Target;
  return target;
}

void Write(gpr_log_func_args* entry) {
  Target& target = TheTarget();
  const std::lock_guard lock(target.mutex);
  LogWarning(*target.logger, "grpc", entry->message);
}

}  // namespace

void LogGrpcThrough(std::shared_ptr<spdlog::logger> logger) {
  Target& target = TheTarget();
  {
    const std::lock_guard lock(target.mutex);
    target.logger = std::move(logger);
  }
  gpr_set_log_function(&Write);
}

}  // namespace docspace::gateway
