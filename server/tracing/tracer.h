// Which calls are recorded, and where their spans go.
#ifndef SERVER_TRACING_TRACER_H_
#define SERVER_TRACING_TRACER_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "server/tracing/span.h"
#include "server/tracing/trace_context.h"

namespace docspace::gateway::tracing {

// Thread-safe, where `finished` is. Outlives the traces made with it.
class Tracer {
 public:
  // `root_ratio`, from 0 to 1, of the traces that begin here are recorded; of others their parent
  // decides. `finished` takes each span that is recorded, and neither throws nor blocks.
  Tracer(double root_ratio, std::function<void(Span)> finished);

  // A span beneath `parent`, or else a root.
  TraceContext Begin(const std::optional<TraceContext>& parent) const;
  // A span of the same trace.
  static TraceContext BeginChild(const TraceContext& parent);

  void Finish(Span span) const { finished_(std::move(span)); }

 private:
  // By the trace id alone, so that whoever samples likewise decides alike: its last 56 bits are at
  // least this.
  const std::uint64_t threshold_;
  const std::function<void(Span)> finished_;
};

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_TRACER_H_
