#include "server/http/connector.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <optional>
#include <string>
#include <utility>

namespace docspace::gateway::http {
namespace {

// Attempts on several addresses. The first one to connect wins.
struct Race {
  explicit Race(asio::io_context& loop) : progress(loop) {}

  // The end of an attempt cancels this timer, which wakes the coroutine that waits for the race.
  Timer progress;
  std::list<TcpSocket> attempts;
  std::size_t under_way = 0;
  std::optional<TcpSocket> winner;
};

Task<void> Attempt(std::shared_ptr<Race> race, std::list<TcpSocket>::iterator socket,
                   asio::ip::tcp::endpoint address) {
  const auto [error] = co_await socket->async_connect(address, kAsTuple);
  if (!error && !race->winner) race->winner = std::move(*socket);
  race->attempts.erase(socket);
  --race->under_way;
  race->progress.cancel();
}

// Closes the losers when the race ends for any reason. Their attempts then end by themselves.
struct EndRace {
  ~EndRace() {
    for (TcpSocket& socket : race->attempts) {
      boost::system::error_code ignored;
      socket.close(ignored);
    }
  }
  std::shared_ptr<Race> race;
};

Task<std::optional<TcpSocket>> ConnectQuickest(asio::io_context& loop, const Addresses& addresses,
                                               Clock::duration attempt_delay) {
  const auto race = std::make_shared<Race>(loop);
  const EndRace end_race{race};
  std::size_t next = 0;
  while (!race->winner && (next < addresses.size() || race->under_way > 0)) {
    if (next < addresses.size()) {
      const auto socket = race->attempts.emplace(race->attempts.end(), loop);
      ++race->under_way;
      asio::co_spawn(loop, Attempt(race, socket, addresses[next++]), asio::detached);
      race->progress.expires_after(attempt_delay);
    } else {
      race->progress.expires_at(Clock::time_point::max());
    }
    co_await race->progress.async_wait(kAsTuple);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    ThrowIfCancelled(cancellation);
  }
  co_return std::move(race->winner);
}

// Sets keep-alive, so that a dead peer is noticed in about a minute even while nothing is sent.
void Tune(TcpSocket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&socket](int option, int value) {
    setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 30);
  set(TCP_KEEPINTVL, 10);
  set(TCP_KEEPCNT, 3);
}

}  // namespace

Connector::Connector(asio::io_context& loop, std::unique_ptr<CachingResolver> addresses,
                     std::unique_ptr<TlsClient> tls, const ConnectOptions& options,
                     std::unique_ptr<ProxyTunnel> tunnel)
    : loop_(loop),
      resolver_(std::move(addresses)),
      tls_(std::move(tls)),
      tunnel_(std::move(tunnel)),
      options_(options),
      circuit_breaker_(options.circuit_breaker) {}

Task<Connector::Result> Connector::Connect() {
  using asio::experimental::awaitable_operators::operator||;
  CircuitBreaker::Permit permit = circuit_breaker_.TryAcquire(Clock::now());
  if (!permit) {
    Unreachable failed = last_failure_;
    failed.why = "it failed repeatedly, and is tried again in a moment";
    failed.worth_a_retry = false;
    co_return failed;
  }
  Timer timer(loop_, options_.timeout);
  Result result = FirstHopFails("connecting took too long", /*worth_a_retry=*/false);
  co_await (ConnectAnyTime(result) || timer.async_wait(kAsTuple));
  if (const auto* unreachable = std::get_if<Unreachable>(&result)) {
    // An abandoned call says nothing about the upstream.
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    ThrowIfCancelled(cancellation);
    permit.Failed(Clock::now());
    last_failure_ = *unreachable;
    resolver_->RequestRefresh();
  } else {
    permit.Succeeded();
  }
  co_return result;
}

Task<void> Connector::ConnectAnyTime(Result& result) {
  const Addresses addresses = co_await resolver_->Get();
  if (addresses.empty()) {
    result = FirstHopFails("the name does not resolve", /*worth_a_retry=*/true);
    co_return;
  }
  auto socket = co_await ConnectQuickest(loop_, addresses, options_.attempt_delay);
  if (!socket) {
    result = FirstHopFails("no address accepts connections", /*worth_a_retry=*/true);
    co_return;
  }
  Tune(*socket);
  if (tunnel_) {
    const bool opened = co_await OpenTunnel(*socket, result);
    if (!opened) co_return;
  }
  std::unique_ptr<Connection> connection;
  if (tls_) {
    auto stream = tls_->NewStream(std::move(*socket));
    const auto [error] = co_await stream->async_handshake(asio::ssl::stream_base::client, kAsTuple);
    if (error) {
      const auto cancellation = co_await asio::this_coro::cancellation_state;
      ThrowIfCancelled(cancellation);
      result = Unreachable{"the TLS handshake failed: " + ReasonOfHandshakeFailure(*stream, error)};
      co_return;
    }
    connection = std::make_unique<Connection>(std::move(stream));
  } else {
    connection = std::make_unique<Connection>(std::move(*socket));
  }
  connection->opened_at = Clock::now();
  result = std::move(connection);
}

Task<bool> Connector::OpenTunnel(TcpSocket& socket, Result& result) {
  // These hold if the time is up at this step or the next one.
  result = Unreachable{"the proxy does not open a tunnel in time", /*worth_a_retry=*/false,
                       /*at_proxy=*/true};
  const std::optional<ProxyFault> fault = co_await tunnel_->Open(socket);
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  ThrowIfCancelled(cancellation);
  result = Unreachable{"connecting took too long", /*worth_a_retry=*/false};
  if (!fault) co_return true;
  // A proxy that refuses by its own rules does so again; one that could not reach the upstream, or
  // ended the connection, may do better.
  const bool is_rule = fault->status >= 300 && fault->status < 500;
  result = Unreachable{fault->why, /*worth_a_retry=*/!is_rule, /*at_proxy=*/true, fault->status};
  co_return false;
}

// Says why there is no connection to the proxy, or to the upstream if there is no proxy.
Unreachable Connector::FirstHopFails(const char* why, bool worth_a_retry) const {
  if (!tunnel_) return {why, worth_a_retry};
  return {std::string("the proxy cannot be reached: ") + why, worth_a_retry, /*at_proxy=*/true};
}

}  // namespace docspace::gateway::http
