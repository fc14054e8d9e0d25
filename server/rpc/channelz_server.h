// gRPC's channelz, which reports sockets and calls, on a port of its own.
#ifndef SERVER_RPC_CHANNELZ_SERVER_H_
#define SERVER_RPC_CHANNELZ_SERVER_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/rpc/listener.h"

namespace docspace::gateway {

class ChannelzServer {
 public:
  // Starts a server in plaintext, which serves until it is destroyed. Must be called after all
  // other servers have been built, because gRPC adds channelz to every server that is built
  // afterwards. A server appears in channelz if it was built with GRPC_ARG_ENABLE_CHANNELZ. Returns
  // UNAVAILABLE if the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<ChannelzServer>> Start(const std::string& address,
                                                               const Listener::Limits& limits,
                                                               Listener::Callbacks told);
  ~ChannelzServer();
  ChannelzServer(const ChannelzServer&) = delete;
  ChannelzServer& operator=(const ChannelzServer&) = delete;

 private:
  ChannelzServer() = default;

  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_CHANNELZ_SERVER_H_
