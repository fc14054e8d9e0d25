// Exemplars of the latency histogram: for each bucket the trace of one call that fell into it.
#ifndef SERVER_METRICS_LATENCY_EXEMPLARS_H_
#define SERVER_METRICS_LATENCY_EXEMPLARS_H_

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docspace::gateway {

struct Exemplar {
  std::string trace_id;
  double seconds = 0;
  std::chrono::system_clock::time_point time;
};

// LatencyExemplars keeps the newest exemplar of each bucket of each pair of an RPC and a portal.
// Thread-safe. Only calls whose spans are recorded take its lock, of which --trace-rate-limit
// allows a few in a second.
class LatencyExemplars {
 public:
  // `boundaries` are the upper bounds of the buckets in ascending order, without infinity.
  explicit LatencyExemplars(std::vector<double> boundaries) : boundaries_(std::move(boundaries)) {}

  void Record(std::string_view method, std::string_view portal, Exemplar exemplar);

  // Returns the exemplar of the bucket with this upper bound, which may be infinity.
  std::optional<Exemplar> Find(std::string_view method, std::string_view portal,
                               double upper_bound) const;

 private:
  using Buckets = std::vector<std::optional<Exemplar>>;
  using Series = std::pair<std::string, std::string>;

  std::size_t BucketOf(double seconds) const;

  const std::vector<double> boundaries_;
  mutable std::mutex mutex_;
  std::map<Series, Buckets> series_;
};

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_LATENCY_EXEMPLARS_H_
