#include "client/cpp/client.h"

#include <grpc/grpc.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <thread>

namespace docspace::apikeys {
namespace {

// A longer timeout would overflow the clocks.
constexpr std::chrono::nanoseconds kLongestTimeout = std::chrono::days(365);

// Checks the metadata, because gRPC aborts the process for metadata that it cannot carry.
std::optional<ApiKeysError> CheckMetadata(
    const std::vector<std::pair<std::string, std::string>>& metadata) {
  for (const auto& [name, value] : metadata) {
    const grpc_slice name_slice = grpc_slice_from_static_buffer(name.data(), name.size());
    const grpc_slice value_slice = grpc_slice_from_static_buffer(value.data(), value.size());
    if (grpc_header_key_is_legal(name_slice) != 0 && grpc_is_binary_header(name_slice) == 0 &&
        grpc_header_nonbin_value_is_legal(value_slice) != 0) {
      continue;
    }
    ApiKeysError error;
    error.code = grpc::StatusCode::INVALID_ARGUMENT;
    error.message = "a metadata name or value of the call holds characters that cannot be sent";
    return error;
  }
  return std::nullopt;
}

ApiKeysError ErrorOf(const grpc::Status& status, const grpc::ClientContext& context) {
  ApiKeysError error = DecodeError(status);
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto found = trailers.find("x-request-id");
      error.request_id.empty() && found != trailers.end()) {
    error.request_id.assign(found->second.data(), found->second.size());
  }
  return error;
}

}  // namespace

RetryTimer RetryTimer::System() {
  return {
      .now = &std::chrono::steady_clock::now,
      .sleep = [](std::chrono::nanoseconds delay) { std::this_thread::sleep_for(delay); },
      .jitter = &RandomJitter,
  };
}

Client::Client(const std::shared_ptr<grpc::Channel>& channel, Credential credential,
               ClientOptions options)
    : stub_(v1::ApiKeys::NewStub(channel)),
      credential_(std::move(credential)),
      options_(std::move(options)) {}

Result<Client> Client::Connect(const std::string& target, const Transport& transport,
                               Credential credential, ClientOptions options) {
  const auto channel = MakeChannel(target, transport, options.proxy);
  if (!channel.ok()) return channel.error();
  return Client(*channel, std::move(credential), std::move(options));
}

template <typename Request, typename Response>
Result<Response> Client::Call(grpc::Status (v1::ApiKeys::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                              Access access, const Request& request,
                              const CallOptions& options) const {
  for (const auto* metadata : {&options_.metadata, &options.metadata}) {
    if (auto error = CheckMetadata(*metadata)) return *std::move(error);
  }
  const RetryTimer& timer = options_.timer;
  const auto deadline = timer.now() + std::clamp(options.timeout.value_or(options_.timeout),
                                                 std::chrono::nanoseconds::zero(), kLongestTimeout);
  for (int attempts = 1;; ++attempts) {
    grpc::ClientContext context;
    context.set_deadline(
        std::chrono::system_clock::now() +
        std::chrono::duration_cast<std::chrono::system_clock::duration>(deadline - timer.now()));
    credential_.ApplyTo(context);
    for (const auto* metadata : {&options_.metadata, &options.metadata}) {
      for (const auto& [name, value] : *metadata) context.AddMetadata(name, value);
    }
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (status.ok()) return response;
    ApiKeysError error = ErrorOf(status, context);
    const auto delay =
        NextDelay(options_.retry, access, error, attempts, deadline - timer.now(), timer.jitter());
    if (!delay) return error;
    timer.sleep(*delay);
  }
}

Result<v1::CreateApiKeyResponse> Client::CreateApiKey(const v1::CreateApiKeyRequest& request,
                                                      const CallOptions& options) const {
  return Call(&v1::ApiKeys::Stub::CreateApiKey, Access::kWrite, request, options);
}

Result<v1::DeleteApiKeyResponse> Client::DeleteApiKey(const v1::DeleteApiKeyRequest& request,
                                                      const CallOptions& options) const {
  return Call(&v1::ApiKeys::Stub::DeleteApiKey, Access::kWrite, request, options);
}

Result<v1::GetAllPermissionsResponse> Client::GetAllPermissions(
    const v1::GetAllPermissionsRequest& request, const CallOptions& options) const {
  return Call(&v1::ApiKeys::Stub::GetAllPermissions, Access::kRead, request, options);
}

Result<v1::GetApiKeyResponse> Client::GetApiKey(const v1::GetApiKeyRequest& request,
                                                const CallOptions& options) const {
  return Call(&v1::ApiKeys::Stub::GetApiKey, Access::kRead, request, options);
}

Result<v1::GetApiKeysResponse> Client::GetApiKeys(const v1::GetApiKeysRequest& request,
                                                  const CallOptions& options) const {
  return Call(&v1::ApiKeys::Stub::GetApiKeys, Access::kRead, request, options);
}

Result<v1::UpdateApiKeyResponse> Client::UpdateApiKey(const v1::UpdateApiKeyRequest& request,
                                                      const CallOptions& options) const {
  return Call(&v1::ApiKeys::Stub::UpdateApiKey, Access::kWrite, request, options);
}

}  // namespace docspace::apikeys
