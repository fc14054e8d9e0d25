// Hands connections that a Listener has accepted to a gRPC server.
#ifndef SERVER_RPC_EXTERNAL_CONNECTIONS_H_
#define SERVER_RPC_EXTERNAL_CONNECTIONS_H_

#include <grpcpp/server_builder.h>

#include <functional>
#include <memory>

namespace docspace::gateway {

// Returns a function that passes the descriptor of a connection to the server that `builder`
// builds, which takes ownership of it. The function may be called only while that server exists.
// `credentials` must outlive the server.
inline std::function<void(int descriptor)> AddExternalConnectionAcceptor(
    grpc::ServerBuilder& builder, const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  using grpc::experimental::ExternalConnectionAcceptor;
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  const std::shared_ptr<ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD, credentials);
  return [acceptor](int descriptor) {
    ExternalConnectionAcceptor::NewConnectionParameters connection;
    // gRPC takes no connection without a listener from some release after 1.51 on, but does not
    // use the descriptor.
    connection.listener_fd = descriptor;
    connection.fd = descriptor;
    acceptor->HandleNewConnection(&connection);
  };
}

}  // namespace docspace::gateway

#endif  // SERVER_RPC_EXTERNAL_CONNECTIONS_H_
