#include "server/service/api_keys_service.h"

#include <grpcpp/server_context.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/caller/caller_identity.h"
#include "server/caller/credentials.h"
#include "server/caller/forwarded_metadata.h"
#include "server/docspace/api_key_json.h"
#include "server/docspace/errors.h"
#include "server/docspace/status_details.h"
#include "server/rpc/message_buffer.h"
#include "server/rpc/rpc_status.h"
#include "server/rpc/time_left.h"
#include "server/service/try_log.h"
#include "server/tracing/rpc_trace.h"
#include "server/tracing/trace_context.h"

namespace docspace::gateway {
namespace {

using http::Clock;
using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

// A key or a boolean is a few kB, and of an error no more than 256 KiB is read.
constexpr std::size_t kMaxBodyWithoutList = std::size_t{1024} * 1024;
// A body that is decoded beside the event loops: 64 KiB take half a millisecond.
constexpr std::size_t kLongBody = std::size_t{64} * 1024;

constexpr const char* kShuttingDown = "the gateway is shutting down";

MetadataView ViewOf(const grpc::ServerContext& context) {
  MetadataView view;
  view.reserve(context.client_metadata().size());
  for (const auto& [name, value] : context.client_metadata()) {
    view.emplace_back(std::string_view(name.data(), name.size()),
                      std::string_view(value.data(), value.size()));
  }
  return view;
}

// As RFC 9113 section 6.5.2 counts it.
std::size_t SizeOf(const MetadataView& metadata) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : metadata) bytes += name.size() + value.size() + 32;
  return bytes;
}

// What a request takes of memory for each of its bytes: Protobuf makes up to 24 of a byte (two
// bytes of an empty permission become a string of 32 and what refers to it); and its JSON is there
// twice, once in the bytes that are sent.
constexpr std::size_t kMemoryOfRequestByte = 26;

std::string_view TraceParentOf(const ForwardedMetadata& forwarded) {
  for (const http::Header& header : forwarded.headers) {
    if (header.name == "traceparent") return header.value;
  }
  return {};
}

// Refuses what the gateway is configured not to pass on, before the portal sees it.
template <class Request>
absl::Status Judge(const Config&, const Request&) {
  return absl::OkStatus();
}
absl::Status Judge(const Config& config, const CreateApiKeyRequest& request) {
  return config.require_permissions ? RequirePermissions(request) : absl::OkStatus();
}

// Nothing of the call was sent: `limit`, a setting, is reached.
absl::Status Overloaded(std::string_view limit, std::string_view what) {
  return MakeError(absl::StatusCode::kResourceExhausted,
                   absl::StrCat("the gateway carries as much as it may: try again (",
                                absl::string_view(what.data(), what.size()), ", ",
                                absl::string_view(limit.data(), limit.size()), ")"),
                   {.reason = "GATEWAY_OVERLOADED",
                    .metadata = {{"limit", std::string(limit)}},
                    .retry_after = absl::Seconds(1)});
}

absl::Status Overloaded(Admission::Refusal refusal) {
  switch (refusal) {
    case Admission::Refusal::kShare:
      return Overloaded("--max-in-flight",
                        "the credential has half of all calls in flight, and others have some");
    case Admission::Refusal::kReads:
      return Overloaded("--max-reads-per-credential",
                        "the credential has too many reads in flight");
    case Admission::Refusal::kWrites:
      return Overloaded("--max-writes-per-credential",
                        "the credential has too many writes in flight");
    case Admission::Refusal::kClosed:
    case Admission::Refusal::kInFlight:
      break;
  }
  return Overloaded("--max-in-flight", "too many calls in flight");
}

RpcMetrics::ShedCause ShedCauseOf(const Admission::Ticket& ticket) {
  if (ticket) return RpcMetrics::ShedCause::kMemory;
  return ticket.refusal() == Admission::Refusal::kInFlight ? RpcMetrics::ShedCause::kInFlight
                                                           : RpcMetrics::ShedCause::kCredential;
}

// The key that a write names; none of a read, or of a key that is still to be created.
template <class Request>
std::string_view KeyIdOf(const Request& request) {
  if constexpr (requires { request.key_id(); }) {
    return request.key_id();
  } else {
    return {};
  }
}

// What must not stay in memory that others will get. Of a created key this is the secret.
void WipeText(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }
template <class Response>
void WipeBodyOf(std::string& body) {
  if constexpr (std::is_same_v<Response, CreateApiKeyResponse>) WipeText(body);
}
template <class Response>
void WipeSecretsOf(Response& response) {
  if constexpr (std::is_same_v<Response, CreateApiKeyResponse>) {
    if (response.has_api_key()) WipeText(*response.mutable_api_key()->mutable_key());
  }
}

// The transport only knows that it was told to stop; the call knows why.
http::Failure Explain(http::Failure failure, ServerCall::Stop stopped) {
  using Kind = http::Failure::Kind;
  if (failure.kind != Kind::kCancelled) return failure;
  if (stopped == ServerCall::Stop::kDeadline) failure.kind = Kind::kDeadline;
  if (stopped == ServerCall::Stop::kShutdown) {
    failure.kind = failure.sent ? Kind::kConnectionLost : Kind::kUnreachable;
    failure.detail = kShuttingDown;
  }
  return failure;
}

}  // namespace

// One call on its way, until it is concluded.
struct ApiKeysService::Exchange {
  const Route& route;
  grpc::ServerContext& context;
  Worker& worker;
  const Clock::time_point started_at = Clock::now();
  const MetadataView metadata;
  const ForwardedMetadata forwarded = ForwardedFrom(metadata);
  // Which portal it is for, or why none.
  const absl::StatusOr<std::size_t> portal;
  // What authenticates the call to the portal, or why nothing does.
  absl::StatusOr<http::Credential> credential = CredentialFrom(metadata);
  // Both are given back when the call is answered.
  std::optional<Admission::Ticket> ticket;
  std::optional<MemoryBudget::Charge> memory;
  // A long answer on another thread, with what is charged for it.
  std::shared_ptr<void> decoding;
  // From here on the portal may have acted.
  bool sending = false;
  RpcRecord record;
  std::vector<http::Header> returned;
  std::optional<tracing::RpcTrace> trace;
  std::optional<TryLog> try_log;
  // Who follows the tries upstream, if anybody does.
  http::TryListener* listener = nullptr;
};

ApiKeysService::ApiKeysService(const Config& config, RpcLog& log, RpcMetrics& metrics,
                               RecentErrors& errors, const tracing::Tracer* tracer)
    : config_(config),
      log_(log),
      metrics_(metrics),
      errors_(errors),
      tracer_(tracer),
      allowed_callers_(config.allowed_callers, !config.tls.ca_file.empty()),
      portals_(config.PortalNames()),
      choice_(portals_),
      memory_(config.max_buffered_bytes),
      background_(config.threads != 0 ? config.threads
                                      : std::max(1U, std::thread::hardware_concurrency())) {
  for (std::size_t i = 0; i < portals_.size(); ++i) {
    admissions_.emplace_back(
        AdmissionOptions{.limit = config.max_in_flight,
                         .adaptive = config.adaptive_limit,
                         .reads_per_credential = config.max_reads_per_credential,
                         .writes_per_credential = config.max_writes_per_credential});
  }
}

void ApiKeysService::Close() {
  for (Admission& admission : admissions_) admission.Close();
}

std::size_t ApiKeysService::in_flight() const {
  std::size_t calls = 0;
  for (const Admission& admission : admissions_) calls += admission.in_flight();
  return calls;
}

template <class Request, class Response>
class ApiKeysService::Call final : public CallHandler {
 public:
  Call(ApiKeysService& service, Rpc rpc, Worker& worker, ServerCall& call)
      : service_(service), rpc_(rpc), worker_(worker), call_(call) {}

 private:
  Step Arrived() override {
    MetadataView metadata = ViewOf(call_.context());
    const auto portal = service_.choice_.Of(metadata);
    exchange_.emplace(Exchange{.route = RouteOf(rpc_),
                               .context = call_.context(),
                               .worker = worker_,
                               .metadata = std::move(metadata),
                               .portal = portal,
                               .ticket = {},
                               .memory = {},
                               .decoding = {},
                               .record = {},
                               .returned = {},
                               .trace = {},
                               .try_log = {}});
    if (portal.ok()) exchange_->record.portal = service_.portals_[*portal];
    const absl::Status judged = service_.JudgeHead(*exchange_);
    if (!judged.ok()) return Refuse(judged);
    return ReadMessage{service_.config_.max_request_bytes};
  }

  Step Received(grpc::ByteBuffer& message) override {
    exchange_->record.request_bytes = message.Length();
    const absl::Status admitted = service_.Admit(*exchange_, message.Length());
    if (!admitted.ok()) return Refuse(admitted);
    // As gRPC answers what it cannot parse.
    if (!ParseFrom(message, request_)) {
      return Reply(grpc::Status(grpc::StatusCode::INTERNAL, "the request cannot be parsed"));
    }
    Start();
    const gpr_timespec deadline = call_.context().raw_deadline();
    return RunWork{exchange_->started_at + TimeLeft(deadline, gpr_now(deadline.clock_type),
                                                    service_.config_.request_timeout)};
  }

  http::Task<Reply> Work() override {
    Response response;
    const absl::Cleanup wipe = [&response] { WipeSecretsOf(response); };
    absl::Status status;
    try {
      status = co_await service_.Translate(call_, *exchange_, request_, response);
    } catch (const std::exception&) {
      // Out of memory, most likely; but what awaits throws too where the call was stopped.
      http::Failure failure{http::Failure::Kind::kCancelled, exchange_->sending,
                            "the call was abandoned"};
      if (call_.stopped() == ServerCall::Stop::kNone) {
        failure.kind = exchange_->sending ? http::Failure::Kind::kConnectionLost
                                          : http::Failure::Kind::kUnreachable;
        failure.detail = "the gateway lacks memory";
      }
      status = ErrorFromFailure(rpc_, Explain(std::move(failure), call_.stopped()));
    }
    Reply reply(service_.Conclude(status, *exchange_));
    if (reply.status.ok()) reply.message = BytesOf(response);
    co_return reply;
  }

  // The call is one from here on: its end is logged and counted.
  void Start() {
    service_.Follow(*exchange_);
    service_.metrics_.Started(rpc_);
  }
  Reply Refuse(const absl::Status& why) {
    Start();
    return Reply(service_.Conclude(why, *exchange_));
  }

  ApiKeysService& service_;
  const Rpc rpc_;
  Worker& worker_;
  ServerCall& call_;
  Request request_;
  std::optional<Exchange> exchange_;
};

void ApiKeysService::Follow(Exchange& exchange) const {
  const Route& route = exchange.route;
  if (tracer_ != nullptr) BeginTrace(exchange);
  if (log_.WritesTries()) {
    exchange.listener = &exchange.try_log.emplace(log_, route.name, exchange.forwarded.request_id,
                                                  exchange.listener);
  }
}

void ApiKeysService::BeginTrace(Exchange& exchange) const {
  const Route& route = exchange.route;
  exchange.listener = &exchange.trace.emplace(
      *tracer_, tracing::ReadTraceParent(TraceParentOf(exchange.forwarded)),
      tracing::RpcNames{.service = apikeys::v1::ApiKeys::service_full_name(),
                        .method = route.name,
                        .http_method = route.method,
                        .http_path = route.path});
}

void ApiKeysService::Serve(Worker& worker) {
  Add<CreateApiKeyRequest, CreateApiKeyResponse>(Rpc::kCreateApiKey, worker);
  Add<DeleteApiKeyRequest, DeleteApiKeyResponse>(Rpc::kDeleteApiKey, worker);
  Add<GetAllPermissionsRequest, GetAllPermissionsResponse>(Rpc::kGetAllPermissions, worker);
  Add<GetApiKeyRequest, GetApiKeyResponse>(Rpc::kGetApiKey, worker);
  Add<GetApiKeysRequest, GetApiKeysResponse>(Rpc::kGetApiKeys, worker);
  Add<UpdateApiKeyRequest, UpdateApiKeyResponse>(Rpc::kUpdateApiKey, worker);
}

template <class Request, class Response>
void ApiKeysService::Add(Rpc rpc, Worker& worker) {
  const std::string path = std::string("/") + apikeys::v1::ApiKeys::service_full_name() + "/" +
                           std::string(RouteOf(rpc).name);
  worker.calls().Add(path, [this, rpc, &worker](ServerCall& call) {
    return std::make_unique<Call<Request, Response>>(*this, rpc, worker, call);
  });
}

template <class Request, class Response>
http::Task<absl::Status> ApiKeysService::Translate(const ServerCall& call, Exchange& exchange,
                                                   const Request& request, Response& response) {
  const Rpc rpc = exchange.route.rpc;
  absl::Status allowed = Judge(config_, request);
  if (!allowed.ok()) co_return allowed;
  absl::StatusOr<http::Request> rest = Encode(request);
  if (!rest.ok()) co_return rest.status();
  if (exchange.route.is_write) exchange.record.key_id = KeyIdOf(request);
  rest->credential = *std::move(exchange.credential);
  const bool is_list = rpc == Rpc::kGetApiKeys || rpc == Rpc::kGetAllPermissions;
  if (!is_list) rest->max_response_body = kMaxBodyWithoutList;
  rest->headers.insert(rest->headers.end(), exchange.forwarded.headers.begin(),
                       exchange.forwarded.headers.end());

  http::Outcome outcome = http::Failure{http::Failure::Kind::kCancelled, false, ""};
  if (call.stopped() == ServerCall::Stop::kNone) {
    const Clock::time_point sent_at = Clock::now();
    exchange.sending = true;
    outcome = co_await exchange.worker.portals()[*exchange.portal]->Send(*rest, *exchange.memory,
                                                                         exchange.listener);
    exchange.record.upstream_duration = Clock::now() - sent_at;
  }
  if (const auto* failure = std::get_if<http::Failure>(&outcome)) {
    if (exchange.route.is_write) exchange.record.write_sent = failure->sent;
    exchange.record.failure = failure->detail;
    co_return ErrorFromFailure(rpc, Explain(*failure, call.stopped()));
  }

  auto& reply = std::get<http::Response>(outcome);
  // Whatever it turns out to be, it may hold the secret. Decode wipes what it takes.
  const absl::Cleanup wipe = [&reply] { WipeBodyOf<Response>(reply.body); };
  exchange.record.http_status = reply.status;
  exchange.record.response_bytes = reply.body.size();
  exchange.returned = ReturnedFrom(reply);
  if (reply.status < 200 || reply.status > 299) {
    co_return ErrorFromResponse(rpc, reply, absl::Now());
  }
  // The body until it is decoded, and in its place the serialised message, which is shorter.
  if (!exchange.memory->HoldAnswer(reply.body.capacity() + DecodedBytes(reply.body))) {
    co_return ErrorFromFailure(rpc, {http::Failure::Kind::kOverloaded, true,
                                     "no memory is left to decode the portal's answer"});
  }
  const absl::Status decoded = co_await Decode(exchange, std::move(reply.body), response);
  if (!decoded.ok()) {
    WipeSecretsOf(response);
    response.Clear();
    co_return ErrorFromMalformed(rpc, reply.status, std::string(decoded.message()));
  }
  if constexpr (std::is_same_v<Response, CreateApiKeyResponse>) {
    if (IsGuid(response.api_key().id())) exchange.record.key_id = response.api_key().id();
  }
  co_return absl::OkStatus();
}

// A long body would keep the loop from its other calls: 8 MiB take 45 to 75 ms.
template <class Response>
http::Task<absl::Status> ApiKeysService::Decode(Exchange& exchange, std::string body,
                                                Response& response) {
  if (body.size() < kLongBody) {
    const absl::Cleanup wipe = [&body] { WipeBodyOf<Response>(body); };
    co_return FromJson(body, response);
  }
  struct Job {
    std::string body;
    Response response;
    absl::Status status;
    MemoryBudget::Charge memory;
  };
  // Shared, because a call that is cancelled ends before the job does.
  const auto job = std::make_shared<Job>(Job{.body = std::move(body),
                                             .response = {},
                                             .status = {},
                                             .memory = *std::move(exchange.memory)});
  exchange.decoding = job;
  // With a name, because g++ 12 destroys what is converted within a co_await expression twice.
  std::function<void()> decode = [job] {
    // Otherwise the call has ended meanwhile.
    if (job.use_count() > 1) job->status = FromJson(job->body, job->response);
    WipeBodyOf<Response>(job->body);
  };
  co_await background_.Run(exchange.worker.loop(), std::move(decode));
  response.Swap(&job->response);
  co_return job->status;
}

// gRPC enforces its own limits only once the client has acknowledged them (SETTINGS), so they are
// repeated here.
absl::Status ApiKeysService::JudgeHead(const Exchange& exchange) const {
  if (!allowed_callers_.everyone()) {
    absl::Status allowed = allowed_callers_.Judge(*exchange.context.auth_context());
    if (!allowed.ok()) return allowed;
  }
  if (!exchange.portal.ok()) return exchange.portal.status();
  if (SizeOf(exchange.metadata) > config_.max_metadata_bytes) {
    return MakeError(absl::StatusCode::kResourceExhausted,
                     "the call's metadata is larger than the gateway takes",
                     {.reason = "REQUEST_TOO_LARGE"});
  }
  return exchange.credential.status();
}

absl::Status ApiKeysService::Admit(Exchange& exchange, std::size_t message_bytes) {
  const Admission::Ticket& ticket = exchange.ticket.emplace(admissions_[*exchange.portal].Enter(
      credential_tags_.TagOf(*exchange.credential), exchange.route.is_write));
  if (!ticket && ticket.refusal() == Admission::Refusal::kClosed) {
    return ErrorFromFailure(exchange.route.rpc,
                            {http::Failure::Kind::kUnreachable, false, kShuttingDown});
  }
  if (!ticket) return Overloaded(ticket.refusal());
  exchange.memory.emplace(memory_.Begin(kMemoryOfRequestByte * message_bytes));
  if (!*exchange.memory) {
    return Overloaded("--max-buffered-bytes", "no memory is left for the call");
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
  if (exchange.trace) {
    // The portal has not refused the credential.
    const bool accepted = exchange.sending && record.http_status != 401;
    exchange.trace->End(static_cast<int>(status.code()), code, record.reason, accepted);
  }
  // Where nothing is traced here, the call is a part of its caller's span.
  const std::string trace_parent = exchange.trace
                                       ? tracing::WriteTraceParent(exchange.trace->context())
                                       : std::string(TraceParentOf(exchange.forwarded));
  if (!trace_parent.empty()) {
    record.trace_id = tracing::TraceIdOf(trace_parent);
    record.span_id = tracing::SpanIdOf(trace_parent);
  }
  if (config_.log_peers) record.peer = PeerAddress(exchange.context.peer());
  if (!config_.tls.ca_file.empty()) {
    record.certificate = CertificateName(*exchange.context.auth_context());
  }
  record.duration = Clock::now() - exchange.started_at;
  log_.Write(record);
  metrics_.Finished(exchange.route.rpc, status.code(), record);
  if (record.reason == "GATEWAY_OVERLOADED") {
    metrics_.Shed(record.portal, ShedCauseOf(*exchange.ticket));
  }
  if (!status.ok()) errors_.Add(record);
  if (record.http_status != 0) admissions_[*exchange.portal].Observe(record.upstream_duration);
  return ToGrpcStatus(WithRequestId(status, exchange.forwarded.request_id));
}

}  // namespace docspace::gateway
