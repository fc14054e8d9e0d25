#include "server/service/api_keys_service.h"

#include <grpc/support/time.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/base/block_cache.h"
#include "server/docspace/encoded_response.h"
#include "server/docspace/status_details.h"
#include "server/rpc/message_buffer.h"
#include "server/rpc/rpc_status.h"
#include "server/rpc/time_left.h"
#include "server/service/handle_call.h"
#include "server/service/response_trailers.h"

namespace docspace::gateway {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

MetadataView ToMetadataView(const grpc::ServerContext& context) {
  MetadataView view;
  view.reserve(context.client_metadata().size());
  for (const auto& [name, value] : context.client_metadata()) {
    view.emplace_back(std::string_view(name.data(), name.size()),
                      std::string_view(value.data(), value.size()));
  }
  return view;
}

}  // namespace

// One call of one RPC.
template <class Request, class Response>
class ApiKeysService::Call final : public CallHandler {
 public:
  Call(ApiKeysService& service, Rpc rpc, Worker& worker, ServerCall& call)
      : service_(service), rpc_(rpc), worker_(worker), call_(call) {}

  static void* operator new(std::size_t /*size*/) { return BlockCache<sizeof(Call)>::Take(); }
  static void operator delete(void* block) noexcept { BlockCache<sizeof(Call)>::Free(block); }

 private:
  Step OnHeaders() override {
    CallContext& context =
        context_.emplace(rpc_, call_.context(), worker_, ToMetadataView(call_.context()));
    const absl::Status checked = service_.admission_.CheckHeaders(context);
    if (!checked.ok()) return Refuse(checked);
    return ReadMessage{service_.config_.limits.max_request_bytes};
  }

  Step OnMessage(grpc::ByteBuffer& message) override {
    context_->record.request_bytes = message.Length();
    const absl::Status admitted = service_.admission_.Admit(*context_, message.Length());
    if (!admitted.ok()) return Refuse(admitted);
    // gRPC gives the same status to a message that it cannot parse.
    if (!ParseFrom(message, request_)) {
      return Reply(grpc::Status(grpc::StatusCode::INTERNAL, "the request cannot be parsed"));
    }
    service_.reporter_.OnStart(*context_);
    const gpr_timespec deadline = call_.context().raw_deadline();
    return RunHandler{context_->started_at + TimeLeft(deadline, gpr_now(deadline.clock_type),
                                                      service_.config_.limits.request_timeout)};
  }

  http::Task<Reply> Handle() override {
    EncodedResponse<Response> response;
    absl::Status status;
    try {
      status = co_await HandleCall(service_.config_, service_.background_, call_, *context_,
                                   request_, response);
    } catch (const std::exception&) {
      status = StatusOfAbandoned(call_, *context_);
    }
    grpc::Status finished = service_.FinishCall(std::move(status), *context_);
    if (!finished.ok()) co_return Reply(std::move(finished));
    const std::size_t size = response.size();
    grpc::ByteBuffer message =
        ToByteBuffer(response.Release(), size, EncodedResponse<Response>::Free);
    co_return Reply(std::move(finished), std::move(message));
  }

  // A refused call is reported like any other.
  Reply Refuse(const absl::Status& why) {
    service_.reporter_.OnStart(*context_);
    return Reply(service_.FinishCall(why, *context_));
  }

  ApiKeysService& service_;
  const Rpc rpc_;
  Worker& worker_;
  ServerCall& call_;
  Request request_;
  std::optional<CallContext> context_;
};

ApiKeysService::ApiKeysService(const Config& config, RpcLog& log, RpcMetrics& metrics,
                               RecentErrors& errors, const tracing::Tracer* tracer,
                               CertificateSource caller_certificates)
    : config_(config),
      admission_(config, std::move(caller_certificates)),
      reporter_(config, log, metrics, errors, tracer),
      background_(config.EventLoops()) {}

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

grpc::Status ApiKeysService::FinishCall(absl::Status status, CallContext& context) {
  AddResponseTrailers(context, status);
  reporter_.OnFinish(context, status);
  admission_.RecordLatency(context);
  return ToGrpcStatus(WithRequestId(std::move(status), context.forwarded.request_id));
}

}  // namespace docspace::gateway
