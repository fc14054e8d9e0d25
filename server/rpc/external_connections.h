// How connections that a Listener accepted come to a gRPC server.
#ifndef SERVER_RPC_EXTERNAL_CONNECTIONS_H_
#define SERVER_RPC_EXTERNAL_CONNECTIONS_H_

#include <grpcpp/server_builder.h>

#include <functional>
#include <memory>

namespace docspace::gateway {

// Takes a connection's descriptor over, for the server that `builder` builds; not to be called
// before that, nor after the server has gone. `credentials` outlive the server.
inline std::function<void(int descriptor)> TakeConnections(
    grpc::ServerBuilder& builder, const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  using grpc::experimental::ExternalConnectionAcceptor;
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  const std::shared_ptr<ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD, credentials);
  return [acceptor](int descriptor) {
    ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = descriptor;
    acceptor->HandleNewConnection(&connection);
  };
}

}  // namespace docspace::gateway

#endif  // SERVER_RPC_EXTERNAL_CONNECTIONS_H_
