#include "client/cpp/retry.h"

#include <algorithm>

namespace docspace::apikeys {

bool IsSafeToRetry(Access access, const ApiKeysError& error) {
  switch (error.code) {
    case grpc::StatusCode::UNAVAILABLE:
      return access == Access::kRead || error.NothingWasDone();
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return error.FromGateway() &&
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
  const bool limited =
      error.code == grpc::StatusCode::RESOURCE_EXHAUSTED && !error.retry_delay.has_value();
  const std::chrono::nanoseconds initial =
      limited ? std::max<std::chrono::nanoseconds>(policy.initial_backoff, std::chrono::seconds(1))
              : policy.initial_backoff;
  // A longer wait would overflow together with the gateway's.
  const std::chrono::nanoseconds longest =
      std::min<std::chrono::nanoseconds>(policy.max_backoff, std::chrono::days(365));
  std::chrono::nanoseconds ceiling = std::min(initial, longest);
  for (int doubled = 1; doubled < attempts && ceiling < longest; ++doubled) {
    ceiling = ceiling > longest / 2 ? longest : ceiling * 2;
  }
  // Jitter on top of the gateway's delay too: it tells all its callers the same.
  const double part = limited ? 0.5 + jitter / 2 : jitter;
  const auto delay = error.retry_delay.value_or(std::chrono::nanoseconds::zero()) +
                     std::chrono::duration_cast<std::chrono::nanoseconds>(ceiling * part);
  if (delay >= remaining) return std::nullopt;
  return delay;
}

}  // namespace docspace::apikeys
