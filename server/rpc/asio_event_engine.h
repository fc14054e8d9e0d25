// gRPC's EventEngine on the io_context of an event loop.
#ifndef SERVER_RPC_ASIO_EVENT_ENGINE_H_
#define SERVER_RPC_ASIO_EVENT_ENGINE_H_

#include "server/rpc/grpc_on_asio.h"

#if DOCSPACE_GRPC_ON_ASIO

#include <grpc/event_engine/event_engine.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace docspace::gateway {

class AsioSocket;

using SocketHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// AsioEventEngine runs gRPC's closures and timers on the thread of one event loop, which also runs
// the callbacks of the sockets of AsioEndpoint. A server that is built with it therefore does all
// its work on that thread. It is an engine for servers: it neither connects, listens nor resolves.
//
// gRPC shares the engine with the loop and may keep it for longer. Thread-safe, unless a method
// says otherwise.
class AsioEventEngine final : public grpc_event_engine::experimental::EventEngine {
 public:
  // Counts one connection as long as it exists. Thread-safe.
  class ConnectionCount {
   public:
    explicit ConnectionCount(std::shared_ptr<AsioEventEngine> engine) : engine_(std::move(engine)) {
      ++engine_->connections_;
    }
    ConnectionCount(ConnectionCount&& other) noexcept = default;
    ConnectionCount& operator=(ConnectionCount&&) = delete;
    ~ConnectionCount() {
      if (engine_) --engine_->connections_;
    }

    // The engine of the connection's loop.
    const std::shared_ptr<AsioEventEngine>& engine() const { return engine_; }

   private:
    std::shared_ptr<AsioEventEngine> engine_;
  };

  // `context` must have work, and outlive the call of Retire.
  explicit AsioEventEngine(boost::asio::io_context& context);
  ~AsioEventEngine() override;
  AsioEventEngine(const AsioEventEngine&) = delete;
  AsioEventEngine& operator=(const AsioEventEngine&) = delete;

  // Makes the calling thread the loop's thread. Must be called before the server is built.
  void Enter() { thread_ = std::this_thread::get_id(); }

  // Runs the closures that are ready. Returns false if there were none. Must be called on the
  // loop's thread, outside gRPC.
  bool RunReady();

  // Ends the work on the loop: closes the sockets, runs all that is ready, and leaves what gRPC
  // brings later to the engine of the process. Timers that have not expired never do; gRPC can
  // still cancel them. Must be called on the loop's thread, when all servers have shut down.
  void Retire();

  // The number of connections that have a ConnectionCount.
  std::size_t connections() const { return connections_; }

  bool IsWorkerThread() override { return thread_.load() == std::this_thread::get_id(); }

  void Run(Closure* closure) override;
  void Run(absl::AnyInvocable<void()> closure) override;
  TaskHandle RunAfter(Duration when, Closure* closure) override;
  TaskHandle RunAfter(Duration when, absl::AnyInvocable<void()> closure) override;
  bool Cancel(TaskHandle handle) override;

  // These fail, because no server needs them.
  absl::StatusOr<std::unique_ptr<Listener>> CreateListener(
      Listener::AcceptCallback on_accept, absl::AnyInvocable<void(absl::Status)> on_shutdown,
      const grpc_event_engine::experimental::EndpointConfig& config,
      std::unique_ptr<grpc_event_engine::experimental::MemoryAllocatorFactory> memory) override;
  ConnectionHandle Connect(OnConnectCallback on_connect, const ResolvedAddress& address,
                           const grpc_event_engine::experimental::EndpointConfig& config,
                           grpc_event_engine::experimental::MemoryAllocator memory,
                           Duration timeout) override;
  bool CancelConnect(ConnectionHandle /*handle*/) override { return false; }
  absl::StatusOr<std::unique_ptr<DNSResolver>> GetDNSResolver(
      const DNSResolver::ResolverOptions& options) override;

 private:
  friend class AsioSocket;
  using Task = absl::AnyInvocable<void()>;
  struct Timer {
    Task task;
    // Null until the loop has begun to wait for it.
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  // Makes the loop's thread run `task`. `task` is not changed if the engine has retired.
  bool Queue(Task& task);
  void StartTimer(std::intptr_t id, boost::asio::steady_timer::time_point due);
  void OnTimer(std::intptr_t id);

  boost::asio::io_context& context_;
  std::atomic<std::thread::id> thread_;
  std::atomic<std::size_t> connections_{0};
  // The tasks that the loop's thread queued, the tasks that run, and the next one of these. Only
  // that thread uses them.
  std::vector<Task> ready_;
  std::vector<Task> running_;
  std::size_t next_ = 0;
  std::mutex mutex_;
  // The tasks that other threads queued.
  std::vector<Task> foreign_;
  std::atomic<bool> has_foreign_{false};
  bool is_retired_ = false;
  std::intptr_t last_id_ = 0;
  std::unordered_map<std::intptr_t, Timer> timers_;
  // The sockets that are open. Only the loop's thread uses it.
  boost::intrusive::list<AsioSocket, boost::intrusive::base_hook<SocketHook>,
                         boost::intrusive::constant_time_size<false>>
      sockets_;
};

}  // namespace docspace::gateway

#endif  // DOCSPACE_GRPC_ON_ASIO

#endif  // SERVER_RPC_ASIO_EVENT_ENGINE_H_
