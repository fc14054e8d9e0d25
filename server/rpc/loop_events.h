// What an event loop waits for: events of gRPC and of Asio.
#ifndef SERVER_RPC_LOOP_EVENTS_H_
#define SERVER_RPC_LOOP_EVENTS_H_

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "server/rpc/grpc_on_asio.h"

#if DOCSPACE_GRPC_ON_ASIO
#include "server/rpc/asio_event_engine.h"
#else
#include <grpcpp/alarm.h>

#include "server/rpc/completion.h"
#include "server/rpc/io_context_watcher.h"
#endif

namespace docspace::gateway {

// LoopEvents waits in the one of the two that gets the events of both. With gRPC 1.51 that is the
// completion queue: a second thread watches the io_context, and wakes the loop by an entry in the
// queue. With an engine on Asio it is the io_context: what gRPC does happens in its handlers, so
// the queue has something only after one of them has run.
//
// Its methods must be called by the loop's thread unless they say otherwise.
class LoopEvents {
 public:
  struct Entry {
    void* tag;
    bool ok;
  };

  // `context` must have work, and outlive this object, as must `queue`. Called by any thread.
  LoopEvents(boost::asio::io_context& context, grpc::CompletionQueue& queue);
  LoopEvents(const LoopEvents&) = delete;
  LoopEvents& operator=(const LoopEvents&) = delete;

  // Must be called when the loop's thread begins.
  void Enter();

  // Runs closures of gRPC's that are ready. Returns false if there were none.
  bool RunClosures();

  // Waits until there is an event, but not for much longer than `longest`. Returns the entry if it
  // took one from the queue. May run a handler of the context, and throw what it throws.
  std::optional<Entry> Wait(std::chrono::milliseconds longest);

  // Returns whether `entry` only ended the wait because something happened in the context.
  bool IsWakeUp(const Entry& entry);

  // Makes the next Wait, or the present one, return soon. Called by any thread.
  void Wake();

  // Tells that other threads complete operations of the queue from now on, as the one does that
  // shuts the server down, or a client in this process. Called by any thread.
  void ExpectForeignEntries();

  // Must be called when the loop's thread ends: before the queue is shut down, and after it has
  // been emptied.
  void BeginEnd();
  void End();

#if DOCSPACE_GRPC_ON_ASIO
  // The engine for the servers whose calls the loop carries. Called by any thread.
  const std::shared_ptr<AsioEventEngine>& engine() const { return engine_; }
#endif

 private:
#if DOCSPACE_GRPC_ON_ASIO
  boost::asio::io_context& context_;
  const std::shared_ptr<AsioEventEngine> engine_;
  std::atomic<bool> expects_foreign_entries_{false};
#else
  void OnWoken(bool ok);

  grpc::CompletionQueue& queue_;
  MemberCompletion<LoopEvents, &LoopEvents::OnWoken> woken_{*this};
  std::mutex waking_;
  // True while a wake-up is on its way; a second one would add nothing.
  bool is_woken_ = false;
  // True if the queue is shut down.
  bool ended_ = false;
  grpc::Alarm alarm_;
  std::optional<IoContextWatcher> watcher_;
#endif
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_LOOP_EVENTS_H_
