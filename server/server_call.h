// The bridge between a call of gRPC and an Asio coroutine.
//
// Everything happens on the thread of one event loop. What makes it sound:
//
// - A call is kept by gRPC from Await until it has completed each operation that it was asked for:
//   first the arrival; then, of a call that arrived, its end ("done", which also tells of a
//   cancellation) and the finish. It is kept by its coroutine too, and by each posted handler;
//   whoever is last destroys it.
// - A call is finished once, when its work has ended, however it ended: gRPC owes it a finish even
//   where it was cancelled. Without memory to await something, Asio destroys the coroutine instead
//   of going on with it: then what was to be told of its end answers.
// - The loop does not end while there is a call.
#ifndef SERVER_SERVER_CALL_H_
#define SERVER_SERVER_CALL_H_

#include <grpcpp/server_context.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>

#include "server/completion.h"
#include "server/event_loop.h"
#include "server/http/task.h"

namespace docspace::gateway {

class ServerCall;

using CallHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// The calls under way on one event loop. Outlives them.
class CallGroup {
 public:
  // `queue` is the one of the loop.
  CallGroup(EventLoop& loop, grpc::ServerCompletionQueue& queue) : loop_(loop), queue_(queue) {}

  // Stops every call with Stop::kShutdown. From any thread.
  void StopAll();

  EventLoop& loop() { return loop_; }
  grpc::ServerCompletionQueue& queue() { return queue_; }

 private:
  friend class ServerCall;

  EventLoop& loop_;
  grpc::ServerCompletionQueue& queue_;
  boost::intrusive::list<ServerCall, boost::intrusive::base_hook<CallHook>,
                         boost::intrusive::constant_time_size<false>>
      calls_;
};

class ServerCall : public CallHook, public std::enable_shared_from_this<ServerCall> {
 public:
  // Why the work was told to stop.
  enum class Stop { kNone, kDeadline, kCancelled, kShutdown };

  virtual ~ServerCall() = default;

  // Waits for a caller. The server has started. Throws std::bad_alloc, and then it does not wait.
  void Await();

  // When the call is stopped its coroutine is cancelled: what it awaits is aborted, and this says
  // why.
  Stop stopped() const { return stopped_; }

 protected:
  explicit ServerCall(CallGroup& group)
      : group_(group), hold_(group.loop()), deadline_timer_(group.loop().context()) {}

  grpc::ServerContext& context() { return context_; }
  CallGroup& group() { return group_; }

  // A call of the same kind, to be awaited when this one has arrived.
  virtual std::shared_ptr<ServerCall> Another() = 0;
  // Asks gRPC for a call, whose arrival completes `tag`.
  virtual void Ask(void* tag) = 0;
  // It has arrived: Run it, or AnswerAtOnce. What this throws answers it with UNAVAILABLE.
  virtual void Arrived() = 0;
  // What Run runs; `stopped` may say already at its start that it need not begin. What it throws
  // becomes UNKNOWN: it may have done anything.
  virtual http::Task<grpc::Status> Work() = 0;
  // Answers. When that is done it completes `tag`.
  virtual void Finish(const grpc::Status& status, void* tag) = 0;

  // Starts the work, to be stopped at `deadline`.
  void Run(http::Clock::time_point deadline);
  void AnswerAtOnce(const grpc::Status& status) { Answer(status); }

 private:
  class End;

  void OnArrival(bool ok);
  void OnDone(bool ok);
  void OnFinished(bool ok);
  // By a handler of the loop's context alone.
  void Interrupt(Stop why);
  http::Task<void> WorkAndAnswer();
  // Once; a second answer is none.
  void Answer(const grpc::Status& status);
  void ReleaseIfOver();
  void AwaitNext();

  CallGroup& group_;
  const EventLoop::Hold hold_;
  grpc::ServerContext context_;
  MemberCompletion<ServerCall, &ServerCall::OnArrival> arrival_{*this};
  MemberCompletion<ServerCall, &ServerCall::OnDone> done_{*this};
  MemberCompletion<ServerCall, &ServerCall::OnFinished> finished_{*this};
  http::Clock::time_point deadline_ = http::Clock::time_point::max();
  http::Timer deadline_timer_;
  boost::asio::cancellation_signal cancel_;
  Stop stopped_ = Stop::kNone;
  bool begun_ = false;
  bool answered_ = false;
  bool is_done_ = false;
  bool is_finished_ = false;
  // There was no memory for the call that is to come after this one.
  bool owes_next_ = false;
  std::shared_ptr<ServerCall> kept_by_grpc_;

  friend class CallGroup;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVER_CALL_H_
