// The six RPCs: credentials → encode → send → map or decode.
#ifndef SERVER_API_KEYS_SERVICE_H_
#define SERVER_API_KEYS_SERVICE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/admission.h"
#include "server/config.h"
#include "server/docspace/routes.h"
#include "server/rpc_log.h"
#include "server/worker.h"

namespace docspace::gateway {

class ApiKeysService final : public apikeys::v1::ApiKeys::CallbackService {
 public:
  // Calls are spread evenly over `workers`. Everything given outlives the service.
  ApiKeysService(const Config& config, const std::vector<std::unique_ptr<Worker>>& workers,
                 const RpcLog& log);

  grpc::ServerUnaryReactor* CreateApiKey(grpc::CallbackServerContext* context,
                                         const apikeys::v1::CreateApiKeyRequest* request,
                                         apikeys::v1::CreateApiKeyResponse* response) override;
  grpc::ServerUnaryReactor* DeleteApiKey(grpc::CallbackServerContext* context,
                                         const apikeys::v1::DeleteApiKeyRequest* request,
                                         apikeys::v1::DeleteApiKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetAllPermissions(
      grpc::CallbackServerContext* context, const apikeys::v1::GetAllPermissionsRequest* request,
      apikeys::v1::GetAllPermissionsResponse* response) override;
  grpc::ServerUnaryReactor* GetApiKey(grpc::CallbackServerContext* context,
                                      const apikeys::v1::GetApiKeyRequest* request,
                                      apikeys::v1::GetApiKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetApiKeys(grpc::CallbackServerContext* context,
                                       const apikeys::v1::GetApiKeysRequest* request,
                                       apikeys::v1::GetApiKeysResponse* response) override;
  grpc::ServerUnaryReactor* UpdateApiKey(grpc::CallbackServerContext* context,
                                         const apikeys::v1::UpdateApiKeyRequest* request,
                                         apikeys::v1::UpdateApiKeyResponse* response) override;

  // Refuses calls from now on, with UNAVAILABLE; those in flight go on.
  void Close() { admission_.Close(); }
  std::size_t in_flight() const { return admission_.in_flight(); }

 private:
  struct Exchange;

  template <class Request, class Response>
  grpc::ServerUnaryReactor* Forward(Rpc rpc, grpc::CallbackServerContext* context,
                                    const Request& request, Response& response);
  template <class Request, class Response>
  grpc::ServerUnaryReactor* Start(const std::shared_ptr<Exchange>& exchange, const Request& request,
                                  Response& response);
  template <class Request, class Response>
  static http::Task<absl::Status> Translate(const UnaryCall& call, Exchange& exchange,
                                            const Request& request, Response& response);
  absl::Status Admit(const Exchange& exchange) const;
  grpc::Status Conclude(const absl::Status& status, Exchange& exchange);
  Worker& NextWorker();

  const Config& config_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const RpcLog& log_;
  Admission admission_;
  std::atomic<std::size_t> next_worker_{0};
};

}  // namespace docspace::gateway

#endif  // SERVER_API_KEYS_SERVICE_H_
