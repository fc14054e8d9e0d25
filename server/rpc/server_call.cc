#include "server/rpc/server_call.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include "server/base/block_cache.h"
#include "server/rpc/awaited_operation.h"

namespace docspace::gateway {

namespace asio = boost::asio;
using grpc::StatusCode;
using http::Clock;

namespace {

// The memory that gRPC 1.51 holds for a call, and for each entry of its metadata beside the entry's
// bytes, which may be a single one on the wire. Messages come in addition.
constexpr std::size_t kBytesOfCall = std::size_t{16} * 1024;
constexpr std::size_t kBytesOfEntry = 256;

std::size_t EstimateBytes(const grpc::ServerContext& context) {
  std::size_t bytes = kBytesOfCall;
  for (const auto& [name, value] : context.client_metadata()) {
    bytes += kBytesOfEntry + name.size() + value.size();
  }
  return bytes;
}

// These messages are short enough to need no allocation.
Reply WorkFailed() { return Reply(grpc::Status(StatusCode::UNKNOWN, "internal error")); }
Reply NotBegun() { return Reply(grpc::Status(StatusCode::UNAVAILABLE, "out of memory")); }

// Lacks the message if there is no memory for it. It does not throw, because a call that could not
// be refused would never end.
Reply Refusal(StatusCode code, const char* message) {
  try {
    return Reply(grpc::Status(code, message));
  } catch (const std::bad_alloc&) {
    return Reply(grpc::Status(code, ""));
  }
}

Reply StoppedBeforeItsMessage(ServerCall::Stop why) {
  switch (why) {
    case ServerCall::Stop::kDeadline:
      return Refusal(StatusCode::DEADLINE_EXCEEDED, "the request message did not arrive in time");
    case ServerCall::Stop::kShutdown:
      return Refusal(StatusCode::UNAVAILABLE, "the gateway is shutting down");
    default:
      return Refusal(StatusCode::CANCELLED, "");
  }
}

}  // namespace

void CallGroup::Serve(grpc::AsyncGenericService& service, const CallLimits& limits,
                      Connections* connections) {
  service_ = &service;
  limits_ = limits;
  connections_ = connections;
  waiting_bytes_.emplace(limits_.memory->waiting, [this] { PostEndsOverLimit(); });
  unwritten_bytes_.emplace(limits_.memory->unwritten, [this] { PostEndsOverLimit(); });
  loop_.Post([this] { ListenForCall(); });
}

void CallGroup::ListenForCall() {
  std::allocate_shared<ServerCall>(RecyclingAllocator<ServerCall>(), *this)->Listen();
}

void CallGroup::StopAll() {
  loop_.Post([this] {
    for (Calls* calls : {&running_, &waiting_}) {
      for (auto next = calls->begin(); next != calls->end();) {
        // Stopping a call may finish it, which removes it from the list.
        ServerCall& call = *next++;
        call.Cancel(ServerCall::Stop::kShutdown);
      }
    }
  });
}

ServerCall& CallGroup::OldestOfGreatest(Calls& calls, std::size_t (Connection::*held)() const) {
  const auto bytes = [held](const ServerCall& call) {
    return call.connection_ ? (*call.connection_.*held)() : 0;
  };
  return *std::max_element(
      calls.begin(), calls.end(),
      [&bytes](const ServerCall& a, const ServerCall& b) { return bytes(a) < bytes(b); });
}

void CallGroup::PostEndsOverLimit() {
  if (ends_are_posted_.exchange(true)) return;
  try {
    loop_.Post([this] {
      ends_are_posted_ = false;
      EndWaitingOverLimit();
      EndUnwrittenOverLimit();
    });
  } catch (const std::bad_alloc&) {
    // The next call that exceeds the limit tries it again.
    ends_are_posted_ = false;
  }
}

void CallGroup::EndWaitingOverLimit() {
  waiting_bytes_->Reduce([this] {
    if (waiting_.empty()) return false;
    EndOneWaiting();
    return true;
  });
}

void CallGroup::EndUnwrittenOverLimit() {
  unwritten_bytes_->Reduce([this] {
    if (unwritten_.empty()) return false;
    OldestOfGreatest(unwritten_, &Connection::unwritten_bytes).Abandon();
    return true;
  });
}

void CallGroup::EndOneWaiting() {
  // Another caller may have waited for longer, but it is not the one who fills the memory.
  ServerCall& call = OldestOfGreatest(waiting_, &Connection::waiting_bytes);
  if (call.connection_ && call.connection_->waiting_bytes() > limits_.memory->waiting.limit() / 2) {
    call.connection_->Cut();
  }
  call.Finish(Refusal(StatusCode::RESOURCE_EXHAUSTED, "too many calls wait for their message"));
}

void CallGroup::Watch() {
  if (is_watching_) return;
  try {
    const auto soon = std::min<Clock::duration>(
        {std::chrono::seconds(1), limits_.message_timeout / 2, limits_.write_timeout / 2});
    // The handler owns the timer, and is destroyed before the loop's context.
    auto timer = std::make_shared<http::Timer>(loop_.context(), soon);
    timer->async_wait([this, timer](boost::system::error_code error) {
      is_watching_ = false;
      if (!error) EndOverdue();
    });
    is_watching_ = true;
  } catch (const std::bad_alloc&) {
    // The next waiting call starts the timer.
  }
}

void CallGroup::EndOverdue() {
  const Clock::time_point now = Clock::now();
  while (!waiting_.empty() && waiting_.front().since_ + limits_.message_timeout <= now) {
    waiting_.front().Cancel(ServerCall::Stop::kDeadline);
  }
  while (!unwritten_.empty() && unwritten_.front().since_ + limits_.write_timeout <= now) {
    unwritten_.front().Abandon();
  }
  if (!waiting_.empty() || !unwritten_.empty()) Watch();
}

// FinishGuard keeps the call until its coroutine has ended, and finishes the call if the coroutine
// did not.
class ServerCall::FinishGuard {
 public:
  explicit FinishGuard(std::shared_ptr<ServerCall> call) : call_(std::move(call)) {}
  FinishGuard(FinishGuard&&) noexcept = default;
  FinishGuard& operator=(FinishGuard&&) = delete;
  ~FinishGuard() {
    if (call_) call_->Finish(call_->begun_ ? WorkFailed() : NotBegun());
  }

  void operator()(const std::exception_ptr&) const {}

 private:
  std::shared_ptr<ServerCall> call_;
};

ServerCall::ServerCall(CallGroup& group)
    : group_(group), work_guard_(group.loop()), deadline_timer_(group.loop().context()) {}

ServerCall::~ServerCall() {
  LeaveList();
  if (connection_) connection_->EndCall();
}

void ServerCall::Listen() {
  self_ = shared_from_this();
  context_.AsyncNotifyWhenDone(done_.tag());
  try {
    group_.service_->RequestCall(&context_, &stream_, &group_.queue_, &group_.queue_,
                                 arrival_.tag());
  } catch (const std::bad_alloc&) {
    self_.reset();
    throw;
  }
}

void ServerCall::OnArrival(bool ok) {
  const std::shared_ptr<ServerCall> self = shared_from_this();
  if (!ok) {
    // The server has shut down.
    self_.reset();
    return;
  }
  try {
    replacement_pending_ = true;
    group_.ListenForCall();
    replacement_pending_ = false;
    Begin();
  } catch (const std::exception&) {
    Finish(NotBegun());
  }
}

void ServerCall::Begin() {
  bytes_ = EstimateBytes(context_);
  if (group_.connections_ != nullptr) connection_ = group_.connections_->Find(context_.peer());
  if (connection_ && connection_->BeginCall() > group_.limits_.calls_of_connection) {
    connection_->Cut();
    return Finish(Refusal(StatusCode::RESOURCE_EXHAUSTED, "too many calls on one connection"));
  }
  if (context_.client_metadata().size() > group_.limits_.metadata_entries) {
    if (connection_) connection_->Cut();
    return Finish(Refusal(StatusCode::RESOURCE_EXHAUSTED, "the metadata has too many entries"));
  }
  const auto method = group_.methods_.find(context_.method());
  if (method == group_.methods_.end()) return Finish(Refusal(StatusCode::UNIMPLEMENTED, ""));
  handler_ = method->second(*this);
  Advance(handler_->OnHeaders());
}

void ServerCall::Advance(Step step) {
  if (auto* reply = std::get_if<Reply>(&step)) return Finish(*reply);
  if (const auto* work = std::get_if<RunHandler>(&step)) return Run(work->deadline);
  WaitForMessage(std::get<ReadMessage>(step).max_bytes);
}

void ServerCall::WaitForMessage(std::size_t max_bytes) {
  max_message_bytes_ = max_bytes;
  list_ = List::kWaiting;
  since_ = Clock::now();
  group_.waiting_.push_back(*this);
  if (connection_) connection_->AddWaiting(bytes_);
  group_.waiting_bytes_->Add(bytes_);
  group_.EndWaitingOverLimit();
  if (answered_) return;
  group_.Watch();
  is_reading_ = true;
  stream_.Read(&message_, read_.tag());
}

void ServerCall::OnRead(bool ok) {
  const std::shared_ptr<ServerCall> self = shared_from_this();
  is_reading_ = false;
  if (!answered_) {
    LeaveList();
    grpc::ByteBuffer message;
    message.Swap(&message_);
    try {
      if (!ok) {
        Finish(Refusal(StatusCode::UNIMPLEMENTED, "the call has no request message"));
      } else if (message.Length() > max_message_bytes_) {
        Finish(Refusal(StatusCode::RESOURCE_EXHAUSTED, "the request message is too large"));
      } else {
        Advance(handler_->OnMessage(message));
      }
    } catch (const std::exception&) {
      Finish(NotBegun());
    }
  }
  message_.Clear();
  ReleaseIfOver();
}

void ServerCall::Run(Clock::time_point deadline) {
  // The coroutine's cancellation slot is used even after the coroutine has returned, so the guard
  // keeps the call.
  FinishGuard guard(shared_from_this());
  deadline_ = deadline;
  list_ = List::kRunning;
  group_.running_.push_back(*this);
  if (deadline_ <= Clock::now()) stopped_ = Stop::kDeadline;
  deadline_timer_.expires_at(deadline_);
  deadline_timer_.async_wait([call = shared_from_this()](boost::system::error_code error) {
    if (!error) call->Cancel(Stop::kDeadline);
  });
  asio::co_spawn(group_.loop().context(), HandleAndFinish(),
                 asio::bind_cancellation_slot(cancel_.slot(), std::move(guard)));
}

http::Task<void> ServerCall::HandleAndFinish() {
  Reply reply = WorkFailed();
  begun_ = true;
  try {
    reply = co_await handler_->Handle();
  } catch (const std::exception&) {
    // Most likely memory ran out. This call fails, and the process goes on.
  }
  Finish(reply);
}

http::Task<bool> ServerCall::Read(grpc::ByteBuffer& message) {
  awaits_grpc_ = true;
  const bool ok = co_await AwaitTag([this, &message](void* tag) { stream_.Read(&message, tag); });
  awaits_grpc_ = false;
  co_return ok;
}

http::Task<bool> ServerCall::Write(const grpc::ByteBuffer& message) {
  awaits_grpc_ = true;
  const bool ok = co_await AwaitTag([this, &message](void* tag) { stream_.Write(message, tag); });
  awaits_grpc_ = false;
  co_return ok;
}

void ServerCall::Finish(const Reply& reply) {
  if (std::exchange(answered_, true)) return;
  deadline_timer_.cancel();
  LeaveList();
  handler_.reset();
  AwaitWrite(reply.message.Length());
  if (reply.status.ok() && reply.message.Valid()) {
    return stream_.WriteAndFinish(reply.message, {}, reply.status, finished_.tag());
  }
  try {
    stream_.Finish(reply.status, finished_.tag());
  } catch (const std::bad_alloc&) {
    // The status could not be copied, before anything was sent.
    stream_.Finish(WorkFailed().status, finished_.tag());
  }
}

void ServerCall::AwaitWrite(std::size_t message_bytes) {
  list_ = List::kUnwritten;
  since_ = Clock::now();
  bytes_ += message_bytes;
  group_.unwritten_bytes_->Add(bytes_);
  ++group_.unwritten_count_;
  if (connection_) connection_->AddUnwritten(bytes_);
  // This call joins the list afterwards, because a response that has just begun is not overdue.
  group_.EndUnwrittenOverLimit();
  group_.unwritten_.push_back(*this);
  group_.Watch();
}

void ServerCall::LeaveList() {
  if (list_ == List::kNone) return;
  if (list_ == List::kWaiting) {
    group_.waiting_bytes_->Remove(bytes_);
    if (connection_) connection_->RemoveWaiting(bytes_);
  }
  if (list_ == List::kUnwritten) {
    group_.unwritten_bytes_->Remove(bytes_);
    --group_.unwritten_count_;
    if (connection_) connection_->RemoveUnwritten(bytes_);
  }
  list_ = List::kNone;
  unlink();
}

void ServerCall::Abandon() {
  LeaveList();
  context_.TryCancel();
}

void ServerCall::Cancel(Stop why) {
  if (answered_ || stopped_ != Stop::kNone) return;
  // gRPC cancels a call whose deadline passed, and may do so before the timer here fires.
  stopped_ = why == Stop::kCancelled && Clock::now() >= deadline_ ? Stop::kDeadline : why;
  if (list_ == List::kWaiting) return Finish(StoppedBeforeItsMessage(stopped_));
  // A coroutine that is cancelled before it has begun would throw at its first await.
  if (begun_) cancel_.emit(asio::cancellation_type::terminal);
  if (awaits_grpc_) context_.TryCancel();
}

void ServerCall::OnDone(bool /*ok*/) {
  const std::shared_ptr<ServerCall> self = shared_from_this();
  is_done_ = true;
  if (context_.IsCancelled()) {
    try {
      // Only a handler of the context may cancel: elsewhere Asio would keep the signal for later,
      // and the coroutine may no longer exist then.
      asio::post(group_.loop().context(), [self] { self->Cancel(Stop::kCancelled); });
    } catch (const std::bad_alloc&) {
      // The call continues to its end, although its caller no longer waits.
    }
  }
  ReleaseIfOver();
}

void ServerCall::OnFinished(bool /*ok*/) {
  is_finished_ = true;
  LeaveList();
  ReleaseIfOver();
}

void ServerCall::ReleaseIfOver() {
  if (!is_done_ || !is_finished_ || is_reading_) return;
  if (replacement_pending_) ListenForNext();
  // This may be the last reference, so nothing of the call is used after it.
  const std::shared_ptr<ServerCall> last = std::move(self_);
}

void ServerCall::ListenForNext() {
  while (true) {
    try {
      replacement_pending_ = false;
      return group_.ListenForCall();
    } catch (const std::bad_alloc&) {
      // Without a replacement no call would ever be served again, and without a few kB of memory
      // nothing else works either.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace docspace::gateway
