// The decision which calls are recorded, and the way of their spans to the exporter.
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

// Tracer makes trace ids and hands on finished spans. It must outlive the traces made with it.
// Thread-safe if `finished` is.
class Tracer {
 public:
  using Clock = std::chrono::steady_clock;

  struct Sampling {
    // The share, from 0 to 1, of the traces starting here that is recorded.
    double root_ratio = 0;
    // True if for other traces the parent decides; otherwise the share counts for all traces.
    bool parent_decides = true;
    // The most calls that are recorded per second, and in a burst; 0 means no limit.
    std::size_t calls_per_second = 0;
  };

  // `finished` takes each recorded span; it must neither throw nor block. `now` must be
  // thread-safe.
  Tracer(const Sampling& sampling, std::function<void(Span)> finished,
         std::function<Clock::time_point()> now = &Clock::now);

  // Returns the context of a new span below `parent`, or of a new root if there is none.
  TraceContext Begin(const std::optional<TraceContext>& parent) const;
  // Returns whether a parent's decision to sample counts.
  bool parent_decides() const { return parent_decides_; }
  // Returns the context of a new span in the trace of `parent`.
  static TraceContext BeginChild(const TraceContext& parent);

  // Returns whether the spans of one more call may be recorded now. If not, counts the call as
  // limited.
  bool Admits() const;
  // Returns the number of calls that were not recorded because Admits returned false.
  std::uint64_t limited() const { return limited_.load(std::memory_order_relaxed); }

  // Hands a span to `finished`.
  void Finish(Span span) const { finished_(std::move(span)); }

 private:
  // A trace is sampled if the last 56 bits of its id are at least this. Only the id decides, so
  // that other programs with the same ratio sample the same traces.
  const std::uint64_t threshold_;
  const bool parent_decides_;
  const double calls_per_second_;
  const std::function<void(Span)> finished_;
  const std::function<Clock::time_point()> now_;
  mutable std::atomic<std::uint64_t> limited_{0};
  // A token bucket. The mutex is held for a few instructions at a time.
  mutable std::mutex mutex_;
  mutable double tokens_;
  mutable Clock::time_point filled_at_;
};

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_TRACER_H_
