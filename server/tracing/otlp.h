// Spans as messages of OTLP, the OpenTelemetry protocol.
#ifndef SERVER_TRACING_OTLP_H_
#define SERVER_TRACING_OTLP_H_

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "server/tracing/span.h"

namespace docspace::gateway::tracing {

// The program whose spans are exported.
struct Resource {
  std::string service_name;
  std::string service_version;
  // An id that no other instance ever has.
  std::string service_instance_id;
  // Further attributes. One of them may be another `service.instance.id`, which then counts; the
  // name and the version above count in any case.
  std::vector<std::pair<std::string, std::string>> attributes{};
};

// Returns a random UUID for an instance that starts.
std::string NewInstanceId();

// Returns the export request for `spans`.
opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest ToOtlp(
    const Resource& resource, std::span<const Span> spans);

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_OTLP_H_
