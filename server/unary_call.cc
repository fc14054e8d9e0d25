#include "server/unary_call.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <new>
#include <utility>

namespace docspace::gateway {

namespace asio = boost::asio;
using http::Clock;

namespace {

// Short enough to be said without memory.
grpc::Status WorkFailed() { return {grpc::StatusCode::UNKNOWN, "internal error"}; }

}  // namespace

void CallGroup::StopAll() {
  asio::post(loop_, [this] {
    for (auto next = calls_.begin(); next != calls_.end();) {
      // Stopping a call may end it, which takes it off the list.
      UnaryCall& call = *next++;
      call.Interrupt(UnaryCall::Stop::kShutdown);
    }
  });
}

// Keeps the call until its coroutine has ended, and answers where that ends without an answer.
class UnaryCall::End {
 public:
  explicit End(std::shared_ptr<UnaryCall> call) : call_(std::move(call)) {}
  End(End&&) noexcept = default;
  End& operator=(End&&) = delete;
  ~End() {
    if (call_) call_->Answer(WorkFailed());
  }

  void operator()(const std::exception_ptr&) const {}

 private:
  std::shared_ptr<UnaryCall> call_;
};

UnaryCall::UnaryCall(CallGroup& group, Clock::time_point deadline, Work work)
    : group_(group), deadline_(deadline), work_(std::move(work)), deadline_timer_(group.loop_) {}

UnaryCall* UnaryCall::Start(CallGroup& group, Clock::time_point deadline, Work work) {
  const std::shared_ptr<UnaryCall> call(new UnaryCall(group, deadline, std::move(work)));
  asio::post(group.loop_, [call] { call->Begin(); });
  call->kept_by_grpc_ = call;
  call->handed_over_.store(true, std::memory_order_release);
  return call.get();
}

void UnaryCall::Begin() {
  // Used by the coroutine's cancellation slot even after Run has returned.
  End end(shared_from_this());
  group_.calls_.push_back(*this);
  if (deadline_ <= Clock::now()) stopped_ = Stop::kDeadline;
  deadline_timer_.expires_at(deadline_);
  deadline_timer_.async_wait([call = shared_from_this()](boost::system::error_code error) {
    if (!error) call->Interrupt(Stop::kDeadline);
  });
  asio::co_spawn(group_.loop_, Run(), asio::bind_cancellation_slot(cancel_.slot(), std::move(end)));
}

http::Task<void> UnaryCall::Run() {
  grpc::Status status = WorkFailed();
  try {
    status = co_await work_(*this);
  } catch (const std::exception&) {
    // Out of memory, most likely: this call fails, the process lives.
  }
  Answer(std::move(status));
}

void UnaryCall::Answer(grpc::Status status) {
  if (std::exchange(answered_, true)) return;
  deadline_timer_.cancel();
  unlink();
  Finish(std::move(status));
}

void UnaryCall::Interrupt(Stop why) {
  if (answered_ || stopped_ != Stop::kNone) return;
  // gRPC cancels a call whose deadline passed, and may do so before the timer here fires.
  stopped_ = why == Stop::kCancelled && Clock::now() >= deadline_ ? Stop::kDeadline : why;
  cancel_.emit(asio::cancellation_type::terminal);
}

void UnaryCall::OnCancel() {
  static_cast<void>(handed_over_.load(std::memory_order_acquire));
  try {
    asio::post(group_.loop_, [call = shared_from_this()] { call->Interrupt(Stop::kCancelled); });
  } catch (const std::bad_alloc&) {
    // gRPC does not catch it. The call goes on to its end, for nobody.
  }
}

void UnaryCall::OnDone() {
  // The last reference may be this one: nothing is touched after it goes.
  const std::shared_ptr<UnaryCall> last = std::move(kept_by_grpc_);
}

}  // namespace docspace::gateway
