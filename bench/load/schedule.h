// The starts of the calls in a phase.
#ifndef BENCH_LOAD_SCHEDULE_H_
#define BENCH_LOAD_SCHEDULE_H_

#include <optional>

#include "bench/load/caller.h"

namespace docspace::bench {

// Schedule is shared by the workers that make the calls. Each asks for its next start when it is
// free.
//
// At a rate (open loop) the starts lie on a grid that no call can delay. A worker that asks too
// late gets the start that was meant, so a latency from there includes the wait for a free worker:
// the stall of one call also shows in the calls that it delayed. Without a rate (closed loop) a
// call starts as soon as a worker is free.
class Schedule {
 public:
  // Begins now and lasts for `duration`. A `calls_per_second` of 0 means a closed loop.
  Schedule(double calls_per_second, Clock::duration duration)
      : interval_(calls_per_second > 0 ? std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(1 / calls_per_second))
                                       : Clock::duration::zero()),
        next_(Clock::now()),
        end_(next_ + duration) {}

  // Returns the meant start of one more call, or nothing after the end. If it lies ahead, the
  // caller must wait.
  std::optional<Clock::time_point> Next() {
    const bool open = interval_ > Clock::duration::zero();
    const Clock::time_point start = open ? next_ : Clock::now();
    if (start >= end_) return std::nullopt;
    next_ += interval_;
    return start;
  }

  Clock::time_point end() const { return end_; }

 private:
  const Clock::duration interval_;
  Clock::time_point next_;
  const Clock::time_point end_;
};

}  // namespace docspace::bench

#endif  // BENCH_LOAD_SCHEDULE_H_
