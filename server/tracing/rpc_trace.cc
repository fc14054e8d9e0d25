#include "server/tracing/rpc_trace.h"

#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "server/base/status_fault.h"

namespace docspace::gateway::tracing {
namespace {

Span::Time Now() { return std::chrono::system_clock::now(); }

std::string_view NameOf(http::Failure::Kind kind) {
  using Kind = http::Failure::Kind;
  switch (kind) {
    case Kind::kUnreachable:
      return "unreachable";
    case Kind::kProxy:
      return "proxy";
    case Kind::kConnectionLost:
      return "connection_lost";
    case Kind::kMalformed:
      return "malformed_response";
    case Kind::kDeadline:
      return "timeout";
    case Kind::kCancelled:
      return "cancelled";
    case Kind::kOverloaded:
      return "overloaded";
  }
  return "_OTHER";
}

// Returns why the call stopped an attempt. Any other code means that the gateway did, because it
// ended or lacked memory.
http::Failure::Kind CutOffBy(std::string_view code_name) {
  if (code_name == "DEADLINE_EXCEEDED") return http::Failure::Kind::kDeadline;
  if (code_name == "CANCELLED") return http::Failure::Kind::kCancelled;
  return http::Failure::Kind::kConnectionLost;
}

}  // namespace

RpcTrace::RpcTrace(const Tracer& tracer, const std::optional<TraceContext>& parent,
                   const RpcNames& names)
    : tracer_(tracer), names_(names), context_(tracer.Begin(parent)) {
  if (!context_.sampled) return;
  call_.trace_id = context_.trace_id;
  call_.span_id = context_.span_id;
  if (parent) call_.parent_id = parent->span_id;
  call_.remote_parent = parent.has_value();
  call_.kind = Span::Kind::kServer;
  call_.start = Now();
}

std::vector<http::Header> RpcTrace::OnAttemptStart(const http::Origin& origin) {
  const TraceContext own = Tracer::BeginChild(context_);
  const int resends = tries_++;
  if (context_.sampled) {
    const std::string method(http::ToString(names_.http_method));
    const std::string path = origin.base_path + std::string(names_.http_path);
    Span& span = try_.emplace();
    span.trace_id = own.trace_id;
    span.span_id = own.span_id;
    span.parent_id = context_.span_id;
    span.kind = Span::Kind::kClient;
    span.name = method + " " + path;
    span.start = Now();
    span.attributes = {{"http.request.method", method},
                       {"server.address", origin.host},
                       {"server.port", std::int64_t{origin.port}},
                       {"url.scheme", std::string(origin.tls ? "https" : "http")},
                       {"url.path", path}};
    if (resends > 0) span.attributes.push_back({"http.request.resend_count", resends});
  }
  return {{"traceparent", WriteTraceParent(own)}};
}

void RpcTrace::OnAttemptEnd(const http::Outcome& outcome, bool reused_connection) noexcept {
  if (!try_) return;
  try {
    try_->end = Now();
    try_->attributes.push_back({"docspace.connection.reused", reused_connection});
    std::string error;
    if (const auto* response = std::get_if<http::Response>(&outcome)) {
      try_->attributes.push_back({"http.response.status_code", std::int64_t{response->status}});
      if (response->status >= 400) error = std::to_string(response->status);
    } else {
      const http::Failure::Kind kind = std::get<http::Failure>(outcome).kind;
      if (kind == http::Failure::Kind::kCancelled) return;
      error = NameOf(kind);
    }
    FinishTry(std::move(error));
  } catch (const std::exception&) {
    // Without memory for the span, it is left out.
    try_.reset();
  }
}

void RpcTrace::FinishTry(std::string error) {
  Span span = *std::exchange(try_, std::nullopt);
  span.failed = !error.empty();
  if (span.failed) span.attributes.push_back({"error.type", std::move(error)});
  ended_.push_back(std::move(span));
}

bool RpcTrace::End(int code, std::string_view code_name, std::string_view reason, bool accepted) {
  const bool is_callers_decision = call_.remote_parent && tracer_.parent_decides();
  if (!context_.sampled || (is_callers_decision && !accepted) || !tracer_.Admits()) return false;
  if (try_) {
    if (try_->end == Span::Time()) try_->end = Now();
    FinishTry(std::string(NameOf(CutOffBy(code_name))));
  }
  call_.name = std::string(names_.service) + "/" + std::string(names_.method);
  call_.end = Now();
  call_.attributes = {{"rpc.system", "grpc"},
                      {"rpc.service", std::string(names_.service)},
                      {"rpc.method", std::string(names_.method)},
                      {"rpc.grpc.status_code", std::int64_t{code}}};
  if (code != 0) {
    call_.attributes.push_back({"error.type", std::string(reason.empty() ? code_name : reason)});
  }
  call_.failed = IsServerFault(code_name);
  for (Span& attempt : ended_) tracer_.Finish(std::move(attempt));
  tracer_.Finish(std::move(call_));
  return true;
}

}  // namespace docspace::gateway::tracing
