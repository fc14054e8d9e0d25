#include "server/service/call_reporter.h"

#include <string>
#include <string_view>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/caller/caller_identity.h"
#include "server/docspace/status_details.h"
#include "server/tracing/trace_context.h"

namespace docspace::gateway {
namespace {

// The `traceparent` of the caller. Empty if it sent none.
std::string_view TraceParentOf(const ForwardedMetadata& forwarded) {
  for (const http::Header& header : forwarded.headers) {
    if (header.name == "traceparent") return header.value;
  }
  return {};
}

}  // namespace

void CallReporter::OnStart(CallContext& context) {
  if (tracer_ != nullptr) StartTrace(context);
  if (log_.WritesTries()) {
    context.observer = &context.attempt_log.emplace(log_, context.route.name,
                                                    context.forwarded.request_id, context.observer);
  }
  metrics_.Started(context.route.rpc);
}

void CallReporter::StartTrace(CallContext& context) const {
  const Route& route = context.route;
  context.observer =
      &context.trace.emplace(*tracer_, tracing::ReadTraceParent(TraceParentOf(context.forwarded)),
                             tracing::RpcNames{.service = apikeys::v1::ApiKeys::service_full_name(),
                                               .method = route.name,
                                               .http_method = route.method,
                                               .http_path = route.path});
}

void CallReporter::OnFinish(CallContext& context, const absl::Status& status) {
  RpcRecord& record = context.record;
  record.method = context.route.name;
  const std::string code = absl::StatusCodeToString(status.code());
  record.code = code;
  record.reason = ReasonOf(status);
  record.request_id = context.forwarded.request_id;
  if (context.trace) {
    // The decision of a caller to sample counts only if the portal has not refused its credential.
    const bool accepted = context.sending && record.http_status != 401;
    record.is_traced =
        context.trace->End(static_cast<int>(status.code()), code, record.reason, accepted);
  }
  // If nothing is traced here, the call belongs to the span of its caller.
  const std::string trace_parent = context.trace
                                       ? tracing::WriteTraceParent(context.trace->context())
                                       : std::string(TraceParentOf(context.forwarded));
  if (!trace_parent.empty()) {
    record.trace_id = tracing::TraceIdOf(trace_parent);
    record.span_id = tracing::SpanIdOf(trace_parent);
  }
  if (config_.log.peers) record.peer = PeerAddress(context.server_context.peer());
  if (!config_.tls.certificates.ca_file.empty()) {
    record.certificate = CertificateName(*context.server_context.auth_context());
  }
  if (record.reason == NameOf(ErrorReason::kCallerNotAllowed)) {
    record.refusal = std::string(status.message());
  }
  record.duration = http::Clock::now() - context.started_at;
  log_.Write(record);
  metrics_.Finished(context.route.rpc, status.code(), record);
  if (context.shed) metrics_.Shed(record.portal, *context.shed);
  if (!status.ok()) errors_.Add(record);
  // The record's code refers to a string of this function.
  record.code = {};
}

}  // namespace docspace::gateway
