// The gRPC servers that serve one address.
#ifndef SERVER_RPC_CALL_SERVERS_H_
#define SERVER_RPC_CALL_SERVERS_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "server/base/file_descriptor.h"
#include "server/rpc/event_loop.h"
#include "server/rpc/grpc_on_asio.h"

#if DOCSPACE_GRPC_ON_ASIO
#include <grpcpp/passive_listener.h>
#endif

namespace docspace::gateway {

// CallServers takes connections that a Listener has accepted, and gives their calls to event loops.
// With gRPC 1.51 this is one server: it may give a call to any loop that waits for one. With
// gRPC on Asio it is one server for each loop, so that connections and calls stay on the loop's
// thread. Its methods must be called by one thread unless they say otherwise.
class CallServers {
 public:
  struct Options {
    // Returns the credentials of one server. TLS credentials may not serve two.
    std::function<std::shared_ptr<grpc::ServerCredentials>()> credentials;
    // Sets the limits of each server, which bears this share of the load: 1 / `servers`.
    std::function<void(grpc::ServerBuilder& builder, std::size_t servers)> configure;
  };

  CallServers() = default;
  CallServers(const CallServers&) = delete;
  CallServers& operator=(const CallServers&) = delete;

  // Returns the queue of a further loop. Must be called before Start.
  std::unique_ptr<grpc::ServerCompletionQueue> AddQueue();

  // Starts to serve. `loops` are those of the queues, in their order. They must have ended when
  // this object is destroyed. Returns false if gRPC could not start a server; then no other one
  // serves, and the loops have ended.
  bool Start(const std::vector<EventLoop*>& loops, const Options& options);

  // Returns the service whose calls the loop with this number carries. Must be called after Start.
  grpc::AsyncGenericService& service(std::size_t loop);

  // Takes a connection. Must be called after Start and before Shutdown. With gRPC on
  // Asio the connection goes to the loop that has the fewest, as with Envoy's exact balance, so
  // that connections which close do not leave one loop idle; gRPC 1.51 gives each loop one in turn.
  // Thread-safe.
  void Accept(FileDescriptor connection);

  // Cancels the calls and closes the connections. Thread-safe.
  void CloseConnections();

  // Shuts down, and returns when no call is left. gRPC cancels calls that begin after this, and at
  // `end` the remaining ones. What CloseConnections was told before is done first. The loops must
  // run, and must not call this.
  void Shutdown(std::chrono::system_clock::time_point end);

 private:
  // A server, and the builder of it.
  struct Part {
    grpc::ServerBuilder builder;
    grpc::AsyncGenericService service;
    std::shared_ptr<grpc::ServerCredentials> credentials;
#if DOCSPACE_GRPC_ON_ASIO
    std::unique_ptr<grpc::experimental::PassiveListener> listener;
#else
    std::function<void(FileDescriptor connection)> accept;
#endif
    std::unique_ptr<grpc::Server> server;
  };

  // Returns false if gRPC could not start the server.
  bool StartPart(std::size_t index, const Options& options);
  // Prepares the builder to take connections, on `loop`.
  static void AddListener(Part& part, EventLoop& loop);

  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<EventLoop*> loops_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_CALL_SERVERS_H_
