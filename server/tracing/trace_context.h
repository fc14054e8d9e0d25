// W3C Trace Context: the position of a call in a trace, which callers send and the portal receives.
//
// gRPC's older `grpc-trace-bin` is not read, because gRPC's C++ server shows it to no application.
#ifndef SERVER_TRACING_TRACE_CONTEXT_H_
#define SERVER_TRACING_TRACE_CONTEXT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace docspace::gateway::tracing {

// Ids of a trace and of a span. An id of only zeros is invalid.
using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// TraceContext identifies one span, as a parent of others.
struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  // True if the trace is recorded.
  bool sampled = false;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// Returns whether `value` is a `traceparent` of version 00, or of a later version that begins in
// the same way: lower case, no id of only zeros, at most 256 bytes. Version ff is invalid.
bool IsTraceParent(std::string_view value);

// Returns the context of a `traceparent`, or nothing if `value` is none.
std::optional<TraceContext> ReadTraceParent(std::string_view value);

// Returns a `traceparent` of version 00, 55 bytes, whose only flag is `sampled`.
std::string WriteTraceParent(const TraceContext& context);

// Return the ids of a valid `traceparent`, in hexadecimal.
inline std::string_view TraceIdOf(std::string_view trace_parent) {
  return trace_parent.substr(3, 32);
}
inline std::string_view SpanIdOf(std::string_view trace_parent) {
  return trace_parent.substr(36, 16);
}

// Returns whether `value` may be forwarded as `tracestate`: it has 1 to 4096 printable bytes.
bool IsTraceState(std::string_view value);

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_TRACE_CONTEXT_H_
