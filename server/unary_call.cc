#include "server/unary_call.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace docspace::gateway {

namespace asio = boost::asio;
using http::Clock;

void CallGroup::StopAll() {
  asio::post(loop_, [this] {
    for (auto next = calls_.begin(); next != calls_.end();) {
      // Stopping a call may end it, which takes it off the list.
      UnaryCall& call = *next++;
      call.Interrupt(UnaryCall::Stop::kShutdown);
    }
  });
}

UnaryCall::UnaryCall(CallGroup& group, Clock::time_point deadline, Work work)
    : group_(group), deadline_(deadline), work_(std::move(work)), deadline_timer_(group.loop_) {}

UnaryCall* UnaryCall::Start(CallGroup& group, Clock::time_point deadline, Work work) {
  const std::shared_ptr<UnaryCall> call(new UnaryCall(group, deadline, std::move(work)));
  call->kept_by_grpc_ = call;
  asio::post(group.loop_, [call] { call->Begin(); });
  return call.get();
}

void UnaryCall::Begin() {
  group_.calls_.push_back(*this);
  if (deadline_ <= Clock::now()) stopped_ = Stop::kDeadline;
  deadline_timer_.expires_at(deadline_);
  deadline_timer_.async_wait([call = shared_from_this()](boost::system::error_code error) {
    if (!error) call->Interrupt(Stop::kDeadline);
  });
  // The coroutine uses the cancellation slot even after Run has returned, until it tells so.
  asio::co_spawn(group_.loop_, Run(),
                 asio::bind_cancellation_slot(
                     cancel_.slot(), [call = shared_from_this()](const std::exception_ptr&) {}));
}

http::Task<void> UnaryCall::Run() {
  grpc::Status status;
  try {
    status = co_await work_(*this);
  } catch (const std::exception&) {
    // Out of memory, most likely: this call fails, the process lives.
    status = grpc::Status(grpc::StatusCode::INTERNAL, "the gateway could not carry out the call");
  }
  deadline_timer_.cancel();
  unlink();
  Finish(std::move(status));
}

void UnaryCall::Interrupt(Stop why) {
  if (stopped_ != Stop::kNone) return;
  // gRPC cancels a call whose deadline passed, and may do so before the timer here fires.
  stopped_ = why == Stop::kCancelled && Clock::now() >= deadline_ ? Stop::kDeadline : why;
  cancel_.emit(asio::cancellation_type::terminal);
}

void UnaryCall::OnCancel() {
  asio::post(group_.loop_, [call = shared_from_this()] { call->Interrupt(Stop::kCancelled); });
}

void UnaryCall::OnDone() {
  // The last reference may be this one: nothing is touched after it goes.
  const std::shared_ptr<UnaryCall> last = std::move(kept_by_grpc_);
}

}  // namespace docspace::gateway
