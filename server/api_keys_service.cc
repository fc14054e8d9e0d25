#include "server/api_keys_service.h"

#include <grpcpp/server_context.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "server/credentials.h"
#include "server/docspace/api_key_json.h"
#include "server/docspace/errors.h"
#include "server/docspace/status_details.h"
#include "server/forwarded_metadata.h"
#include "server/rpc_status.h"

namespace docspace::gateway {
namespace {

using http::Clock;
using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

constexpr const char* kShuttingDown = "the gateway is shutting down";

MetadataView ViewOf(const grpc::CallbackServerContext& context) {
  MetadataView view;
  view.reserve(context.client_metadata().size());
  for (const auto& [name, value] : context.client_metadata()) {
    view.emplace_back(std::string_view(name.data(), name.size()),
                      std::string_view(value.data(), value.size()));
  }
  return view;
}

std::size_t BytesOf(const MetadataView& metadata) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : metadata) bytes += name.size() + value.size();
  return bytes;
}

std::string_view TraceIdOf(const ForwardedMetadata& forwarded) {
  for (const http::Header& header : forwarded.headers) {
    if (header.name == "traceparent") return std::string_view(header.value).substr(3, 32);
  }
  return {};
}

// The transport only knows that it was told to stop; the call knows why.
http::Failure Explain(http::Failure failure, UnaryCall::Stop stopped) {
  using Kind = http::Failure::Kind;
  if (failure.kind != Kind::kCancelled) return failure;
  if (stopped == UnaryCall::Stop::kDeadline) failure.kind = Kind::kDeadline;
  if (stopped == UnaryCall::Stop::kShutdown) {
    failure.kind = failure.sent ? Kind::kConnectionLost : Kind::kUnreachable;
    failure.detail = kShuttingDown;
  }
  return failure;
}

}  // namespace

// One call on its way, until it is concluded.
struct ApiKeysService::Exchange {
  const Route& route;
  grpc::CallbackServerContext& context;
  Worker& worker;
  const Clock::time_point started_at = Clock::now();
  const MetadataView metadata = ViewOf(context);
  const ForwardedMetadata forwarded = ForwardedFrom(metadata);
  Admission::Ticket ticket;
  // From here on the portal may have acted.
  bool sending = false;
  RpcRecord record;
  std::vector<http::Header> returned;
};

ApiKeysService::ApiKeysService(const Config& config,
                               const std::vector<std::unique_ptr<Worker>>& workers,
                               const RpcLog& log)
    : config_(config),
      workers_(workers),
      log_(log),
      admission_(config.max_in_flight, config.adaptive_limit) {}

template <class Request, class Response>
http::Task<absl::Status> ApiKeysService::Translate(const UnaryCall& call, Exchange& exchange,
                                                   const Request& request, Response& response) {
  const Rpc rpc = exchange.route.rpc;
  absl::StatusOr<http::Credential> credential = CredentialFrom(exchange.metadata);
  if (!credential.ok()) co_return credential.status();
  absl::StatusOr<http::Request> rest = Encode(request);
  if (!rest.ok()) co_return rest.status();
  rest->credential = *std::move(credential);
  rest->headers.insert(rest->headers.end(), exchange.forwarded.headers.begin(),
                       exchange.forwarded.headers.end());

  http::Outcome outcome = http::Failure{http::Failure::Kind::kCancelled, false, ""};
  const Clock::time_point sent_at = Clock::now();
  if (call.stopped() == UnaryCall::Stop::kNone) {
    exchange.sending = true;
    outcome = co_await exchange.worker.portal().Send(*rest);
  }
  exchange.record.upstream_duration = Clock::now() - sent_at;
  if (const auto* failure = std::get_if<http::Failure>(&outcome)) {
    co_return ErrorFromFailure(rpc, Explain(*failure, call.stopped()));
  }

  auto& reply = std::get<http::Response>(outcome);
  exchange.record.http_status = reply.status;
  exchange.record.response_bytes = reply.body.size();
  exchange.returned = ReturnedFrom(reply);
  if (reply.status < 200 || reply.status > 299) co_return ErrorFromResponse(rpc, reply);
  const absl::Status decoded = FromJson(reply.body, response);
  if (!decoded.ok()) {
    response.Clear();
    co_return ErrorFromMalformed(rpc, reply.status, std::string(decoded.message()));
  }
  co_return absl::OkStatus();
}

template <class Request, class Response>
grpc::ServerUnaryReactor* ApiKeysService::Forward(Rpc rpc, grpc::CallbackServerContext* context,
                                                  const Request& request, Response& response) {
  grpc::Status refused;
  try {
    const auto exchange = std::make_shared<Exchange>(Exchange{.route = RouteOf(rpc),
                                                              .context = *context,
                                                              .worker = NextWorker(),
                                                              .ticket = admission_.Enter(),
                                                              .record = {},
                                                              .returned = {}});
    exchange->record.request_bytes = request.ByteSizeLong();
    const absl::Status admitted = Admit(*exchange);
    if (admitted.ok()) return Start(exchange, request, response);
    refused = Conclude(admitted, *exchange);
  } catch (const std::exception&) {
    // In words short enough to be said without memory. Nothing was sent.
    refused = grpc::Status(grpc::StatusCode::UNAVAILABLE, "out of memory");
  }
  auto* reactor = context->DefaultReactor();
  reactor->Finish(std::move(refused));
  return reactor;
}

template <class Request, class Response>
grpc::ServerUnaryReactor* ApiKeysService::Start(const std::shared_ptr<Exchange>& exchange,
                                                const Request& request, Response& response) {
  const auto remaining = exchange->context.deadline() - std::chrono::system_clock::now();
  const auto deadline =
      exchange->started_at + std::min<Clock::duration>(remaining, config_.request_timeout);
  return UnaryCall::Start(
      exchange->worker.calls(), deadline,
      [this, exchange, &request, &response](const UnaryCall& call) -> http::Task<grpc::Status> {
        absl::Status status;
        try {
          status = co_await Translate(call, *exchange, request, response);
        } catch (const std::exception&) {
          const auto kind = exchange->sending ? http::Failure::Kind::kConnectionLost
                                              : http::Failure::Kind::kUnreachable;
          status = ErrorFromFailure(exchange->route.rpc,
                                    {kind, exchange->sending, "the gateway lacks memory"});
        }
        co_return Conclude(status, *exchange);
      });
}

// gRPC enforces its own limits only once the client has acknowledged them (SETTINGS), so they are
// repeated here.
absl::Status ApiKeysService::Admit(const Exchange& exchange) const {
  if (!exchange.ticket) {
    const http::Failure refused =
        admission_.closed()
            ? http::Failure{http::Failure::Kind::kUnreachable, false, kShuttingDown}
            : http::Failure{http::Failure::Kind::kOverloaded, false, "too many calls in flight"};
    return ErrorFromFailure(exchange.route.rpc, refused);
  }
  if (BytesOf(exchange.metadata) > config_.max_metadata_bytes) {
    return MakeError(absl::StatusCode::kResourceExhausted,
                     "the call's metadata is larger than the gateway takes",
                     {.reason = "REQUEST_TOO_LARGE"});
  }
  return absl::OkStatus();
}

grpc::Status ApiKeysService::Conclude(const absl::Status& status, Exchange& exchange) {
  exchange.context.AddTrailingMetadata("x-request-id", exchange.forwarded.request_id);
  for (const http::Header& header : exchange.returned) {
    exchange.context.AddTrailingMetadata(header.name, header.value);
  }
  if (const auto pushback = RetryPushbackOf(status)) {
    exchange.context.AddTrailingMetadata("grpc-retry-pushback-ms", *pushback);
  }
  RpcRecord& record = exchange.record;
  record.method = exchange.route.name;
  const std::string code = absl::StatusCodeToString(status.code());
  record.code = code;
  record.reason = ReasonOf(status);
  record.request_id = exchange.forwarded.request_id;
  record.trace_id = TraceIdOf(exchange.forwarded);
  record.duration = Clock::now() - exchange.started_at;
  log_.Write(record);
  if (record.http_status != 0) admission_.Observe(record.upstream_duration);
  return ToGrpcStatus(WithRequestId(status, exchange.forwarded.request_id));
}

Worker& ApiKeysService::NextWorker() {
  return *workers_[next_worker_.fetch_add(1, std::memory_order_relaxed) % workers_.size()];
}

grpc::ServerUnaryReactor* ApiKeysService::CreateApiKey(grpc::CallbackServerContext* context,
                                                       const CreateApiKeyRequest* request,
                                                       CreateApiKeyResponse* response) {
  return Forward(Rpc::kCreateApiKey, context, *request, *response);
}

grpc::ServerUnaryReactor* ApiKeysService::DeleteApiKey(grpc::CallbackServerContext* context,
                                                       const DeleteApiKeyRequest* request,
                                                       DeleteApiKeyResponse* response) {
  return Forward(Rpc::kDeleteApiKey, context, *request, *response);
}

grpc::ServerUnaryReactor* ApiKeysService::GetAllPermissions(grpc::CallbackServerContext* context,
                                                            const GetAllPermissionsRequest* request,
                                                            GetAllPermissionsResponse* response) {
  return Forward(Rpc::kGetAllPermissions, context, *request, *response);
}

grpc::ServerUnaryReactor* ApiKeysService::GetApiKey(grpc::CallbackServerContext* context,
                                                    const GetApiKeyRequest* request,
                                                    GetApiKeyResponse* response) {
  return Forward(Rpc::kGetApiKey, context, *request, *response);
}

grpc::ServerUnaryReactor* ApiKeysService::GetApiKeys(grpc::CallbackServerContext* context,
                                                     const GetApiKeysRequest* request,
                                                     GetApiKeysResponse* response) {
  return Forward(Rpc::kGetApiKeys, context, *request, *response);
}

grpc::ServerUnaryReactor* ApiKeysService::UpdateApiKey(grpc::CallbackServerContext* context,
                                                       const UpdateApiKeyRequest* request,
                                                       UpdateApiKeyResponse* response) {
  return Forward(Rpc::kUpdateApiKey, context, *request, *response);
}

}  // namespace docspace::gateway
