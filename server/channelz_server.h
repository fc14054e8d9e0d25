// gRPC's channelz, which tells of sockets and calls, on a port of its own.
#ifndef SERVER_CHANNELZ_SERVER_H_
#define SERVER_CHANNELZ_SERVER_H_

#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace docspace::gateway {

// Serves in plaintext until it is destroyed. Every server that this process builds after the first
// call has the service too, so it comes after the others; each of those is told of if it has
// GRPC_ARG_ENABLE_CHANNELZ. UNAVAILABLE where the address cannot be bound.
absl::StatusOr<std::unique_ptr<grpc::Server>> StartChannelzServer(const std::string& address);

}  // namespace docspace::gateway

#endif  // SERVER_CHANNELZ_SERVER_H_
