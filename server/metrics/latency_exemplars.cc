#include "server/metrics/latency_exemplars.h"

#include <algorithm>
#include <iterator>

namespace docspace::gateway {

std::size_t LatencyExemplars::BucketOf(double seconds) const {
  const auto bound = std::ranges::lower_bound(boundaries_, seconds);
  return static_cast<std::size_t>(std::distance(boundaries_.begin(), bound));
}

void LatencyExemplars::Record(std::string_view method, std::string_view portal, Exemplar exemplar) {
  const std::size_t bucket = BucketOf(exemplar.seconds);
  Series series(method, portal);
  const std::lock_guard lock(mutex_);
  Buckets& buckets = series_[std::move(series)];
  buckets.resize(boundaries_.size() + 1);
  buckets[bucket] = std::move(exemplar);
}

std::optional<Exemplar> LatencyExemplars::Find(std::string_view method, std::string_view portal,
                                               double upper_bound) const {
  const std::lock_guard lock(mutex_);
  const auto found = series_.find(Series(method, portal));
  if (found == series_.end()) return std::nullopt;
  return found->second[BucketOf(upper_bound)];
}

}  // namespace docspace::gateway
