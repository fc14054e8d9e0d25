// Finds the number of concurrent calls that the portal handles without queueing.
#ifndef SERVER_OVERLOAD_ADAPTIVE_CONCURRENCY_H_
#define SERVER_OVERLOAD_ADAPTIVE_CONCURRENCY_H_

#include <chrono>
#include <cstddef>
#include <mutex>

namespace docspace::gateway {

struct AdaptiveConcurrencyOptions {
  std::size_t min = 8;
  std::size_t max = 2000;
  // A window whose mean latency is this many times the best one means that calls queue.
  double tolerance = 2.0;
  std::chrono::steady_clock::duration window = std::chrono::milliseconds(100);
  std::size_t min_samples = 10;
};

// AdaptiveConcurrency applies additive increase and multiplicative decrease to latency. In each
// window, the limit shrinks by a tenth if calls queue at the portal. If they do not and the limit
// was in use, it grows by a thirty-second, but at least by one. It starts at its minimum, where the
// best latency shows, and doubles until it shrinks for the first time. The best latency is
// forgotten by 1 % in ten windows, so that the limit adapts when the portal becomes permanently
// slower.
//
// Thread-safe. The caller passes the time.
class AdaptiveConcurrency {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  explicit AdaptiveConcurrency(const AdaptiveConcurrencyOptions& options);

  // Records a call that ended at `now`: the time that the portal took, and the number of calls that
  // were in flight besides it. Returns the limit from now on.
  std::size_t Record(Duration latency, std::size_t in_flight, TimePoint now);

 private:
  void EndWindow(TimePoint now);

  const AdaptiveConcurrencyOptions options_;
  std::mutex mutex_;
  std::size_t limit_;
  bool probing_ = true;
  double best_seconds_ = 0;
  TimePoint window_end_;
  double total_seconds_ = 0;
  std::size_t samples_ = 0;
  std::size_t most_in_flight_ = 0;
};

}  // namespace docspace::gateway

#endif  // SERVER_OVERLOAD_ADAPTIVE_CONCURRENCY_H_
