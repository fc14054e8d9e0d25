// A period of load, and its results.
#ifndef BENCH_LOAD_PHASE_H_
#define BENCH_LOAD_PHASE_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bench/load/caller.h"

namespace docspace::bench {

struct PhaseOptions {
  // 0 means as many calls as get a response.
  double calls_per_second = 0;
  Clock::duration duration = std::chrono::seconds(1);
  // The most calls in flight, spread evenly over the callers. If there are more callers, each of
  // the concurrent calls takes turns on a share of them.
  std::size_t in_flight = 1;
  // The processes whose use of the machine is measured.
  std::vector<pid_t> processes;
};

struct ProcessUse {
  std::chrono::microseconds cpu_time{};
  // The voluntary and involuntary switches of its threads.
  std::int64_t context_switches = 0;
  // The memory when the last call starts, while the load still runs.
  std::size_t resident_bytes = 0;
};

struct PhaseResult {
  // The time from the meant start of each call to the last byte of its response, in ascending
  // order.
  std::vector<Clock::duration> latencies;
  // Responses that were not as expected, and calls without a response.
  std::size_t failures = 0;
  // The time from the first call to the last response.
  Clock::duration duration{};
  // The use of each of PhaseOptions::processes, over the same time.
  std::vector<ProcessUse> used;
};

// Runs `loop` until every call has its response, so that the measured use belongs to these
// responses only. Compares each response with `expected`. Throws if the responses take longer than
// a minute.
PhaseResult RunPhase(gateway::http::asio::io_context& loop,
                     std::span<const std::unique_ptr<Caller>> callers, const Answer& expected,
                     const PhaseOptions& options);

}  // namespace docspace::bench

#endif  // BENCH_LOAD_PHASE_H_
