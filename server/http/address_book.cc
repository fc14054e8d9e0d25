#include "server/http/address_book.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <utility>

namespace docspace::gateway::http {
namespace {

constexpr Clock::duration kMinRefreshInterval = std::chrono::seconds(1);

using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

Task<std::tuple<boost::system::error_code, Addresses>> ResolveBySystem(Executor executor,
                                                                       std::string host,
                                                                       std::uint16_t port) {
  Resolver resolver(executor);
  const auto [error, results] = co_await resolver.async_resolve(
      host, std::to_string(port), Resolver::numeric_service, kAsTuple);
  Addresses addresses;
  for (const auto& result : results) addresses.push_back(result.endpoint());
  co_return std::tuple(error, std::move(addresses));
}

}  // namespace

Resolve SystemResolve(asio::io_context& loop) {
  return [executor = loop.get_executor()](std::string host, std::uint16_t port) {
    return ResolveBySystem(executor, std::move(host), port);
  };
}

struct AddressBook::State {
  asio::io_context& loop;
  std::string host;
  std::uint16_t port;
  Clock::duration refresh;
  Resolve resolve;

  Addresses addresses;
  bool known = false;
  bool resolving = false;
  Clock::time_point resolved_at;
  // Cancelled, which wakes every waiter, when a resolution ends.
  Timer resolved;
};

// One under way. However it ends, even where Asio drops it for lack of memory, the next may begin
// and nobody waits for this one.
class AddressBook::Resolution {
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

AddressBook::AddressBook(asio::io_context& loop, std::string host, std::uint16_t port,
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

AddressBook::~AddressBook() = default;

Task<Addresses> AddressBook::Get() {
  State& state = *state_;
  if (state.known && state.refresh != Clock::duration::max() &&
      Clock::now() - state.resolved_at >= state.refresh) {
    StartRefresh();
  }
  if (!state.known) {
    StartRefresh();
    // It may have ended already, without waiting for anything.
    if (state.resolving) co_await state.resolved.async_wait(kAsTuple);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    ThrowIfCancelled(cancellation);
  }
  co_return state.addresses;
}

void AddressBook::Distrust() {
  const bool is_literal = state_->resolved_at == Clock::time_point::max();
  if (!is_literal && Clock::now() - state_->resolved_at >= kMinRefreshInterval) StartRefresh();
}

void AddressBook::StartRefresh() {
  if (state_->resolving) return;
  asio::co_spawn(state_->loop, Refresh(Resolution(state_)), asio::detached);
}

Task<void> AddressBook::Refresh(Resolution resolution) {
  State& state = resolution.state();
  try {
    auto [error, addresses] = co_await state.resolve(state.host, state.port);
    if (!error && !addresses.empty()) {
      state.addresses = std::move(addresses);
      state.known = true;
    }
  } catch (const std::exception&) {
    // No memory, or no thread for the resolver: as a name that does not resolve this time.
  }
}

}  // namespace docspace::gateway::http
