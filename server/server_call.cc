#include "server/server_call.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <new>
#include <thread>
#include <utility>

namespace docspace::gateway {

namespace asio = boost::asio;
using http::Clock;

namespace {

// Short enough to be said without memory.
grpc::Status WorkFailed() { return {grpc::StatusCode::UNKNOWN, "internal error"}; }
grpc::Status NotBegun() { return {grpc::StatusCode::UNAVAILABLE, "out of memory"}; }

}  // namespace

void CallGroup::StopAll() {
  loop_.Post([this] {
    for (auto next = calls_.begin(); next != calls_.end();) {
      // Stopping a call may end it, which takes it off the list.
      ServerCall& call = *next++;
      call.Interrupt(ServerCall::Stop::kShutdown);
    }
  });
}

// Keeps the call until its coroutine has ended, and answers where that ends without an answer.
class ServerCall::End {
 public:
  explicit End(std::shared_ptr<ServerCall> call) : call_(std::move(call)) {}
  End(End&&) noexcept = default;
  End& operator=(End&&) = delete;
  ~End() {
    if (call_) call_->Answer(call_->begun_ ? WorkFailed() : NotBegun());
  }

  void operator()(const std::exception_ptr&) const {}

 private:
  std::shared_ptr<ServerCall> call_;
};

void ServerCall::Await() {
  kept_by_grpc_ = shared_from_this();
  context_.AsyncNotifyWhenDone(done_.tag());
  try {
    Ask(arrival_.tag());
  } catch (const std::bad_alloc&) {
    kept_by_grpc_.reset();
    throw;
  }
}

void ServerCall::OnArrival(bool ok) {
  const std::shared_ptr<ServerCall> self = shared_from_this();
  if (!ok) {
    // The server has shut down.
    kept_by_grpc_.reset();
    return;
  }
  try {
    owes_next_ = true;
    Another()->Await();
    owes_next_ = false;
    Arrived();
  } catch (const std::exception&) {
    Answer(NotBegun());
  }
}

void ServerCall::Run(Clock::time_point deadline) {
  // Used by the coroutine's cancellation slot even after the coroutine has returned.
  End end(shared_from_this());
  deadline_ = deadline;
  group_.calls_.push_back(*this);
  if (deadline_ <= Clock::now()) stopped_ = Stop::kDeadline;
  deadline_timer_.expires_at(deadline_);
  deadline_timer_.async_wait([call = shared_from_this()](boost::system::error_code error) {
    if (!error) call->Interrupt(Stop::kDeadline);
  });
  asio::co_spawn(group_.loop().context(), WorkAndAnswer(),
                 asio::bind_cancellation_slot(cancel_.slot(), std::move(end)));
}

http::Task<void> ServerCall::WorkAndAnswer() {
  grpc::Status status = WorkFailed();
  begun_ = true;
  try {
    status = co_await Work();
  } catch (const std::exception&) {
    // Out of memory, most likely: this call fails, the process lives.
  }
  Answer(status);
}

void ServerCall::Answer(const grpc::Status& status) {
  if (std::exchange(answered_, true)) return;
  deadline_timer_.cancel();
  unlink();
  try {
    Finish(status, finished_.tag());
  } catch (const std::bad_alloc&) {
    // Of a copy of the status, before anything was sent.
    Finish(WorkFailed(), finished_.tag());
  }
}

void ServerCall::Interrupt(Stop why) {
  if (answered_ || stopped_ != Stop::kNone) return;
  // gRPC cancels a call whose deadline passed, and may do so before the timer here fires.
  stopped_ = why == Stop::kCancelled && Clock::now() >= deadline_ ? Stop::kDeadline : why;
  // A coroutine that is cancelled before it has begun throws at its first await, wherever that is.
  if (begun_) cancel_.emit(asio::cancellation_type::terminal);
}

void ServerCall::OnDone(bool /*ok*/) {
  const std::shared_ptr<ServerCall> self = shared_from_this();
  is_done_ = true;
  if (context_.IsCancelled()) {
    try {
      // From within the context, as all that interrupts: elsewhere Asio would keep what it emits
      // for later, and the coroutine may be gone by then.
      asio::post(group_.loop().context(), [self] { self->Interrupt(Stop::kCancelled); });
    } catch (const std::bad_alloc&) {
      // The call goes on to its end, for nobody.
    }
  }
  ReleaseIfOver();
}

void ServerCall::OnFinished(bool /*ok*/) {
  is_finished_ = true;
  ReleaseIfOver();
}

void ServerCall::ReleaseIfOver() {
  if (!is_done_ || !is_finished_) return;
  if (owes_next_) AwaitNext();
  // The last reference may be this one: nothing is touched after it goes.
  const std::shared_ptr<ServerCall> last = std::move(kept_by_grpc_);
}

void ServerCall::AwaitNext() {
  while (true) {
    try {
      return Another()->Await();
    } catch (const std::bad_alloc&) {
      // Or the method would never be served again; and nothing is without a few kilobytes.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace docspace::gateway
