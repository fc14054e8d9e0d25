#include "server/rpc/channelz_server.h"

#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "server/rpc/external_connections.h"
#include "server/rpc/server_limits.h"

namespace docspace::gateway {

absl::StatusOr<std::unique_ptr<ChannelzServer>> ChannelzServer::Start(
    const std::string& address, const Listener::Limits& limits, Listener::Callbacks told) {
  auto listener = Listener::Bind(address);
  if (!listener.ok()) return listener.status();
  std::unique_ptr<ChannelzServer> channelz(new ChannelzServer());
  channelz->listener_ = *std::move(listener);
  channelz->credentials_ = grpc::InsecureServerCredentials();
  grpc::channelz::experimental::InitChannelzService();
  grpc::ServerBuilder builder;
  told.on_connection = AddExternalConnectionAcceptor(builder, channelz->credentials_);
  SetLimits({.idle = std::chrono::minutes(1)}, builder);
  channelz->server_ = builder.BuildAndStart();
  if (!channelz->server_) return absl::InternalError("gRPC could not start the server");
  channelz->listener_->Start(limits, std::move(told));
  return channelz;
}

ChannelzServer::~ChannelzServer() {
  listener_->Close();
  listener_->connections().CutAll();
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
}

}  // namespace docspace::gateway
