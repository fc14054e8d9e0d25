#include "server/service/handle_call.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/caller/caller_identity.h"
#include "server/docspace/api_key_json.h"
#include "server/docspace/errors.h"
#include "server/docspace/secret_text.h"
#include "server/service/shutdown.h"

namespace docspace::gateway {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

// The limit of a body that holds no list. A key or a boolean takes a few kB, and no more than 256
// KiB of an error are read.
constexpr std::size_t kMaxBodyWithoutList = std::size_t{1024} * 1024;
// The size of a body from which on another thread decodes it: 64 KiB take 700,000 instructions, and
// 8 MiB would keep the event loop from its other calls for 90 million.
constexpr std::size_t kLongBody = std::size_t{64} * 1024;

// Refuses a request that the configuration does not allow.
template <class Request>
absl::Status CheckPolicy(const Config&, const Request&) {
  return absl::OkStatus();
}
absl::Status CheckPolicy(const Config& config, const CreateApiKeyRequest& request) {
  return config.require_permissions ? RequirePermissions(request) : absl::OkStatus();
}

// The key that a write names. Empty for a read, and for a key that is still to be created.
template <class Request>
std::string_view KeyIdOf(const Request& request) {
  if constexpr (requires { request.key_id(); }) {
    return request.key_id();
  } else {
    return {};
  }
}

// Adds the cause of a cancellation, because the transport knows only that it was told to stop.
http::Failure WithCauseOf(ServerCall::Stop stopped, http::Failure failure) {
  using Kind = http::Failure::Kind;
  if (failure.kind != Kind::kCancelled) return failure;
  if (stopped == ServerCall::Stop::kDeadline) failure.kind = Kind::kDeadline;
  if (stopped == ServerCall::Stop::kShutdown) {
    failure.kind = failure.sent ? Kind::kConnectionLost : Kind::kUnreachable;
    failure.detail = kShuttingDown;
  }
  return failure;
}

absl::Status FinishWithFailure(CallContext& context, const http::Failure& failure) {
  // A write that was sent is not refused: its outcome is unknown.
  if (failure.kind == http::Failure::Kind::kOverloaded &&
      !(context.route.is_write && failure.sent)) {
    context.shed = RpcMetrics::ShedCause::kMemory;
  }
  return ErrorFromFailure(context.route.rpc, failure);
}

// The portal's request for a call, with the credential of the caller.
template <class Request>
absl::StatusOr<http::Request> EncodeRequest(const Config& config, CallContext& context,
                                            const Request& request) {
  absl::StatusOr<http::Request> encoded = Encode(request);
  if (!encoded.ok()) return encoded;
  encoded->credential = *std::move(context.credential);
  const Rpc rpc = context.route.rpc;
  const bool is_list = rpc == Rpc::kGetApiKeys || rpc == Rpc::kGetAllPermissions;
  if (!is_list) encoded->max_response_body = kMaxBodyWithoutList;
  encoded->headers.insert(encoded->headers.end(), context.forwarded.headers.begin(),
                          context.forwarded.headers.end());
  if (config.portal.forwards_client_address) {
    std::string address = PeerIpAddress(context.server_context.peer());
    if (!address.empty()) encoded->headers.push_back({"X-Forwarded-For", std::move(address)});
  }
  return encoded;
}

// A long body that another thread decodes, with the memory that is charged for it.
template <class Response>
struct DecodeJob {
  DecodeJob(std::string its_body, MemoryBudget::Reservation its_memory)
      : body(std::move(its_body)), memory(std::move(its_memory)) {}
  DecodeJob(const DecodeJob&) = delete;
  DecodeJob& operator=(const DecodeJob&) = delete;
  ~DecodeJob() { WipeBodyOf<Response>(body); }

  std::string body;
  EncodedResponse<Response> response;
  absl::Status status;
  MemoryBudget::Reservation memory;
};

// Runs `job` on `background`. The job is shared, because a call that is cancelled ends before it.
template <class Response>
http::Task<absl::Status> DecodeInBackground(Background& background, CallContext& context,
                                            std::shared_ptr<DecodeJob<Response>> job,
                                            EncodedResponse<Response>& response) {
  context.decoding = job;
  // The function has a name, because g++ 12 destroys a temporary that is converted within a
  // co_await expression twice.
  std::function<void()> decode = [job] {
    // The call has ended if nothing else refers to the job.
    if (job.use_count() > 1) job->status = FromJson(job->body, job->response);
  };
  co_await background.Run(context.worker.loop(), std::move(decode));
  response = std::move(job->response);
  co_return job->status;
}

// The status of a response of 2xx whose body has been decoded with the result `decoded`.
template <class Response>
absl::Status FinishDecoded(CallContext& context, const absl::Status& decoded,
                           [[maybe_unused]] const EncodedResponse<Response>& response) {
  if (!decoded.ok()) {
    return ErrorFromMalformed(context.route.rpc, context.record.http_status,
                              std::string(decoded.message()));
  }
  if constexpr (std::is_same_v<Response, CreateApiKeyResponse>) {
    CreateApiKeyResponse created;
    const absl::Cleanup wipe = [&created] { WipeSecretsOf(created); };
    const std::string_view bytes = response.bytes();
    if (created.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) &&
        IsGuid(created.api_key().id())) {
      context.record.key_id = created.api_key().id();
    }
  }
  return absl::OkStatus();
}

}  // namespace

template <class Request, class Response>
http::Task<absl::Status> HandleCall(const Config& config, Background& background,
                                    const ServerCall& call, CallContext& context,
                                    const Request& request, EncodedResponse<Response>& response) {
  absl::Status allowed = CheckPolicy(config, request);
  if (!allowed.ok()) co_return allowed;
  const absl::StatusOr<http::Request> encoded = EncodeRequest(config, context, request);
  if (!encoded.ok()) co_return encoded.status();
  if (context.route.is_write) context.record.key_id = KeyIdOf(request);

  http::Outcome outcome = http::Failure{http::Failure::Kind::kCancelled, false, ""};
  if (call.stopped() == ServerCall::Stop::kNone) {
    const http::Clock::time_point sent_at = http::Clock::now();
    context.sending = true;
    outcome = co_await context.worker.portals()[*context.portal]->Send(*encoded, *context.memory,
                                                                       context.observer);
    context.record.upstream_duration = http::Clock::now() - sent_at;
  }
  if (const auto* failure = std::get_if<http::Failure>(&outcome)) {
    if (context.route.is_write) context.record.write_sent = failure->sent;
    context.record.failure = failure->detail;
    co_return FinishWithFailure(context, WithCauseOf(call.stopped(), *failure));
  }

  auto& reply = std::get<http::Response>(outcome);
  // With any status the body may hold the secret of a key.
  const absl::Cleanup wipe = [&reply] { WipeBodyOf<Response>(reply.body); };
  context.record.http_status = reply.status;
  context.record.response_bytes = reply.body.size();
  context.returned = SelectReturned(reply);
  if (reply.status < 200 || reply.status > 299) {
    co_return ErrorFromResponse(context.route.rpc, reply, absl::Now());
  }
  // Both count until the call gets its status, although the body is freed before.
  if (!context.memory->ReserveResponse(reply.body.capacity() + MaxEncodedSize(reply.body.size()))) {
    co_return FinishWithFailure(context, {http::Failure::Kind::kOverloaded, true,
                                          "no memory is left to decode the portal's response"});
  }
  // A short body is decoded even if the call has been stopped meanwhile: its outcome is known.
  absl::Status decoded;
  if (reply.body.size() < kLongBody) {
    decoded = FromJson(reply.body, response);
  } else {
    auto job =
        std::make_shared<DecodeJob<Response>>(std::move(reply.body), *std::move(context.memory));
    decoded = co_await DecodeInBackground(background, context, std::move(job), response);
  }
  co_return FinishDecoded(context, decoded, response);
}

template http::Task<absl::Status> HandleCall(const Config&, Background&, const ServerCall&,
                                             CallContext&, const CreateApiKeyRequest&,
                                             EncodedResponse<CreateApiKeyResponse>&);
template http::Task<absl::Status> HandleCall(const Config&, Background&, const ServerCall&,
                                             CallContext&, const DeleteApiKeyRequest&,
                                             EncodedResponse<DeleteApiKeyResponse>&);
template http::Task<absl::Status> HandleCall(const Config&, Background&, const ServerCall&,
                                             CallContext&, const GetAllPermissionsRequest&,
                                             EncodedResponse<GetAllPermissionsResponse>&);
template http::Task<absl::Status> HandleCall(const Config&, Background&, const ServerCall&,
                                             CallContext&, const GetApiKeyRequest&,
                                             EncodedResponse<GetApiKeyResponse>&);
template http::Task<absl::Status> HandleCall(const Config&, Background&, const ServerCall&,
                                             CallContext&, const GetApiKeysRequest&,
                                             EncodedResponse<GetApiKeysResponse>&);
template http::Task<absl::Status> HandleCall(const Config&, Background&, const ServerCall&,
                                             CallContext&, const UpdateApiKeyRequest&,
                                             EncodedResponse<UpdateApiKeyResponse>&);

absl::Status StatusOfAbandoned(const ServerCall& call, CallContext& context) {
  using Kind = http::Failure::Kind;
  http::Failure failure{Kind::kCancelled, context.sending, "the call was abandoned"};
  if (call.stopped() == ServerCall::Stop::kNone) {
    failure.kind = context.sending ? Kind::kConnectionLost : Kind::kUnreachable;
    failure.detail = "the gateway lacks memory";
  }
  return FinishWithFailure(context, WithCauseOf(call.stopped(), std::move(failure)));
}

}  // namespace docspace::gateway
