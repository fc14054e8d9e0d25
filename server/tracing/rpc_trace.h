// The spans of one RPC: one for the call, of kind SERVER, and beneath it one for each attempt at
// the portal, of kind CLIENT.
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

// RpcNames holds what a span says of a call. All of it must be literals.
struct RpcNames {
  std::string_view service;  // "docspace.apikeys.v1.ApiKeys"
  std::string_view method;   // "GetApiKey"
  http::Method http_method = http::Method::kGet;
  // Below the portal's base path, with a name in braces in place of what differs from call to call.
  std::string_view http_path;
};

// RpcTrace records the spans of one call. Used by one event loop. A call that is not sampled is not
// recorded, but the portal receives its ids as well.
class RpcTrace final : public http::AttemptObserver {
 public:
  // Begins now.
  RpcTrace(const Tracer& tracer, const std::optional<TraceContext>& parent, const RpcNames& names);

  const TraceContext& context() const { return context_; }

  // `traceparent`, of the attempt's own span.
  std::vector<http::Header> OnAttemptStart(const http::Origin& origin) override;
  void OnAttemptEnd(const http::Outcome& outcome, bool reused_connection) noexcept override;

  // Once, when the call is answered. `code` and `code_name` are gRPC's, `reason` is ErrorInfo's,
  // empty where there is none. Unless the caller is `accepted`, its own decision to sample counts
  // for nothing: otherwise anybody could fill the collector.
  void End(int code, std::string_view code_name, std::string_view reason, bool accepted);

 private:
  void FinishTry(std::string error);

  const Tracer& tracer_;
  const RpcNames names_;
  const TraceContext context_;
  Span call_;
  // The attempts that have ended. They are recorded with the call, or not at all.
  std::vector<Span> ended_;
  int tries_ = 0;
  // The one under way, of a call that is sampled; or, with its `end` set, the one that was cut off,
  // until the end of the call tells why.
  std::optional<Span> try_;
};

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_RPC_TRACE_H_
