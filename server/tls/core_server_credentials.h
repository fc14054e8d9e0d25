// Credentials of gRPC's C core as credentials of its C++ API.
#ifndef SERVER_TLS_CORE_SERVER_CREDENTIALS_H_
#define SERVER_TLS_CORE_SERVER_CREDENTIALS_H_

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/version_info.h>

#include <memory>
#include <string>
#include <utility>

namespace docspace::gateway {

// CoreServerCredentials owns `credentials`, and keeps `state`, which they use, alive. From
// gRPC 1.59 on, the base class owns them; before, a derived class must add the port.
class CoreServerCredentials final : public grpc::ServerCredentials {
 public:
#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 59
  CoreServerCredentials(grpc_server_credentials* credentials, std::shared_ptr<void> state)
      : grpc::ServerCredentials(credentials), state_(std::move(state)) {}
#else
  CoreServerCredentials(grpc_server_credentials* credentials, std::shared_ptr<void> state)
      : credentials_(credentials), state_(std::move(state)) {}
  ~CoreServerCredentials() override { grpc_server_credentials_release(credentials_); }
#endif

  // Does nothing, because the service checks what a caller sends.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
#if GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR < 59
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
#endif
  const std::shared_ptr<void> state_;
};

}  // namespace docspace::gateway

#endif  // SERVER_TLS_CORE_SERVER_CREDENTIALS_H_
