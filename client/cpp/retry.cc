#include "client/cpp/retry.h"

#include <algorithm>
#include <random>

namespace docspace::apikeys {

std::chrono::nanoseconds Delay(const RetryPolicy& policy, const ApiKeysError& error, int attempts,
                               double jitter) {
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
  // The jitter is added to the gateway's delay too, because all its callers get the same delay.
  const double part = limited ? 0.5 + jitter / 2 : jitter;
  return error.retry_delay.value_or(std::chrono::nanoseconds::zero()) +
         std::chrono::duration_cast<std::chrono::nanoseconds>(ceiling * part);
}

std::optional<std::chrono::nanoseconds> NextDelay(const RetryPolicy& policy, Access access,
                                                  const ApiKeysError& error, int attempts,
                                                  std::chrono::nanoseconds remaining,
                                                  double jitter) {
  if (access == Access::kWrite || error.code != grpc::StatusCode::UNAVAILABLE) return std::nullopt;
  if (attempts >= policy.max_attempts) return std::nullopt;
  const auto delay = Delay(policy, error, attempts, jitter);
  if (delay >= remaining) return std::nullopt;
  return delay;
}

std::chrono::nanoseconds Backoff(const ApiKeysError& error, int attempts) {
  return Delay({.max_backoff = std::chrono::seconds(30)}, error, attempts, RandomJitter());
}

double RandomJitter() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace docspace::apikeys
