// Sends requests to one upstream over pooled connections.
#ifndef SERVER_HTTP_CLIENT_H_
#define SERVER_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>

#include "server/base/task.h"
#include "server/http/attempt_observer.h"
#include "server/http/connection_owner.h"
#include "server/http/connection_pool.h"
#include "server/http/message.h"
#include "server/http/origin.h"
#include "server/http/response_reader.h"
#include "server/http/retry_budget.h"
#include "server/overload/memory_budget.h"

namespace docspace::gateway::http {

struct ClientOptions {
  ResponseLimits response;
  // The longest wait before a second try; the wait is chosen at random up to it.
  Clock::duration max_backoff = std::chrono::milliseconds(100);
};

struct ClientCounters {
  // Second tries, by what allowed them.
  std::uint64_t retries_stale = 0;
  std::uint64_t retries_unsent = 0;
  std::uint64_t retries_read = 0;
  // Refused by the retry budget.
  std::uint64_t retries_over_budget = 0;
};

// How a client is at one moment.
struct ClientState {
  PoolCounters pool;
  ClientCounters calls;
  std::size_t open_connections = 0;
  std::size_t idle_connections = 0;
  bool circuit_closed = true;
  std::uint64_t circuit_opened = 0;
  std::uint64_t retries_available = 0;
};

// Used by one event loop; outlives its calls.
class Client {
 public:
  Client(asio::io_context& loop, Origin origin, std::unique_ptr<Connector> connector,
         const PoolOptions& pool_options, const ClientOptions& options);

  // The upstream's response of whatever status, or why there is none. Never throws.
  //
  // A call is tried a second time, once, if nothing of it was sent, or it is a GET and no octet of
  // a response came: at once where a pooled connection turned out to be dead, else after a random
  // wait; and only within the retry budget. Where the circuit is open, or connecting took all the
  // time it may, that is the answer. Anything but a GET is therefore sent at most once.
  //
  // Its deadline is the caller's: cancelling the coroutine aborts the exchange, closes the
  // connection and yields kCancelled.
  //
  // `memory` is charged for the response while it is read, and stays charged for its body. Where
  // there is no room, the connection is closed and the outcome is kOverloaded.
  //
  // `observer`, where there is one, is told of each try.
  Task<Outcome> Send(const Request& request, MemoryBudget::Charge& memory,
                     AttemptObserver* observer = nullptr);

  // Whether the upstream can be connected to; the connection stays in the pool. Cancelling it
  // aborts it.
  Task<bool> Reach();

  const PoolCounters& pool_counters() const { return pool_.counters(); }
  const ClientCounters& counters() const { return counters_; }
  const ConnectionPool& pool() const { return pool_; }
  ClientState State() const;

 private:
  struct RequestState;

  std::optional<Secret> StartAttempt(const Request& request, RequestState& state);
  ConnectionOwner OwnerOf(const Request& request) const;
  Task<void> SendWithRetry(const Request& request, Secret& octets, RequestState& state);
  Task<void> SendAttempt(const Secret& octets, RequestState& state);
  static Task<void> RoundTrip(const Secret& octets, ConnectionPool::Lease& lease,
                              RequestState& state);
  std::uint64_t* RetryAllowance(const RequestState& state, bool is_read);

  asio::io_context& loop_;
  const Origin origin_;
  const ClientOptions options_;
  ClientCounters counters_;
  RetryBudget retry_budget_;
  std::minstd_rand random_{std::random_device{}()};
  // Empty if all connections are shared.
  std::optional<ConnectionOwners> owners_;
  ConnectionPool pool_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CLIENT_H_
