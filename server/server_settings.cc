#include "server/server_settings.h"

#include <grpc/grpc.h>

#include <memory>

#include "server/rpc/server_limits.h"

namespace docspace::gateway {
namespace {

// The memory, in bytes, that the process has besides the memory it holds for callers.
constexpr std::size_t kOwnMemory = std::size_t{64} * 1024 * 1024;

// Descriptors for files and for gRPC's own use, and those of each event loop and of its name
// resolutions.
constexpr std::size_t kFiles = 64;
constexpr std::size_t kDescriptorsOfLoop = 8;
// Health and channelz have kOperatorConnections each; the administration has fewer.
constexpr std::size_t kDescriptorsOfOperators = 3 * kOperatorConnections;

}  // namespace

void ConfigureServer(const Config& config, std::size_t servers, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, config.listen.channelz.empty() ? 0 : 1);
  SetLimits({.request_bytes = config.limits.max_request_bytes,
             .metadata_bytes = config.limits.max_metadata_bytes,
             .streams = config.limits.max_streams,
             .memory = config.limits.max_grpc_memory / servers,
             .handshake = config.limits.handshake_timeout,
             .age = config.limits.max_connection_age,
             .age_grace = config.limits.request_timeout},
            builder);
}

CallLimits MakeCallLimits(const Config& config) {
  return {.message_timeout = config.limits.message_timeout,
          .write_timeout = config.limits.request_timeout,
          .memory = std::make_shared<CallMemory>(config.limits.max_waiting_bytes,
                                                 config.limits.max_buffered_bytes / 4),
          // A caller that knows the limit may begin a call before the gateway knows that another
          // has ended.
          .calls_of_connection = 2 * config.limits.max_streams,
          // HTTP/2 counts 32 bytes for an entry besides its name and value (RFC 9113, 6.5.2).
          .metadata_entries = config.limits.max_metadata_bytes / 32};
}

Listener::Limits MakeCallerLimits(const Config& config, std::size_t workers) {
  return {.connections = config.limits.max_caller_connections,
          .other_descriptors = config.Portals().size() * config.portal.pool.max_connections +
                               kFiles + kDescriptorsOfOperators + workers * kDescriptorsOfLoop};
}

Listener::Limits MakeOperatorLimits(std::size_t workers) {
  return {.connections = kOperatorConnections, .other_descriptors = workers * kDescriptorsOfLoop};
}

std::size_t GuardedMemory(const Config& config) {
  return kOwnMemory + config.limits.max_buffered_bytes + config.limits.max_grpc_memory;
}

}  // namespace docspace::gateway
