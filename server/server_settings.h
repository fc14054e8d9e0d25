// The limits of the servers that the configuration asks for.
#ifndef SERVER_SERVER_SETTINGS_H_
#define SERVER_SERVER_SETTINGS_H_

#include <grpcpp/server_builder.h>

#include <cstddef>

#include "server/config/config.h"
#include "server/rpc/listener.h"
#include "server/rpc/server_call.h"

namespace docspace::gateway {

// Connections of operators to one port: probes ask a few at a time, and each for a moment.
inline constexpr std::size_t kOperatorConnections = 64;

// The number of event loops: --threads, or one for each processor.
std::size_t WorkerCount(const Config& config);

// Sets what gRPC bounds on the server for callers. To be called before the server is built.
void ConfigureServer(const Config& config, grpc::ServerBuilder& builder);

// What the calls of one of `workers` event loops may hold.
CallLimits MakeCallLimits(const Config& config, std::size_t workers);

// What the listener for callers may take: no more descriptors than the rest of the process leaves,
// the operators' connections included.
Listener::Limits MakeCallerLimits(const Config& config, std::size_t workers);

// What a listener for operators may take. Callers cannot use up its descriptors.
Listener::Limits MakeOperatorLimits(std::size_t workers);

// Bytes of memory above which the process closes the connections of callers: what it may hold for
// them, and what it has for itself.
std::size_t GuardedMemory(const Config& config);

}  // namespace docspace::gateway

#endif  // SERVER_SERVER_SETTINGS_H_
