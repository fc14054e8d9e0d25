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

// The clock and the waits of retries. Replace it in tests, or if a thread must not sleep.
struct RetryTimer {
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::nanoseconds)> sleep;
  // Returns a number uniform in [0, 1). Called from every thread that makes calls.
  std::function<double()> jitter;

  static RetryTimer System();
};

struct ClientOptions {
  // The deadline of a whole call, retries included.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
  // The retries of reads; the client never repeats a write.
  RetryPolicy retry = {};
  // The metadata of every call, before that of CallOptions, which lists the names.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  RetryTimer timer = RetryTimer::System();
  // The proxy of the channel that Connect makes.
  Proxy proxy = {};
};

struct CallOptions {
  // Replaces ClientOptions::timeout for this call.
  std::optional<std::chrono::nanoseconds> timeout = {};
  // `x-docspace-portal` selects a portal if the gateway serves several. The gateway passes on
  // `x-request-id`, `traceparent`, `tracestate` and `accept-language`. A name or value that gRPC
  // cannot carry makes the call fail with INVALID_ARGUMENT.
  std::vector<std::pair<std::string, std::string>> metadata = {};
};

// Client makes the six calls with a credential, a deadline and typed errors. A call blocks until it
// has a response or an error, or until its deadline; it never throws. Thread-safe.
//
// Reads (GetAllPermissions, GetApiKey, GetApiKeys) are repeated after UNAVAILABLE, as
// ClientOptions::retry says. A write is sent once: ApiKeysError::IsSafeToRetry() tells whether the
// caller may repeat it.
class Client {
 public:
  // Create `channel` with MakeChannel, which disables gRPC's own retries; otherwise both apply.
  Client(const std::shared_ptr<grpc::Channel>& channel, Credential credential,
         ClientOptions options = {});

  // Fails as MakeChannel does.
  static Result<Client> Connect(const std::string& target, const Transport& transport,
                                Credential credential, ClientOptions options = {});

  // A request without permissions creates a key with all rights of its owner. The response holds
  // the secret of the key: see TakeSecret.
  Result<v1::CreateApiKeyResponse> CreateApiKey(const v1::CreateApiKeyRequest& request,
                                                const CallOptions& options = {}) const;
  // For a key of another user, older portals return `deleted` false, and newer ones fail with
  // PERMISSION_DENIED and ACCESS_DENIED. UpdateApiKey behaves in the same way.
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
