#include "server/http/caching_resolver.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "server/base/file_descriptor.h"

namespace docspace::gateway::http {
namespace {

constexpr Clock::duration kMinRefreshInterval = std::chrono::seconds(1);

// One lookup on a thread, which continues even if its coroutine no longer exists.
struct Question {
  // Becomes readable when the lookup has ended.
  const FileDescriptor done{eventfd(0, EFD_CLOEXEC)};
  std::atomic<bool> is_done{false};
  Resolved answer;
};

Resolved AskSystem(const std::string& host, std::uint16_t port) {
  Resolved result;
  auto& [error, addresses] = result;
  asio::io_context unused;
  asio::ip::tcp::resolver resolver(unused);
  for (const auto& found : resolver.resolve(host, std::to_string(port),
                                            asio::ip::tcp::resolver::numeric_service, error)) {
    addresses.push_back(found.endpoint());
  }
  return result;
}

void Answer(Question& question, const LookUp& look_up, const std::string& host,
            std::uint16_t port) {
  try {
    question.answer = look_up(host, port);
  } catch (const std::exception&) {
    question.answer = Resolved(asio::error::no_memory, Addresses());
  }
  question.is_done.store(true, std::memory_order_release);
  eventfd_write(question.done.get(), 1);
}

// Waits for a descriptor, because Asio would report the end by a posted handler, which does not
// wake a loop that watches an io_context without running it: see io_context_watcher.h.
Task<Resolved> AskOnThread(LookUp look_up, std::string host, std::uint16_t port) {
  const auto question = std::make_shared<Question>();
  asio::posix::basic_stream_descriptor<Executor> done(co_await asio::this_coro::executor,
                                                      dup(question->done.get()));
  std::thread([question, look_up = std::move(look_up), host = std::move(host), port] {
    Answer(*question, look_up, host, port);
  }).detach();
  co_await done.async_wait(asio::posix::stream_descriptor::wait_read, kAsTuple);
  if (!question->is_done.load(std::memory_order_acquire)) {
    co_return Resolved(asio::error::operation_aborted, Addresses());
  }
  co_return std::move(question->answer);
}

}  // namespace

Resolve ResolveOnThreads(LookUp look_up) {
  return [look_up = std::move(look_up)](std::string host, std::uint16_t port) {
    return AskOnThread(look_up, std::move(host), port);
  };
}

Task<Resolved> SystemResolve(std::string host, std::uint16_t port) {
  return AskOnThread(&AskSystem, std::move(host), port);
}

struct CachingResolver::State {
  asio::io_context& loop;
  std::string host;
  std::uint16_t port;
  Clock::duration refresh;
  Resolve resolve;

  Addresses addresses;
  bool known = false;
  bool resolving = false;
  Clock::time_point resolved_at;
  // The end of a resolution cancels this timer, which wakes every waiter.
  Timer resolved;
};

// A resolution in progress. When it ends, even if Asio destroys it because there is no memory, the
// next one can start, and no call keeps waiting for this one.
class CachingResolver::Resolution {
 public:
  explicit Resolution(std::shared_ptr<State> state) : state_(std::move(state)) {
    state_->resolving = true;
  }
  Resolution(Resolution&&) noexcept = default;
  Resolution& operator=(Resolution&&) = delete;
  ~Resolution() {
    if (!state_) return;
    state_->resolving = false;
    state_->resolved_at = Clock::now();
    state_->resolved.cancel();
  }

  State& state() const { return *state_; }

 private:
  std::shared_ptr<State> state_;
};

CachingResolver::CachingResolver(asio::io_context& loop, std::string host, std::uint16_t port,
                                 Clock::duration refresh, Resolve resolve) {
  state_ = std::make_shared<State>(State{.loop = loop,
                                         .host = std::move(host),
                                         .port = port,
                                         .refresh = refresh,
                                         .resolve = std::move(resolve),
                                         .addresses = {},
                                         .resolved_at = {},
                                         .resolved = Timer(loop, Clock::time_point::max())});
  boost::system::error_code error;
  const auto address = asio::ip::make_address(state_->host, error);
  if (!error) {
    state_->addresses = {{address, port}};
    state_->known = true;
    state_->refresh = Clock::duration::max();
    state_->resolved_at = Clock::time_point::max();
  }
}

CachingResolver::~CachingResolver() = default;

Task<Addresses> CachingResolver::Get() {
  State& state = *state_;
  if (state.known && state.refresh != Clock::duration::max() &&
      Clock::now() - state.resolved_at >= state.refresh) {
    StartRefresh();
  }
  if (!state.known) {
    StartRefresh();
    // The resolution may already have ended, if it had nothing to wait for.
    if (state.resolving) co_await state.resolved.async_wait(kAsTuple);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    ThrowIfCancelled(cancellation);
  }
  co_return state.addresses;
}

void CachingResolver::RequestRefresh() {
  const bool is_literal = state_->resolved_at == Clock::time_point::max();
  if (!is_literal && Clock::now() - state_->resolved_at >= kMinRefreshInterval) StartRefresh();
}

void CachingResolver::StartRefresh() {
  if (state_->resolving) return;
  asio::co_spawn(state_->loop, Refresh(Resolution(state_)), asio::detached);
}

Task<void> CachingResolver::Refresh(Resolution resolution) {
  State& state = resolution.state();
  try {
    auto [error, addresses] = co_await state.resolve(state.host, state.port);
    if (!error && !addresses.empty()) {
      state.addresses = std::move(addresses);
      state.known = true;
    }
  } catch (const std::exception&) {
    // There is no memory, or no thread for the resolver. This counts as a name that does not
    // resolve this time.
  }
}

}  // namespace docspace::gateway::http
