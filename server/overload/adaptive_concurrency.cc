#include "server/overload/adaptive_concurrency.h"

#include <algorithm>

namespace docspace::gateway {
namespace {

constexpr double kForgetting = 1.001;

}  // namespace

AdaptiveConcurrency::AdaptiveConcurrency(const AdaptiveConcurrencyOptions& options)
    : options_(options), limit_(options.min) {}

std::size_t AdaptiveConcurrency::Record(Duration latency, std::size_t in_flight, TimePoint now) {
  const std::scoped_lock lock(mutex_);
  total_seconds_ += std::chrono::duration<double>(latency).count();
  ++samples_;
  most_in_flight_ = std::max(most_in_flight_, in_flight);
  if (now >= window_end_ && samples_ >= options_.min_samples) EndWindow(now);
  return limit_;
}

void AdaptiveConcurrency::EndWindow(TimePoint now) {
  const double mean = total_seconds_ / static_cast<double>(samples_);
  best_seconds_ = best_seconds_ == 0 ? mean : std::min(mean, best_seconds_ * kForgetting);
  if (mean > options_.tolerance * best_seconds_) {
    // The limit shrinks from the number of calls in flight, because from a limit far above that it
    // would take long to have an effect.
    limit_ = std::max(options_.min, std::min(limit_, most_in_flight_) * 9 / 10);
    probing_ = false;
  } else if (most_in_flight_ >= limit_) {
    limit_ = std::min(options_.max,
                      limit_ + (probing_ ? limit_ : std::max<std::size_t>(1, limit_ / 32)));
  }
  total_seconds_ = 0;
  samples_ = 0;
  most_in_flight_ = 0;
  window_end_ = now + options_.window;
}

}  // namespace docspace::gateway
