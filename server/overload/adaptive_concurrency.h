// Finds by itself how many calls at a time the portal carries well.
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

// Additive increase, multiplicative decrease on latency. In each window: where calls queue at the
// portal, the limit shrinks by a tenth; where they do not and the limit was in use, it grows by a
// thirty-second, one at least. It starts at its minimum, where the best latency shows, and doubles
// until it shrinks for the first time. The best latency is forgotten slowly, by 1 % in ten windows,
// so that a portal that became slower for good is not held to its past.
//
// Thread-safe; the time is the caller's to give.
class AdaptiveConcurrency {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  explicit AdaptiveConcurrency(const AdaptiveConcurrencyOptions& options);

  // A call ended at `now`: how long the portal took, and how many calls were in flight beside it.
  // Returns the limit from now on.
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
