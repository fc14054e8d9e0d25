// A thread that runs coroutines and completes gRPC's asynchronous operations.
#ifndef SERVER_RPC_EVENT_LOOP_H_
#define SERVER_RPC_EVENT_LOOP_H_

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "server/rpc/busy_poll.h"
#include "server/rpc/loop_events.h"

namespace docspace::gateway {

// EventLoop does both on one thread, so that a call never changes threads. While nothing is ready,
// and nothing is expected at once (see BusyPoll), the thread waits where LoopEvents says.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  // The longest time that the loop waits before it turns, even if nothing happens.
  static constexpr std::chrono::seconds kLongestWait{1};

  // Keeps the loop running while it exists. Create it on the loop's thread or before Stop.
  class WorkGuard {
   public:
    explicit WorkGuard(EventLoop& loop) : loop_(loop) { ++loop_.holds_; }
    WorkGuard(const WorkGuard&) = delete;
    WorkGuard& operator=(const WorkGuard&) = delete;
    ~WorkGuard() { --loop_.holds_; }

   private:
    EventLoop& loop_;
  };

  // If a handler throws, `on_exception` is called on the loop's thread and the loop goes on. Each
  // tag in `queue` must be a Completion. `now` is read on the loop's thread; tests replace it.
  explicit EventLoop(
      std::function<void(std::string_view what)> on_exception,
      std::unique_ptr<grpc::CompletionQueue> queue = std::make_unique<grpc::CompletionQueue>(),
      std::function<Clock::time_point()> now = &Clock::now);
  // Ends the thread. Coroutines that have not ended are destroyed with the context.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Must be used on the loop's thread; other threads use Post.
  boost::asio::io_context& context() { return context_; }

  // The sources of the loop's events.
  LoopEvents& events() { return events_; }

  // Runs `task` on the loop's thread. Thread-safe.
  void Post(std::function<void()> task);

  // The time of the loop's last turn, by `now`. It is at most `kLongestWait` ago unless a handler
  // does not return. After the loop has ended it is time_point::max(). Thread-safe.
  Clock::time_point last_turn() const { return last_turn_.load(std::memory_order_relaxed); }

  // Ends the thread after all queued tasks have run and no WorkGuard is left. Idempotent.
  void Stop();

 private:
  void Run();
  // Handles events until the loop ends: where the queue gets the events of both, or the context.
  void TurnInQueue();
  void TurnInContext();
  // Completes operations of gRPC that have ended, without waiting. Returns false if none had.
  bool CompleteReady();
  // Runs handlers of Asio that are ready. Returns true if no more are.
  bool RunReady();
  // Polls for a moment, if events are likely to be near. Returns true if it has handled one.
  bool PollBusily();
  // Waits for an operation of gRPC, and completes it. Returns whether it was a wake-up: then Asio
  // has something to run.
  bool WaitForWake();
  void Complete(void* tag, bool ok);
  template <class Function>
  void Guard(Function function);
  void ReportException(const std::exception& error) const;

  const std::function<void(std::string_view what)> on_exception_;
  boost::asio::io_context context_{1};
  // Without a work guard, poll() ignores timers and sockets, which would then stay ready for ever.
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  const std::unique_ptr<grpc::CompletionQueue> queue_;
  LoopEvents events_{context_, *queue_};
  BusyPoll busy_poll_;
  const std::function<Clock::time_point()> now_;
  std::atomic<Clock::time_point> last_turn_{now_()};
  std::size_t holds_ = 0;
  bool stopping_ = false;
  // Held by a thread in Post.
  std::mutex posting_;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_EVENT_LOOP_H_
