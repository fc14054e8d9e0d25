// A finished span: what is exported of a call, or of one attempt at the portal.
#ifndef SERVER_TRACING_SPAN_H_
#define SERVER_TRACING_SPAN_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/tracing/trace_context.h"

namespace docspace::gateway::tracing {

// Named by OpenTelemetry's semantic conventions, where they have a name for it.
struct Attribute {
  std::string_view key;  // A literal.
  std::variant<std::string, std::int64_t, bool> value;
};

// There is no field for a credential, a body, a key id, or words of the portal's or a caller's.
struct Span {
  using Time = std::chrono::system_clock::time_point;
  enum class Kind { kServer, kClient };

  TraceId trace_id{};
  SpanId span_id{};
  SpanId parent_id{};
  // Whether the parent is in another process.
  bool remote_parent = false;
  Kind kind = Kind::kServer;
  std::string name;
  Time start;
  Time end;
  bool failed = false;
  std::vector<Attribute> attributes;
};

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_SPAN_H_
