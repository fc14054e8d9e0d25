// Checks from another process whether the gateway of a configuration serves.
#ifndef SERVER_HEALTH_HEALTH_PROBE_H_
#define SERVER_HEALTH_HEALTH_PROBE_H_

#include "absl/status/status.h"
#include "server/config/config.h"

namespace docspace::gateway {

// Calls the health service at --health-listen, or else at --listen, over loopback if the gateway
// listens at every address. Returns OK if the gateway serves; UNAVAILABLE, with the reason, if it
// does not, or does not respond within a few seconds; INVALID_ARGUMENT if the call cannot be made:
// the port is not fixed, or callers are served over TLS and there is no --health-listen. Blocks.
absl::Status ProbeHealth(const Config& config);

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_HEALTH_PROBE_H_
