#include "server/rpc/event_loop.h"

#include <boost/asio/post.hpp>

#include "server/rpc/completion.h"
#include "server/rpc/grpc_on_asio.h"

namespace docspace::gateway {
namespace {

// The most events of gRPC, or of Asio, that are handled in a row before the other one's.
constexpr int kBatch = 64;

constexpr bool kGrpcIsOnAsio = DOCSPACE_GRPC_ON_ASIO == 1;

}  // namespace

EventLoop::EventLoop(std::function<void(std::string_view what)> on_exception,
                     std::unique_ptr<grpc::CompletionQueue> queue,
                     std::function<Clock::time_point()> now)
    : on_exception_(std::move(on_exception)), queue_(std::move(queue)), now_(std::move(now)) {
  thread_ = std::thread([this] { Run(); });
}

EventLoop::~EventLoop() {
  Stop();
  // A task may have let the loop end while the thread that posted it is still in Post.
  const std::lock_guard lock(posting_);
}

void EventLoop::Post(std::function<void()> task) {
  const std::lock_guard lock(posting_);
  boost::asio::post(context_, std::move(task));
  // Asio's post does not wake a thread that waits in gRPC's queue.
  events_.Wake();
}

void EventLoop::Stop() {
  if (!thread_.joinable()) return;
  Post([this] { stopping_ = true; });
  thread_.join();
}

void EventLoop::Run() {
  events_.Enter();
  if constexpr (kGrpcIsOnAsio) {
    TurnInContext();
  } else {
    TurnInQueue();
  }
  last_turn_.store(Clock::time_point::max(), std::memory_order_relaxed);
  events_.BeginEnd();
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) Complete(tag, ok);
  Guard([this] { events_.End(); });
}

void EventLoop::TurnInQueue() {
  // True if a poll of Asio has found nothing, and nothing that could make work for it has run
  // since. Each poll is a system call, so none is made whose result is known.
  bool asio_is_idle = false;
  while (!stopping_ || holds_ > 0) {
    last_turn_.store(now_(), std::memory_order_relaxed);
    if (CompleteReady()) {
      asio_is_idle = false;
    } else if (asio_is_idle) {
      asio_is_idle = false;
      if (PollBusily()) continue;
      // More operations of gRPC are ready after one of them, as a rule.
      if (!WaitForWake()) continue;
    }
    if (!asio_is_idle) asio_is_idle = RunReady();
  }
}

void EventLoop::TurnInContext() {
  while (!stopping_ || holds_ > 0) {
    last_turn_.store(now_(), std::memory_order_relaxed);
    // What gRPC has left to do fills the queue, and what is completed may give gRPC more to do.
    Guard([this] { events_.RunClosures(); });
    bool may_have_more = CompleteReady();
    Guard([&] { may_have_more |= events_.RunClosures(); });
    if (may_have_more) continue;
    if (!PollBusily()) Guard([this] { events_.Wait(kLongestWait); });
    // gRPC sends the responses of all of these handlers together.
    RunReady();
  }
}

bool EventLoop::CompleteReady() {
  void* tag = nullptr;
  bool ok = false;
  const gpr_timespec at_once = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  for (int i = 0; i < kBatch; ++i) {
    if (queue_->AsyncNext(&tag, &ok, at_once) != grpc::CompletionQueue::GOT_EVENT) return i > 0;
    Complete(tag, ok);
  }
  return true;
}

bool EventLoop::RunReady() {
  for (int i = 0; i < kBatch; ++i) {
    // False also if it throws.
    bool is_idle = false;
    Guard([&] { is_idle = context_.poll_one() == 0; });
    if (is_idle) return true;
  }
  return false;
}

bool EventLoop::PollBusily() {
  if (!busy_poll_.Begin()) return false;
  bool found = false;
  const Clock::time_point end = Clock::now() + BusyPoll::kLongest;
  do {
    // A handler that throws has been found too; others may be ready behind it.
    bool is_idle = false;
    Guard([&] { is_idle = context_.poll_one() == 0; });
    found = !is_idle || (!kGrpcIsOnAsio && CompleteReady());
  } while (!found && Clock::now() < end);
  busy_poll_.End(found);
  return found;
}

bool EventLoop::WaitForWake() {
  const auto entry = events_.Wait(kLongestWait);
  if (!entry) return false;
  Complete(entry->tag, entry->ok);
  return events_.IsWakeUp(*entry);
}

void EventLoop::Complete(void* tag, bool ok) {
  Guard([tag, ok] { Completion::FromTag(tag).Complete(ok); });
}

template <class Function>
void EventLoop::Guard(Function function) {
  try {
    function();
  } catch (const std::exception& error) {
    // One handler failed, for example because memory ran out. The others continue.
    ReportException(error);
  }
}

void EventLoop::ReportException(const std::exception& error) const {
  try {
    on_exception_(error.what());
  } catch (const std::exception&) {
    // There is no memory for the report either.
  }
}

}  // namespace docspace::gateway
