#include "server/rpc/loop_events.h"

#include <algorithm>
#include <utility>

namespace docspace::gateway {

using std::chrono::milliseconds;

#if DOCSPACE_GRPC_ON_ASIO

namespace {

// The time after which the loop looks into the queue if other threads may have filled it.
constexpr milliseconds kForeignEntryDelay(1);

}  // namespace

LoopEvents::LoopEvents(boost::asio::io_context& context, grpc::CompletionQueue& /*queue*/)
    : context_(context), engine_(std::make_shared<AsioEventEngine>(context)) {}

void LoopEvents::Enter() { engine_->Enter(); }

bool LoopEvents::RunClosures() { return engine_->RunReady(); }

std::optional<LoopEvents::Entry> LoopEvents::Wait(milliseconds longest) {
  if (expects_foreign_entries_) longest = std::min(longest, kForeignEntryDelay);
  context_.run_one_for(longest);
  return std::nullopt;
}

bool LoopEvents::IsWakeUp(const Entry& /*entry*/) { return false; }

// Asio itself wakes the thread when something is posted.
void LoopEvents::Wake() {}

void LoopEvents::ExpectForeignEntries() { expects_foreign_entries_ = true; }

void LoopEvents::BeginEnd() {}

void LoopEvents::End() { engine_->Retire(); }

#else

LoopEvents::LoopEvents(boost::asio::io_context& context, grpc::CompletionQueue& queue)
    : queue_(queue) {
  watcher_.emplace(context, [this] { Wake(); });
}

void LoopEvents::Enter() {}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): with gRPC 1.83 it cannot be.
bool LoopEvents::RunClosures() { return false; }

std::optional<LoopEvents::Entry> LoopEvents::Wait(milliseconds longest) {
  watcher_->Arm();
  const gpr_timespec end = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                        gpr_time_from_millis(longest.count(), GPR_TIMESPAN));
  Entry entry{};
  if (queue_.AsyncNext(&entry.tag, &entry.ok, end) != grpc::CompletionQueue::GOT_EVENT) return {};
  return entry;
}

bool LoopEvents::IsWakeUp(const Entry& entry) { return entry.tag == woken_.tag(); }

void LoopEvents::Wake() {
  const std::lock_guard lock(waking_);
  if (ended_ || std::exchange(is_woken_, true)) return;
  alarm_.Set(&queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), woken_.tag());
}

void LoopEvents::OnWoken(bool /*ok*/) {
  const std::lock_guard lock(waking_);
  is_woken_ = false;
}

// Any entry ends the wait in the queue.
void LoopEvents::ExpectForeignEntries() {}

void LoopEvents::BeginEnd() {
  watcher_.reset();
  const std::lock_guard lock(waking_);
  ended_ = true;
}

void LoopEvents::End() {}

#endif

}  // namespace docspace::gateway
