#include "server/http/client.h"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/request_writer.h"

namespace docspace::gateway::http {
namespace {

// Returns `origin` with its Host header, which is the same for each request, written out.
Origin WithHostHeader(Origin origin) {
  origin.host_header = origin.Authority();
  return origin;
}

}  // namespace

// A request and the state of its attempts so far, which stays valid even if an exception ends them.
struct Client::RequestState {
  MemoryBudget::Reservation& memory;
  AttemptObserver* observer;
  ResponseLimits limits;
  ConnectionOwner owner{};
  // True if the observer knows the start of an attempt, but not its end.
  bool under_way = false;
  // Set before the first byte may leave: from then on a write may have been applied.
  bool sent = false;
  bool needs_fresh_connection = false;
  bool reused_connection = false;
  // True if another attempt after a failure to connect is useful.
  bool worth_a_retry = true;
  Outcome outcome = Failure{};

  const Outcome& End(const Outcome& ended) {
    if (std::exchange(under_way, false)) observer->OnAttemptEnd(ended, reused_connection);
    return ended;
  }
  Outcome End(Outcome&& ended) {
    End(std::as_const(ended));
    return std::move(ended);
  }
};

Client::Client(asio::io_context& loop, Origin origin, std::unique_ptr<Connector> connector,
               const PoolOptions& pool_options, const ClientOptions& options,
               AccessSecretsSource access)
    : loop_(loop),
      origin_(WithHostHeader(std::move(origin))),
      options_(options),
      access_(std::move(access)),
      pool_(loop, std::move(connector), pool_options) {
  if (!pool_options.share) owners_.emplace();
}

ConnectionOwner Client::OwnerOf(const Request& request) const {
  return owners_ ? owners_->Of(request.credential) : ConnectionOwner{};
}

ClientState Client::State() const {
  const CircuitBreaker& breaker = pool_.circuit_breaker();
  return {.pool = pool_.counters(),
          .calls = counters_,
          .open_connections = pool_.open(),
          .idle_connections = pool_.idle(),
          .circuit_closed = breaker.state() == CircuitBreaker::State::kClosed,
          .circuit_opened = breaker.opened(),
          .retries_available = retry_budget_.Available(Clock::now())};
}

Task<Outcome> Client::Send(const Request& request, MemoryBudget::Reservation& memory,
                           AttemptObserver* observer) {
  RequestState state{.memory = memory, .observer = observer, .limits = options_.response};
  state.limits.body_bytes = std::min(state.limits.body_bytes, request.max_response_body);
  try {
    state.owner = OwnerOf(request);
    std::optional<Secret> octets = StartAttempt(request, state);
    if (!octets) {
      co_return state.End(
          Failure{Failure::Kind::kMalformed, false, "the request cannot be written safely"});
    }
    co_await SendWithRetry(request, *octets, state);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (std::holds_alternative<Response>(state.outcome) || !IsCancelled(cancellation)) {
      co_return state.End(std::move(state.outcome));
    }
  } catch (const std::exception&) {
    // `co_await` throws in a coroutine that was cancelled. Any other exception means that a
    // resource is lacking.
  }
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (IsCancelled(cancellation)) {
    co_return state.End(Failure{Failure::Kind::kCancelled, state.sent, "the call was abandoned"});
  }
  co_return state.End(
      Failure{state.sent ? Failure::Kind::kConnectionLost : Failure::Kind::kUnreachable, state.sent,
              "the gateway lacks memory or another resource"});
}

Task<bool> Client::Reach() {
  auto acquired = co_await pool_.Acquire(/*fresh=*/false, ConnectionOwner{});
  auto* lease = std::get_if<ConnectionPool::Lease>(&acquired);
  if (lease != nullptr) lease->GiveBack();
  co_return lease != nullptr;
}

// Returns the bytes of the next attempt.
std::optional<Secret> Client::StartAttempt(const Request& request, RequestState& state) const {
  const std::shared_ptr<const AccessSecrets> access = access_ ? access_() : nullptr;
  std::span<const SecretHeader> fixed;
  if (access) fixed = access->headers;
  if (state.observer == nullptr) return WriteRequest(request, origin_, {}, fixed);
  const std::vector<Header> headers = state.observer->OnAttemptStart(origin_);
  state.under_way = true;
  state.reused_connection = false;
  return WriteRequest(request, origin_, headers, fixed);
}

Task<void> Client::SendWithRetry(const Request& request, Secret& octets, RequestState& state) {
  retry_budget_.CountCall(Clock::now());
  co_await SendAttempt(octets, state);

  std::uint64_t* allowance = RetryAllowance(state, request.method == Method::kGet);
  if (allowance == nullptr || IsCancelled(co_await asio::this_coro::cancellation_state)) co_return;
  if (!retry_budget_.Withdraw(Clock::now())) {
    ++counters_.retries_over_budget;
    co_return;
  }
  state.End(std::as_const(state.outcome));
  state.needs_fresh_connection = state.reused_connection;
  if (!state.reused_connection) {
    std::uniform_int_distribution<Clock::duration::rep> upto(0, options_.max_backoff.count());
    Timer backoff(loop_, Clock::duration(upto(random_)));
    co_await backoff.async_wait(kAsTuple);
    if (IsCancelled(co_await asio::this_coro::cancellation_state)) co_return;
  }
  ++*allowance;
  if (state.observer != nullptr) {
    std::optional<Secret> again = StartAttempt(request, state);
    if (!again) co_return;
    octets = *std::move(again);
  }
  co_await SendAttempt(octets, state);
}

std::uint64_t* Client::RetryAllowance(const RequestState& state, bool is_read) {
  const auto* failure = std::get_if<Failure>(&state.outcome);
  if (failure == nullptr) return nullptr;
  if (failure->kind == Failure::Kind::kUnreachable || failure->kind == Failure::Kind::kProxy) {
    return state.worth_a_retry ? &counters_.retries_unsent : nullptr;
  }
  if (failure->kind != Failure::Kind::kConnectionLost || !is_read) return nullptr;
  return state.reused_connection ? &counters_.retries_stale : &counters_.retries_read;
}

Task<void> Client::SendAttempt(const Secret& octets, RequestState& state) {
  if (!state.needs_fresh_connection) {
    if (auto lease = pool_.TakeIdle(state.owner)) {
      state.reused_connection = true;
      co_await RoundTrip(octets, *lease, state);
      co_return;
    }
  }
  auto acquired = co_await pool_.Acquire(state.needs_fresh_connection, state.owner);
  if (const auto* unreachable = std::get_if<Unreachable>(&acquired)) {
    state.reused_connection = false;
    state.worth_a_retry = unreachable->worth_a_retry;
    const auto kind = unreachable->at_proxy ? Failure::Kind::kProxy : Failure::Kind::kUnreachable;
    state.outcome = Failure{kind, state.sent, unreachable->why, unreachable->proxy_status};
    co_return;
  }
  auto& lease = std::get<ConnectionPool::Lease>(acquired);
  state.reused_connection = lease.reused();
  co_await RoundTrip(octets, lease, state);
}

Task<void> Client::RoundTrip(const Secret& octets, ConnectionPool::Lease& lease,
                             RequestState& state) {
  using Progress = ResponseReader::Progress;
  Connection& connection = lease.connection();
  state.sent = true;
  std::string_view unwritten = octets.Reveal();
  unwritten.remove_prefix(connection.WriteAtOnce(unwritten));
  boost::system::error_code write_error;
  if (!unwritten.empty()) {
    const auto [error, size] = co_await connection.Write(unwritten);
    write_error = error;
  }

  // The response is read even after a failed write, because an upstream that refuses a request
  // early sends the reason before it closes.
  ResponseReader reader(state.limits);
  Progress progress = Progress::kNeedMore;
  while (progress == Progress::kNeedMore) {
    const auto [error, size] = co_await connection.Read(reader.Buffer());
    if (!error) {
      progress = reader.Consume(size);
    } else if (reader.started()) {
      progress = reader.ConsumeEnd(/*orderly=*/error == asio::error::eof);
    } else {
      state.outcome = Failure{Failure::Kind::kConnectionLost, true, "no response came"};
      co_return;
    }
    if (!state.memory.ReserveResponse(reader.held())) {
      state.outcome =
          Failure{Failure::Kind::kOverloaded, true, "no memory is left for the portal's response"};
      co_return;
    }
  }
  if (progress == Progress::kMalformed) {
    state.outcome = Failure{Failure::Kind::kMalformed, true, std::string(reader.problem())};
    co_return;
  }
  state.outcome = reader.Take();
  connection.keep_alive_timeout = reader.keep_alive_timeout();
  connection.keep_alive_max = reader.keep_alive_max();
  if (reader.reusable() && !write_error) lease.GiveBack();
}

}  // namespace docspace::gateway::http
