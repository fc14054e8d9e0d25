// A thread that runs coroutines, and completes gRPC's asynchronous operations.
#ifndef SERVER_RPC_EVENT_LOOP_H_
#define SERVER_RPC_EVENT_LOOP_H_

#include <grpcpp/alarm.h>
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
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "server/rpc/completion.h"
#include "server/rpc/io_context_watcher.h"

namespace docspace::gateway {

// One thread does both, so that a call never changes threads. While there is nothing to do it waits
// in gRPC's queue, and what Asio waits for meanwhile wakes it by way of that queue.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  // How long the loop waits at most before it turns, though nothing happens.
  static constexpr std::chrono::seconds kLongestWait{1};

  // What must end before the loop may. On the loop's thread, or before that is told to stop.
  class Hold {
   public:
    explicit Hold(EventLoop& loop) : loop_(loop) { ++loop_.holds_; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() { --loop_.holds_; }

   private:
    EventLoop& loop_;
  };

  // `on_exception` is told, on the loop's thread, of what a handler threw; the loop goes on. Each
  // tag in `queue` is a Completion. `now` is read on the loop's thread; tests give their own.
  explicit EventLoop(
      std::function<void(std::string_view what)> on_exception,
      std::unique_ptr<grpc::CompletionQueue> queue = std::make_unique<grpc::CompletionQueue>(),
      std::function<Clock::time_point()> now = &Clock::now);
  // Ends the thread; coroutines that have not ended are destroyed with the context.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // To be used on the loop's thread: from another, use Post.
  boost::asio::io_context& context() { return context_; }

  // Runs `task` on the loop's thread. From any thread.
  void Post(std::function<void()> task);

  // When the loop last turned, by `now`: at most `kLongestWait` ago, unless a handler does not
  // return. The end of time once the loop has ended. Thread-safe.
  Clock::time_point last_turn() const { return last_turn_.load(std::memory_order_relaxed); }

  // Ends the thread once what is queued already has run, and no Hold is left. Idempotent.
  void Stop();

 private:
  void Run();
  // Does what can be done without waiting. False where that is nothing.
  bool HandleReady();
  void Complete(void* tag, bool ok);
  template <class Function>
  void Guard(Function function);
  void Tell(const std::exception& error) const;
  void Wake();
  void OnWoken(bool ok);

  const std::function<void(std::string_view what)> on_exception_;
  boost::asio::io_context context_{1};
  // Without work a poll does not look at timers and sockets, which would stay ready for ever.
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  const std::unique_ptr<grpc::CompletionQueue> queue_;
  MemberCompletion<EventLoop, &EventLoop::OnWoken> woken_{*this};
  std::mutex waking_;
  // One completion is under way, which wakes as well as another would.
  bool is_woken_ = false;
  // The queue takes nothing any more.
  bool ended_ = false;
  grpc::Alarm alarm_;
  std::optional<IoContextWatcher> watcher_;
  const std::function<Clock::time_point()> now_;
  std::atomic<Clock::time_point> last_turn_{now_()};
  std::size_t holds_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_EVENT_LOOP_H_
