// Asks the gateway of the same configuration, on this machine, whether it serves.
#ifndef SERVER_HEALTH_HEALTH_PROBE_H_
#define SERVER_HEALTH_HEALTH_PROBE_H_

#include "absl/status/status.h"
#include "server/config/config.h"

namespace docspace::gateway {

// By a check of its health service at --health-listen, or else at --listen, over loopback where it
// is bound to every address. OK if it serves; UNAVAILABLE, with the reason, if it does not, or has
// not answered within a few seconds; INVALID_ARGUMENT where it cannot be asked: its port is not
// fixed, or callers are served over TLS and there is no --health-listen.
absl::Status ProbeHealth(const Config& config);

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_HEALTH_PROBE_H_
