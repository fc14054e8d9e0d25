#include "server/rpc/call_servers.h"

#include <grpc/grpc.h>

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

#if DOCSPACE_GRPC_ON_ASIO
#include <grpcpp/impl/server_builder_option.h>

#include "server/rpc/asio_socket.h"
#else
#include "server/rpc/external_connections.h"
#endif

namespace docspace::gateway {

#if DOCSPACE_GRPC_ON_ASIO

namespace {

using grpc_event_engine::experimental::EventEngine;

// Gives a server its engine.
class EngineOption final : public grpc::ServerBuilderOption {
 public:
  explicit EngineOption(std::shared_ptr<EventEngine> engine) : engine_(std::move(engine)) {}

  void UpdateArguments(grpc::ChannelArguments* arguments) override {
    // gRPC copies the shared pointer.
    arguments->SetPointerWithVtable(
        GRPC_ARG_EVENT_ENGINE, &engine_,
        grpc_event_engine::experimental::grpc_event_engine_arg_vtable());
  }
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>*) override {}

 private:
  std::shared_ptr<EventEngine> engine_;
};

}  // namespace

std::unique_ptr<grpc::ServerCompletionQueue> CallServers::AddQueue() {
  parts_.push_back(std::make_unique<Part>());
  return parts_.back()->builder.AddCompletionQueue();
}

void CallServers::AddListener(Part& part, EventLoop& loop) {
  part.builder.SetOption(std::make_unique<EngineOption>(loop.events().engine()));
  part.builder.experimental().AddPassiveListener(part.credentials, part.listener);
}

grpc::AsyncGenericService& CallServers::service(std::size_t loop) { return parts_[loop]->service; }

void CallServers::Accept(FileDescriptor connection) {
  const auto loop = std::ranges::min_element(
      loops_, {}, [](EventLoop* candidate) { return candidate->events().engine()->connections(); });
  const std::shared_ptr<AsioEventEngine>& engine = (*loop)->events().engine();
  engine->Run([&part = *parts_[loop - loops_.begin()], connection = std::move(connection),
               count = AsioEventEngine::ConnectionCount(engine)]() mutable {
    // If the server has shut down, the connection is closed with the endpoint.
    static_cast<void>(part.listener->AcceptConnectedEndpoint(
        MakeAsioEndpoint(connection.Release(), std::move(count))));
  });
}

void CallServers::CloseConnections() {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    loops_[i]->Post(
        [server = parts_[i]->server.get()] { grpc_server_cancel_all_calls(server->c_server()); });
  }
}

#else

std::unique_ptr<grpc::ServerCompletionQueue> CallServers::AddQueue() {
  if (parts_.empty()) parts_.push_back(std::make_unique<Part>());
  return parts_.front()->builder.AddCompletionQueue();
}

void CallServers::AddListener(Part& part, EventLoop& /*loop*/) {
  part.accept = AddExternalConnectionAcceptor(part.builder, part.credentials);
}

grpc::AsyncGenericService& CallServers::service(std::size_t /*loop*/) {
  return parts_.front()->service;
}

void CallServers::Accept(FileDescriptor connection) {
  parts_.front()->accept(std::move(connection));
}

void CallServers::CloseConnections() {
  grpc_server_cancel_all_calls(parts_.front()->server->c_server());
}

#endif

bool CallServers::Start(const std::vector<EventLoop*>& loops, const Options& options) {
  loops_ = loops;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (StartPart(i, options)) continue;
    Shutdown(std::chrono::system_clock::now());
    for (EventLoop* loop : loops_) loop->Stop();
    return false;
  }
  return true;
}

bool CallServers::StartPart(std::size_t index, const Options& options) {
  Part& part = *parts_[index];
  part.credentials = options.credentials();
  AddListener(part, *loops_[index]);
  part.builder.RegisterAsyncGenericService(&part.service);
  options.configure(part.builder, parts_.size());
  part.server = part.builder.BuildAndStart();
  return part.server != nullptr;
}

void CallServers::Shutdown(std::chrono::system_clock::time_point end) {
  for (EventLoop* loop : loops_) {
    // The loop first closes the connections that it was told to close.
    const auto reached = std::make_shared<std::promise<void>>();
    loop->Post([reached] { reached->set_value(); });
    reached->get_future().wait();
    loop->events().ExpectForeignEntries();
  }
  std::vector<std::jthread> others;
  for (const std::unique_ptr<Part>& part : parts_) {
    if (part->server) others.emplace_back([&part, end] { part->server->Shutdown(end); });
  }
}

}  // namespace docspace::gateway
