#include "server/health/health_server.h"

#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>

#include "server/base/file_descriptor.h"
#include "server/rpc/server_limits.h"

namespace docspace::gateway {
namespace {

constexpr ServerLimits kLimits = {.request_bytes = HealthService::kMaxRequestBytes,
                                  .idle = std::chrono::minutes(1)};

CallLimits MakeCallLimits() {
  return {.write_timeout = std::chrono::seconds(10),
          .memory = std::make_shared<CallMemory>(std::size_t{4} * 1024 * 1024,
                                                 std::size_t{8} * 1024 * 1024),
          .calls_of_connection = 2 * kLimits.streams,
          .metadata_entries = kLimits.metadata_bytes / 32};
}

}  // namespace

absl::StatusOr<std::unique_ptr<HealthServer>> HealthServer::Start(const std::string& address,
                                                                  ServingStatus& status,
                                                                  const Listener::Limits& limits,
                                                                  Listener::Callbacks told) {
  auto listener = Listener::Bind(address);
  if (!listener.ok()) return listener.status();
  std::unique_ptr<HealthServer> health(new HealthServer(status));
  health->listener_ = *std::move(listener);
  auto queue = health->servers_.AddQueue();
  grpc::ServerCompletionQueue& calls = *queue;
  health->loop_ = std::make_unique<EventLoop>([](std::string_view) {}, std::move(queue));
  health->group_ = std::make_unique<CallGroup>(*health->loop_, calls);
  if (!health->servers_.Start(
          {health->loop_.get()},
          {.credentials = &grpc::InsecureServerCredentials,
           .configure = [](grpc::ServerBuilder& builder, std::size_t /*servers*/) {
             SetLimits(kLimits, builder);
           }})) {
    return absl::InternalError("gRPC could not start the server");
  }
  told.on_connection = [&servers = health->servers_](FileDescriptor connection) {
    servers.Accept(std::move(connection));
  };
  health->service_.Serve(*health->group_);
  health->group_->Serve(health->servers_.service(0), MakeCallLimits(),
                        &health->listener_->connections());
  health->listener_->Start(limits, std::move(told));
  return health;
}

HealthServer::~HealthServer() {
  listener_->Close();
  listener_->connections().CutAll();
  servers_.Shutdown(std::chrono::system_clock::now());
  if (loop_) loop_->Stop();
}

}  // namespace docspace::gateway
