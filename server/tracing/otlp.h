// Spans as messages of OTLP, the OpenTelemetry protocol.
#ifndef SERVER_TRACING_OTLP_H_
#define SERVER_TRACING_OTLP_H_

#include <span>
#include <string>

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "server/tracing/span.h"

namespace docspace::gateway::tracing {

// Whose spans they are.
struct Resource {
  std::string service_name;
  std::string service_version;
  // Told apart from every other instance's, of whatever time.
  std::string service_instance_id;
};

// For an instance that starts: a random UUID.
std::string NewInstanceId();

opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest ToOtlp(
    const Resource& resource, std::span<const Span> spans);

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_OTLP_H_
