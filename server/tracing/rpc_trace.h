// The spans of one RPC: one of kind SERVER for the call, and below it one of kind CLIENT for each
// attempt at the portal.
#ifndef SERVER_TRACING_RPC_TRACE_H_
#define SERVER_TRACING_RPC_TRACE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "server/http/attempt_observer.h"
#include "server/http/message.h"
#include "server/http/origin.h"
#include "server/tracing/span.h"
#include "server/tracing/trace_context.h"
#include "server/tracing/tracer.h"

namespace docspace::gateway::tracing {

// RpcNames holds the names that spans give to a call. All of them must be literals.
struct RpcNames {
  std::string_view service;  // "docspace.apikeys.v1.ApiKeys"
  std::string_view method;   // "GetApiKey"
  http::Method http_method = http::Method::kGet;
  // The path below the portal's base path, with a name in braces in place of each variable part.
  std::string_view http_path;
};

// RpcTrace records the spans of one call. Spans of a call that is not sampled are not recorded, but
// its attempts carry trace ids to the portal as well. `tracer` must outlive this object. Must be
// used on the event loop's thread.
class RpcTrace final : public http::AttemptObserver {
 public:
  // Starts the call's span now.
  RpcTrace(const Tracer& tracer, const std::optional<TraceContext>& parent, const RpcNames& names);

  const TraceContext& context() const { return context_; }

  // Starts the attempt's span, and returns its `traceparent`.
  std::vector<http::Header> OnAttemptStart(const http::Origin& origin) override;
  void OnAttemptEnd(const http::Outcome& outcome, bool reused_connection) noexcept override;

  // Ends the call's span, and returns whether it is recorded. Must be called at most once, when the
  // call has its status. `code` and `code_name` are gRPC's; `reason` is ErrorInfo's, or empty. If
  // the caller is not `accepted`, its own decision to sample is ignored, because otherwise any
  // caller could fill the collector.
  bool End(int code, std::string_view code_name, std::string_view reason, bool accepted);

 private:
  void FinishTry(std::string error);

  const Tracer& tracer_;
  const RpcNames names_;
  const TraceContext context_;
  Span call_;
  // The spans of attempts that have ended. They are recorded together with the call, or not at all.
  std::vector<Span> ended_;
  int tries_ = 0;
  // The span of the attempt in progress, if the call is sampled; or, with its `end` set, that of an
  // attempt that was cut off, until the end of the call gives the reason.
  std::optional<Span> try_;
};

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_RPC_TRACE_H_
