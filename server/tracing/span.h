// A finished span, as it is exported: of a call, or of one attempt at the portal.
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

// Attribute has a name of OpenTelemetry's semantic conventions if they define one.
struct Attribute {
  std::string_view key;  // A literal.
  std::variant<std::string, std::int64_t, bool> value;
};

// Span has no field for a credential, a body, a key id, or text that the portal or a caller sent.
struct Span {
  using Time = std::chrono::system_clock::time_point;
  enum class Kind { kServer, kClient };

  TraceId trace_id{};
  SpanId span_id{};
  SpanId parent_id{};
  // True if the parent is in another process.
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
