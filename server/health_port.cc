#include "server/health_port.h"

#include <grpc/grpc.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "server/external_connections.h"

namespace docspace::gateway {
namespace {

constexpr int kMaxRequestBytes = 4096;
constexpr int kMaxMetadataBytes = 4096;
constexpr int kMaxStreams = 16;
constexpr int kMaxConnectionIdleMilliseconds = 60'000;

}  // namespace

absl::StatusOr<std::unique_ptr<HealthPort>> HealthPort::Start(const std::string& address,
                                                              ServingStatus& status,
                                                              const Listener::Limits& limits,
                                                              Listener::Callbacks told) {
  auto listener = Listener::Bind(address);
  if (!listener.ok()) return listener.status();
  std::unique_ptr<HealthPort> health(new HealthPort(status));
  grpc::ServerBuilder builder;
  auto queue = builder.AddCompletionQueue();
  grpc::ServerCompletionQueue& calls = *queue;
  health->loop_ = std::make_unique<EventLoop>([](std::string_view) {}, std::move(queue));
  health->calls_ = std::make_unique<CallGroup>(*health->loop_, calls);
  health->credentials_ = grpc::InsecureServerCredentials();
  told.on_connection = TakeConnections(builder, health->credentials_);
  builder.RegisterService(&health->service_.service());
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxConnectionIdleMilliseconds);
  health->server_ = builder.BuildAndStart();
  if (!health->server_) return absl::InternalError("gRPC does not start");
  health->service_.Serve(*health->calls_);
  health->listener_ = *std::move(listener);
  health->listener_->Start(limits, std::move(told));
  return health;
}

HealthPort::~HealthPort() {
  if (listener_) listener_->Close();
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
  if (loop_) loop_->Stop();
}

}  // namespace docspace::gateway
