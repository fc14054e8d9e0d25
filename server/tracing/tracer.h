// Which calls are recorded, and where their spans go.
#ifndef SERVER_TRACING_TRACER_H_
#define SERVER_TRACING_TRACER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "server/tracing/span.h"
#include "server/tracing/trace_context.h"

namespace docspace::gateway::tracing {

// Thread-safe, where `finished` is. Outlives the traces made with it.
class Tracer {
 public:
  using Clock = std::chrono::steady_clock;

  struct Sampling {
    // From 0 to 1: how much of the traces that begin here is recorded; of others their parent
    // decides.
    double root_ratio = 0;
    // Calls a second that are recorded at most, and in a burst; 0: none.
    std::size_t calls_per_second = 0;
  };

  // `finished` takes each span that is recorded, and neither throws nor blocks. `now` is
  // thread-safe.
  Tracer(const Sampling& sampling, std::function<void(Span)> finished,
         std::function<Clock::time_point()> now = &Clock::now);

  // A span beneath `parent`, or else a root.
  TraceContext Begin(const std::optional<TraceContext>& parent) const;
  // A span of the same trace.
  static TraceContext BeginChild(const TraceContext& parent);

  // Whether the spans of one more call may be recorded now; counts it if not.
  bool Admits() const;
  // Calls that were not recorded for that reason.
  std::uint64_t limited() const { return limited_.load(std::memory_order_relaxed); }

  void Finish(Span span) const { finished_(std::move(span)); }

 private:
  // A trace is sampled if the last 56 bits of its id are at least this. Only the id decides, so
  // that other programs with the same ratio sample the same traces.
  const std::uint64_t threshold_;
  const double calls_per_second_;
  const std::function<void(Span)> finished_;
  const std::function<Clock::time_point()> now_;
  mutable std::atomic<std::uint64_t> limited_{0};
  // A token bucket. Held for a few instructions at a time.
  mutable std::mutex mutex_;
  mutable double tokens_;
  mutable Clock::time_point filled_at_;
};

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_TRACER_H_
