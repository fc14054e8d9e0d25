// Hands connections that a Listener has accepted to a gRPC server.
#ifndef SERVER_RPC_EXTERNAL_CONNECTIONS_H_
#define SERVER_RPC_EXTERNAL_CONNECTIONS_H_

#include <grpcpp/server_builder.h>

#include <functional>
#include <memory>

#include "server/base/file_descriptor.h"

namespace docspace::gateway {

// Returns a function that passes a connection to the server that `builder` builds. The function may
// be called only while that server exists. `credentials` must outlive the server.
inline std::function<void(FileDescriptor connection)> AddExternalConnectionAcceptor(
    grpc::ServerBuilder& builder, const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  using grpc::experimental::ExternalConnectionAcceptor;
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  const std::shared_ptr<ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD, credentials);
  return [acceptor](FileDescriptor connection) {
    ExternalConnectionAcceptor::NewConnectionParameters parameters;
    // gRPC takes no connection without a listener from some release after 1.51 on, but does not
    // use the descriptor.
    parameters.listener_fd = connection.get();
    parameters.fd = connection.Release();
    acceptor->HandleNewConnection(&parameters);
  };
}

}  // namespace docspace::gateway

#endif  // SERVER_RPC_EXTERNAL_CONNECTIONS_H_
