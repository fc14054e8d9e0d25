#include "server/rpc/asio_event_engine.h"

#if DOCSPACE_GRPC_ON_ASIO

#include <absl/status/status.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "server/rpc/asio_socket.h"
#include "server/tls/handshake_failures.h"

namespace docspace::gateway {
namespace {

namespace asio = boost::asio;
using grpc_event_engine::experimental::EndpointConfig;
using grpc_event_engine::experimental::EventEngine;
using grpc_event_engine::experimental::GetDefaultEventEngine;
using grpc_event_engine::experimental::MemoryAllocator;
using grpc_event_engine::experimental::MemoryAllocatorFactory;

// Later times may be more than the clock can count.
constexpr std::chrono::hours kLongestTimer(24 * 365);

// gRPC creates a connection's TLS object in a closure that it runs later, so what a closure brings
// about belongs to the scope in which it was queued.
absl::AnyInvocable<void()> InPresentScope(absl::AnyInvocable<void()> closure) {
  const HandshakeFailureReport* report = HandshakeFailureScope::current();
  if (report == nullptr) return closure;
  return [report = *report, closure = std::move(closure)]() mutable {
    const HandshakeFailureScope scope(report);
    closure();
  };
}

absl::Status ForServersOnly() { return absl::UnimplementedError("this engine is for servers"); }

}  // namespace

AsioEventEngine::AsioEventEngine(asio::io_context& context) : context_(context) {}

AsioEventEngine::~AsioEventEngine() = default;

bool AsioEventEngine::Queue(Task& task) {
  if (IsWorkerThread()) {
    ready_.push_back(InPresentScope(std::move(task)));
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (is_retired_) return false;
  foreign_.push_back(InPresentScope(std::move(task)));
  // The loop looks for tasks after each event.
  if (!has_foreign_.exchange(true)) asio::post(context_, [] {});
  return true;
}

void AsioEventEngine::Run(Closure* closure) {
  Run([closure] { closure->Run(); });
}

void AsioEventEngine::Run(absl::AnyInvocable<void()> closure) {
  if (!Queue(closure)) GetDefaultEventEngine()->Run(std::move(closure));
}

bool AsioEventEngine::RunReady() {
  if (has_foreign_.load(std::memory_order_relaxed)) {
    const std::lock_guard lock(mutex_);
    for (Task& task : foreign_) ready_.push_back(std::move(task));
    foreign_.clear();
    has_foreign_ = false;
  }
  // Tasks are left if one has thrown.
  if (next_ == running_.size()) {
    if (ready_.empty()) return false;
    running_.clear();
    next_ = 0;
    // Further tasks wait for the next call.
    running_.swap(ready_);
  }
  while (next_ < running_.size()) {
    Task task = std::move(running_[next_++]);
    task();
  }
  return true;
}

EventEngine::TaskHandle AsioEventEngine::RunAfter(Duration when, Closure* closure) {
  return RunAfter(when, [closure] { closure->Run(); });
}

EventEngine::TaskHandle AsioEventEngine::RunAfter(Duration when,
                                                  absl::AnyInvocable<void()> closure) {
  const auto due = asio::steady_timer::clock_type::now() + std::min<Duration>(when, kLongestTimer);
  std::intptr_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (is_retired_) return GetDefaultEventEngine()->RunAfter(when, std::move(closure));
    id = ++last_id_;
    timers_.emplace(id, Timer{std::move(closure), nullptr});
  }
  if (IsWorkerThread()) {
    StartTimer(id, due);
  } else {
    Run([this, self = shared_from_this(), id, due] { StartTimer(id, due); });
  }
  return {{id, reinterpret_cast<std::intptr_t>(this)}};
}

void AsioEventEngine::StartTimer(std::intptr_t id, asio::steady_timer::time_point due) {
  const std::lock_guard lock(mutex_);
  const auto found = timers_.find(id);
  if (is_retired_ || found == timers_.end()) return;
  found->second.timer = std::make_unique<asio::steady_timer>(context_, due);
  found->second.timer->async_wait([this, id](boost::system::error_code error) {
    if (!error) OnTimer(id);
  });
}

void AsioEventEngine::OnTimer(std::intptr_t id) {
  Timer timer;
  {
    const std::lock_guard lock(mutex_);
    const auto found = timers_.find(id);
    // It may have been cancelled after it had expired.
    if (found == timers_.end()) return;
    timer = std::move(found->second);
    timers_.erase(found);
  }
  timer.task();
}

bool AsioEventEngine::Cancel(TaskHandle handle) {
  if (handle.keys[1] != reinterpret_cast<std::intptr_t>(this)) {
    return GetDefaultEventEngine()->Cancel(handle);
  }
  Timer timer;
  const std::lock_guard lock(mutex_);
  const auto found = timers_.find(handle.keys[0]);
  if (found == timers_.end()) return false;
  // The task is destroyed when the lock is released, because gRPC may use the engine meanwhile.
  // Asio's timer is destroyed before, because the context may end when the engine has retired.
  timer = std::move(found->second);
  timer.timer.reset();
  timers_.erase(found);
  return true;
}

void AsioEventEngine::Retire() {
  while (RunReady()) {
  }
  while (!sockets_.empty()) sockets_.front().Close();
  while (RunReady()) {
  }
  {
    const std::lock_guard lock(mutex_);
    is_retired_ = true;
    // What waits for them ends with the context.
    for (auto& [id, timer] : timers_) timer.timer.reset();
  }
  // What was queued since then.
  while (RunReady()) {
  }
  thread_ = std::thread::id();
}

absl::StatusOr<std::unique_ptr<EventEngine::Listener>> AsioEventEngine::CreateListener(
    Listener::AcceptCallback /*on_accept*/, absl::AnyInvocable<void(absl::Status)> /*on_shutdown*/,
    const EndpointConfig& /*config*/, std::unique_ptr<MemoryAllocatorFactory> /*memory*/) {
  return ForServersOnly();
}

EventEngine::ConnectionHandle AsioEventEngine::Connect(OnConnectCallback on_connect,
                                                       const ResolvedAddress& /*address*/,
                                                       const EndpointConfig& /*config*/,
                                                       MemoryAllocator /*memory*/,
                                                       Duration /*timeout*/) {
  Run([on_connect = std::move(on_connect)]() mutable { on_connect(ForServersOnly()); });
  return ConnectionHandle::kInvalid;
}

absl::StatusOr<std::unique_ptr<EventEngine::DNSResolver>> AsioEventEngine::GetDNSResolver(
    const DNSResolver::ResolverOptions& /*options*/) {
  return ForServersOnly();
}

}  // namespace docspace::gateway

#endif  // DOCSPACE_GRPC_ON_ASIO
