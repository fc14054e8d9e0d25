// The ApiKeys API of a DocSpace portal, through the gateway.
#ifndef CLIENT_CPP_CLIENT_H_
#define CLIENT_CPP_CLIENT_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/cpp/channel.h"
#include "client/cpp/credential.h"
#include "client/cpp/result.h"
#include "client/cpp/retry.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"

namespace docspace::apikeys {

// How retries see and spend time. Replaced in tests, and where a thread must not sleep.
struct RetryTimer {
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::nanoseconds)> sleep;
  // Uniform in [0, 1). Called from every thread that makes calls.
  std::function<double()> jitter;

  static RetryTimer System();
};

struct ClientOptions {
  // For a whole call, its retries included.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
  RetryPolicy retry = {};
  // Of every call, before its own: CallOptions says which.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  RetryTimer timer = RetryTimer::System();
  // Of the channel that Connect makes.
  Proxy proxy = {};
};

struct CallOptions {
  // Instead of ClientOptions::timeout.
  std::optional<std::chrono::nanoseconds> timeout = {};
  // `x-docspace-portal`, which chooses a portal where the gateway serves several; and what it
  // passes on: `x-request-id`, `traceparent`, `tracestate`, `accept-language`. A name or value that
  // gRPC cannot carry fails the call with INVALID_ARGUMENT.
  std::vector<std::pair<std::string, std::string>> metadata = {};
};

// Safe to use from several threads. A call blocks until it has an answer, an error that must not be
// retried, or reached its deadline; it never throws.
class Client {
 public:
  // The retry policy is the only one where `channel` has none of its own: see MakeChannel.
  Client(const std::shared_ptr<grpc::Channel>& channel, Credential credential,
         ClientOptions options = {});

  // Fails as MakeChannel does.
  static Result<Client> Connect(const std::string& target, const Transport& transport,
                                Credential credential, ClientOptions options = {});

  // Without permissions the new key may do whatever its owner may: a filter that leaves none does
  // not make a harmless key. The answer holds the secret: see TakeSecret.
  Result<v1::CreateApiKeyResponse> CreateApiKey(const v1::CreateApiKeyRequest& request,
                                                const CallOptions& options = {}) const;
  // Of a key that belongs to another user older portals say `deleted` false, and newer ones
  // PERMISSION_DENIED with ACCESS_DENIED; so do they of UpdateApiKey.
  Result<v1::DeleteApiKeyResponse> DeleteApiKey(const v1::DeleteApiKeyRequest& request,
                                                const CallOptions& options = {}) const;
  Result<v1::GetAllPermissionsResponse> GetAllPermissions(
      const v1::GetAllPermissionsRequest& request, const CallOptions& options = {}) const;
  Result<v1::GetApiKeyResponse> GetApiKey(const v1::GetApiKeyRequest& request,
                                          const CallOptions& options = {}) const;
  Result<v1::GetApiKeysResponse> GetApiKeys(const v1::GetApiKeysRequest& request,
                                            const CallOptions& options = {}) const;
  Result<v1::UpdateApiKeyResponse> UpdateApiKey(const v1::UpdateApiKeyRequest& request,
                                                const CallOptions& options = {}) const;

 private:
  template <typename Request, typename Response>
  Result<Response> Call(grpc::Status (v1::ApiKeys::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                        Access access, const Request& request, const CallOptions& options) const;

  std::unique_ptr<v1::ApiKeys::Stub> stub_;
  Credential credential_;
  ClientOptions options_;
};

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_CLIENT_H_
