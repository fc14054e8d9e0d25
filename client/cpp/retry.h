// The waits before further attempts of a call.
#ifndef CLIENT_CPP_RETRY_H_
#define CLIENT_CPP_RETRY_H_

#include <chrono>
#include <optional>

#include "client/cpp/error.h"

namespace docspace::apikeys {

enum class Access { kRead, kWrite };

// Exponential back-off with full jitter: the wait before attempt n + 1 is uniform between 0 and
// min(max_backoff, initial_backoff · 2ⁿ⁻¹), on top of the delay that the gateway requests.
//
// Most rate limits of a portal state no delay. The back-off then begins at one second, and the wait
// is at least half of it.
struct RetryPolicy {
  // Includes the first attempt; 1 never retries.
  int max_attempts = 4;
  std::chrono::nanoseconds initial_backoff = std::chrono::milliseconds(200);
  std::chrono::nanoseconds max_backoff = std::chrono::seconds(5);
};

// Returns the wait of `policy` after `attempts` attempts (at least 1), the last of which failed
// with `error`. `jitter` is uniform in [0, 1). Pure.
std::chrono::nanoseconds Delay(const RetryPolicy& policy, const ApiKeysError& error, int attempts,
                               double jitter);

// Returns how long the client itself waits before it repeats a call, or none if it does not.
//
// The client repeats reads that fail with UNAVAILABLE, and never a write. `remaining` is the time
// until the deadline of the whole call; a wait that does not fit is not begun. Pure.
std::optional<std::chrono::nanoseconds> NextDelay(const RetryPolicy& policy, Access access,
                                                  const ApiKeysError& error, int attempts,
                                                  std::chrono::nanoseconds remaining,
                                                  double jitter);

// Returns how long a program waits before it repeats a call whose error IsSafeToRetry(), after
// `attempts` attempts (at least 1): Delay() by the default policy with waits of up to 30 seconds
// and a random jitter. Thread-safe.
std::chrono::nanoseconds Backoff(const ApiKeysError& error, int attempts);

// Returns a random number, uniform in [0, 1). Thread-safe.
double RandomJitter();

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_RETRY_H_
