// Where a call stands in a trace, as callers say it and as the portal is told: W3C Trace Context.
//
// gRPC's older `grpc-trace-bin` is not read: its C++ server shows it to no application.
#ifndef SERVER_TRACING_TRACE_CONTEXT_H_
#define SERVER_TRACING_TRACE_CONTEXT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace docspace::gateway::tracing {

// All zeros is none.
using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  // Whether the trace is recorded.
  bool sampled = false;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// Whether `value` is a `traceparent` of version 00, or one of a later version that begins as those
// do: in lower case, no id all zeros, 256 octets at most. Version ff is none.
bool IsTraceParent(std::string_view value);

// Nothing where it is no traceparent.
std::optional<TraceContext> ReadTraceParent(std::string_view value);

// In version 00, whose only flag is `sampled`: 55 octets.
std::string WriteTraceParent(const TraceContext& context);

// The ids of a traceparent, in hexadecimal.
inline std::string_view TraceIdOf(std::string_view trace_parent) {
  return trace_parent.substr(3, 32);
}
inline std::string_view SpanIdOf(std::string_view trace_parent) {
  return trace_parent.substr(36, 16);
}

// Whether `value` may be passed on as `tracestate`: 1 to 4096 printable octets.
bool IsTraceState(std::string_view value);

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_TRACE_CONTEXT_H_
