// A stretch of load, and what came of it.
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
  // 0: as many calls as are answered.
  double calls_per_second = 0;
  Clock::duration duration = std::chrono::seconds(1);
  // Calls under way at most; dealt out evenly to the callers. Where these are more, each of the
  // calls under way goes round a share of them.
  std::size_t in_flight = 1;
  // Whose use of the machine is measured.
  std::vector<pid_t> processes;
};

struct ProcessUse {
  std::chrono::microseconds cpu_time{};
  // Of its threads, wanted or not.
  std::int64_t context_switches = 0;
  // As the last call starts: while the load is on.
  std::size_t resident_bytes = 0;
};

struct PhaseResult {
  // From the meant start of each call to the last octet of its answer, in ascending order.
  std::vector<Clock::duration> latencies;
  // Answers that were not as expected, and calls that were not answered.
  std::size_t failures = 0;
  // From the first call to the last answer.
  Clock::duration duration{};
  // One for each of PhaseOptions::processes, over the same time.
  std::vector<ProcessUse> used;
};

// Runs `loop` until every call has been answered, so that what was used was used for these answers
// and no others. Each answer is compared with `expected`. Throws where the answers take longer than
// a minute to come.
PhaseResult RunPhase(gateway::http::asio::io_context& loop,
                     std::span<const std::unique_ptr<Caller>> callers, const Answer& expected,
                     const PhaseOptions& options);

}  // namespace docspace::bench

#endif  // BENCH_LOAD_PHASE_H_
