// Which failed calls may be tried again, and when. Pure.
#ifndef CLIENT_CPP_RETRY_H_
#define CLIENT_CPP_RETRY_H_

#include <chrono>
#include <optional>

#include "client/cpp/error.h"

namespace docspace::apikeys {

enum class Access { kRead, kWrite };

// Exponential back-off with full jitter: the wait before try n + 1 is uniform between 0 and
// min(max_backoff, initial_backoff · 2ⁿ⁻¹), on top of the delay that the gateway asks for.
//
// Most rate limits of a portal say no delay. The back-off then begins at one second, and at least
// half of it is waited.
struct RetryPolicy {
  // The first included; 1 never retries.
  int max_attempts = 4;
  std::chrono::nanoseconds initial_backoff = std::chrono::milliseconds(200);
  std::chrono::nanoseconds max_backoff = std::chrono::seconds(5);
};

// Whether a second try cannot apply a write twice and may succeed:
// - UNAVAILABLE from the gateway: it promises that the portal did not act;
// - UNAVAILABLE from gRPC itself (the gateway cannot be reached, or went away in mid-call), but
// only for a
//   read: a write may have been applied;
// - RESOURCE_EXHAUSTED from the gateway, RATE_LIMITED or GATEWAY_OVERLOADED, with a delay or
// without one. Nothing else: above all not UNKNOWN, which is what a write of unknown outcome is.
bool IsSafeToRetry(Access access, const ApiKeysError& error);

// How long to wait before the next try, or none for no other try.
//
// `attempts`: those made so far, at least 1. `remaining`: until the deadline of the whole call; a
// wait that does not fit is not begun. `jitter`: uniform in [0, 1).
std::optional<std::chrono::nanoseconds> NextDelay(const RetryPolicy& policy, Access access,
                                                  const ApiKeysError& error, int attempts,
                                                  std::chrono::nanoseconds remaining,
                                                  double jitter);

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_RETRY_H_
