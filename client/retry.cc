#include "client/retry.h"

#include <algorithm>

namespace docspace::apikeys {

bool IsSafeToRetry(Access access, const ApiKeysError& error) {
  switch (error.code) {
    case grpc::StatusCode::UNAVAILABLE:
      return access == Access::kRead || error.NothingWasDone();
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return error.FromGateway() && error.retry_delay &&
             (error.reason == "RATE_LIMITED" || error.reason == "GATEWAY_OVERLOADED");
    default:
      return false;
  }
}

std::optional<std::chrono::nanoseconds> NextDelay(const RetryPolicy& policy, Access access,
                                                  const ApiKeysError& error, int attempts,
                                                  std::chrono::nanoseconds remaining,
                                                  double jitter) {
  if (attempts >= policy.max_attempts || !IsSafeToRetry(access, error)) return std::nullopt;
  std::chrono::nanoseconds ceiling = std::min(policy.initial_backoff, policy.max_backoff);
  for (int doubled = 1; doubled < attempts && ceiling < policy.max_backoff; ++doubled) {
    ceiling = ceiling > policy.max_backoff / 2 ? policy.max_backoff : ceiling * 2;
  }
  // Jitter on top of the gateway's delay too: it tells all its callers the same.
  const auto delay = error.retry_delay.value_or(std::chrono::nanoseconds::zero()) +
                     std::chrono::duration_cast<std::chrono::nanoseconds>(ceiling * jitter);
  if (delay >= remaining) return std::nullopt;
  return delay;
}

}  // namespace docspace::apikeys
