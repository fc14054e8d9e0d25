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

}  // namespace

Task<Resolved> SystemResolve(std::string host, std::uint16_t port) {
  Resolver resolver(co_await asio::this_coro::executor);
  const auto [error, results] = co_await resolver.async_resolve(
      host, std::to_string(port), Resolver::numeric_service, kAsTuple);
  Addresses addresses;
  for (const auto& result : results) addresses.push_back(result.endpoint());
  co_return std::tuple(error, std::move(addresses));
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
  if (std::exchange(state_->resolving, true)) return;
  asio::co_spawn(state_->loop, Refresh(state_), asio::detached);
}

Task<void> AddressBook::Refresh(std::shared_ptr<State> state) {
  try {
    auto [error, addresses] = co_await state->resolve(state->host, state->port);
    if (!error && !addresses.empty()) {
      state->addresses = std::move(addresses);
      state->known = true;
    }
  } catch (const std::exception&) {
    // No memory, or no thread for the resolver: as a name that does not resolve this time.
  }
  state->resolving = false;
  state->resolved_at = Clock::now();
  state->resolved.cancel();
}

}  // namespace docspace::gateway::http
