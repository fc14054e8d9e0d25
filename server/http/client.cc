#include "server/http/client.h"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "server/http/request_writer.h"

namespace docspace::gateway::http {
// One try, and what is known of it so far, even if an exception ends it.
struct Client::Attempt {
  MemoryBudget::Charge& memory;
  AttemptObserver* observer;
  ResponseLimits limits;
  ConnectionOwner owner{};
  // The observer has been told of a try, and not of its end.
  bool under_way = false;
  // Set once the first octet may have left: the outcome of a write is then not ours to tell.
  bool sent = false;
  bool needs_fresh_connection = false;
  bool reused_connection = false;
  // Of a failure to connect.
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
               const PoolOptions& pool_options, const ClientOptions& options)
    : loop_(loop),
      origin_(std::move(origin)),
      options_(options),
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

Task<Outcome> Client::Send(const Request& request, MemoryBudget::Charge& memory,
                           AttemptObserver* observer) {
  Attempt attempt{.memory = memory, .observer = observer, .limits = options_.response};
  attempt.limits.body_bytes = std::min(attempt.limits.body_bytes, request.max_response_body);
  try {
    attempt.owner = OwnerOf(request);
    std::optional<Secret> octets = Begin(request, attempt);
    if (!octets) {
      co_return attempt.End(
          Failure{Failure::Kind::kMalformed, false, "the request cannot be written safely"});
    }
    co_await TryTwice(request, *octets, attempt);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (std::holds_alternative<Response>(attempt.outcome) || !IsCancelled(cancellation)) {
      co_return attempt.End(std::move(attempt.outcome));
    }
  } catch (const std::exception&) {
    // Thrown by `co_await` in a coroutine that was cancelled; else the gateway lacks a resource.
  }
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (IsCancelled(cancellation)) {
    co_return attempt.End(
        Failure{Failure::Kind::kCancelled, attempt.sent, "the call was abandoned"});
  }
  co_return attempt.End(
      Failure{attempt.sent ? Failure::Kind::kConnectionLost : Failure::Kind::kUnreachable,
              attempt.sent, "the gateway lacks memory or another resource"});
}

Task<bool> Client::Reach() {
  auto acquired = co_await pool_.Acquire(/*fresh=*/false, ConnectionOwner{});
  auto* lease = std::get_if<ConnectionPool::Lease>(&acquired);
  if (lease != nullptr) lease->GiveBack();
  co_return lease != nullptr;
}

// The octets of a try.
std::optional<Secret> Client::Begin(const Request& request, Attempt& attempt) {
  if (attempt.observer == nullptr) return WriteRequest(request, origin_);
  const std::vector<Header> headers = attempt.observer->OnAttemptStart(origin_);
  attempt.under_way = true;
  attempt.reused_connection = false;
  return WriteRequest(request, origin_, headers);
}

Task<void> Client::TryTwice(const Request& request, Secret& octets, Attempt& attempt) {
  retry_budget_.CountCall(Clock::now());
  co_await Try(octets, attempt);

  std::uint64_t* allowance = RetryAllowance(attempt, request.method == Method::kGet);
  if (allowance == nullptr || IsCancelled(co_await asio::this_coro::cancellation_state)) co_return;
  if (!retry_budget_.Withdraw(Clock::now())) {
    ++counters_.retries_over_budget;
    co_return;
  }
  attempt.End(std::as_const(attempt.outcome));
  attempt.needs_fresh_connection = attempt.reused_connection;
  if (!attempt.reused_connection) {
    std::uniform_int_distribution<Clock::duration::rep> upto(0, options_.max_backoff.count());
    Timer backoff(loop_, Clock::duration(upto(random_)));
    co_await backoff.async_wait(kAsTuple);
    if (IsCancelled(co_await asio::this_coro::cancellation_state)) co_return;
  }
  ++*allowance;
  if (attempt.observer != nullptr) {
    std::optional<Secret> again = Begin(request, attempt);
    if (!again) co_return;
    octets = *std::move(again);
  }
  co_await Try(octets, attempt);
}

std::uint64_t* Client::RetryAllowance(const Attempt& attempt, bool is_read) {
  const auto* failure = std::get_if<Failure>(&attempt.outcome);
  if (failure == nullptr) return nullptr;
  if (failure->kind == Failure::Kind::kUnreachable) {
    return attempt.worth_a_retry ? &counters_.retries_unsent : nullptr;
  }
  if (failure->kind != Failure::Kind::kConnectionLost || !is_read) return nullptr;
  return attempt.reused_connection ? &counters_.retries_stale : &counters_.retries_read;
}

Task<void> Client::Try(const Secret& octets, Attempt& attempt) {
  auto acquired = co_await pool_.Acquire(attempt.needs_fresh_connection, attempt.owner);
  if (const auto* unreachable = std::get_if<Unreachable>(&acquired)) {
    attempt.reused_connection = false;
    attempt.worth_a_retry = unreachable->worth_a_retry;
    attempt.outcome = Failure{Failure::Kind::kUnreachable, attempt.sent, unreachable->why};
    co_return;
  }
  auto& lease = std::get<ConnectionPool::Lease>(acquired);
  attempt.reused_connection = lease.reused();
  co_await Exchange(octets, lease, attempt);
}

Task<void> Client::Exchange(const Secret& octets, ConnectionPool::Lease& lease, Attempt& attempt) {
  using Progress = ResponseReader::Progress;
  Connection& connection = lease.connection();
  attempt.sent = true;
  const auto write_error = co_await connection.Write(octets.Reveal());

  // Even after a failed write: a portal that refuses a request early says why before it closes.
  ResponseReader reader(attempt.limits);
  Progress progress = Progress::kNeedMore;
  while (progress == Progress::kNeedMore) {
    const auto [error, size] = co_await connection.Read(reader.Buffer());
    if (!error) {
      progress = reader.Consume(size);
    } else if (reader.started()) {
      progress = reader.ConsumeEnd(/*orderly=*/error == asio::error::eof);
    } else {
      attempt.outcome = Failure{Failure::Kind::kConnectionLost, true, "no response came"};
      co_return;
    }
    if (!attempt.memory.HoldAnswer(reader.held())) {
      attempt.outcome =
          Failure{Failure::Kind::kOverloaded, true, "no memory is left for the portal's answer"};
      co_return;
    }
  }
  if (progress == Progress::kMalformed) {
    attempt.outcome = Failure{Failure::Kind::kMalformed, true, std::string(reader.problem())};
    co_return;
  }
  attempt.outcome = reader.Take();
  connection.keep_alive_timeout = reader.keep_alive_timeout();
  connection.keep_alive_max = reader.keep_alive_max();
  if (reader.reusable() && !write_error) lease.GiveBack();
}

}  // namespace docspace::gateway::http
