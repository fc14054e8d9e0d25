// The limits of the servers, computed from the configuration.
#ifndef SERVER_SERVER_SETTINGS_H_
#define SERVER_SERVER_SETTINGS_H_

#include <grpcpp/server_builder.h>

#include <cstddef>

#include "server/config/config.h"
#include "server/rpc/listener.h"
#include "server/rpc/server_call.h"

namespace docspace::gateway {

// The most connections of operators to one port: there are a few probes at a time, each for a
// moment.
inline constexpr std::size_t kOperatorConnections = 64;

// Sets the limits of gRPC for one of `servers` servers for callers. Must be called before the
// server is built.
void ConfigureServer(const Config& config, std::size_t servers, grpc::ServerBuilder& builder);

// Returns the limits for the calls of all event loops.
CallLimits MakeCallLimits(const Config& config);

// Returns the limits for the listener for callers: at most as many descriptors as the rest of the
// process leaves, including the operators' connections.
Listener::Limits MakeCallerLimits(const Config& config, std::size_t workers);

// Returns the limits for a listener for operators. Callers cannot use up its descriptors.
Listener::Limits MakeOperatorLimits(std::size_t workers);

// Returns the bytes of memory above which the process closes connections of callers: those that it
// may hold for them, plus those that it needs itself.
std::size_t GuardedMemory(const Config& config);

}  // namespace docspace::gateway

#endif  // SERVER_SERVER_SETTINGS_H_
