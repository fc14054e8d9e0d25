// The bridge between a gRPC reactor and an Asio coroutine.
//
// Two worlds meet here. gRPC calls OnCancel and OnDone on threads of its own, at any time after the
// handler returned the reactor; the work runs on one event loop. The rules that make it sound:
//
// - Whatever changes a call happens on its loop's thread. Start, OnCancel and CallGroup::StopAll do
//   nothing but post there, and the loop runs what is posted in order, so a cancellation never
//   overtakes the start.
// - Finish is called once, by the coroutine, when the work has ended, however it ended: gRPC owes
//   the call a Finish even after OnCancel. Without memory to await something, Asio destroys the
//   coroutine instead of going on with it: then what was to be told of its end answers.
// - gRPC keeps request, response and context until OnDone, and OnDone comes after Finish. The work
//   may use them until it ends, and nothing may use them after Finish.
// - The call is kept alive by gRPC (until OnDone), by its coroutine, and by each posted handler;
//   whoever is last destroys it.
#ifndef SERVER_UNARY_CALL_H_
#define SERVER_UNARY_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>

#include "server/http/task.h"

namespace docspace::gateway {

class UnaryCall;

using CallHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// The calls under way on one event loop. Outlives them.
class CallGroup {
 public:
  explicit CallGroup(boost::asio::io_context& loop) : loop_(loop) {}

  // Stops every call with Stop::kShutdown. From any thread.
  void StopAll();

 private:
  friend class UnaryCall;

  boost::asio::io_context& loop_;
  boost::intrusive::list<UnaryCall, boost::intrusive::base_hook<CallHook>,
                         boost::intrusive::constant_time_size<false>>
      calls_;
};

class UnaryCall final : public grpc::ServerUnaryReactor,
                        public CallHook,
                        public std::enable_shared_from_this<UnaryCall> {
 public:
  // Why the work was told to stop.
  enum class Stop { kNone, kDeadline, kCancelled, kShutdown };

  // Runs on the loop's thread. When the call is stopped the coroutine is cancelled: what it awaits
  // is aborted, and `stopped` says why. What it throws becomes UNKNOWN: it may have done anything.
  using Work = std::function<http::Task<grpc::Status>(const UnaryCall& call)>;

  // Starts `work` on the group's loop, to be stopped at `deadline`. The result is to be returned to
  // gRPC, and destroys itself. From any thread. Throws std::bad_alloc, and then nothing has begun.
  static UnaryCall* Start(CallGroup& group, http::Clock::time_point deadline, Work work);

  Stop stopped() const { return stopped_; }

 private:
  UnaryCall(CallGroup& group, http::Clock::time_point deadline, Work work);

  void OnCancel() override;
  void OnDone() override;

  class End;

  void Begin();
  void Interrupt(Stop why);
  http::Task<void> Run();
  // Once; a second answer is none.
  void Answer(grpc::Status status);

  CallGroup& group_;
  const http::Clock::time_point deadline_;
  const Work work_;
  http::Timer deadline_timer_;
  boost::asio::cancellation_signal cancel_;
  Stop stopped_ = Stop::kNone;
  bool answered_ = false;
  // What Start wrote is seen by OnCancel on whatever thread, by our own order and not only gRPC's.
  std::atomic<bool> handed_over_{false};
  std::shared_ptr<UnaryCall> kept_by_grpc_;

  friend class CallGroup;
};

}  // namespace docspace::gateway

#endif  // SERVER_UNARY_CALL_H_
