// Sends requests to one upstream over pooled connections, and retries what is safe to retry.
#ifndef SERVER_HTTP_CLIENT_H_
#define SERVER_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>

#include "server/base/task.h"
#include "server/http/access_secrets.h"
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
  // The longest wait before a second attempt; the wait is chosen at random between 0 and this.
  Clock::duration max_backoff = std::chrono::milliseconds(100);
};

struct ClientCounters {
  // Second attempts, by their reason: the reused connection was dead, nothing had been sent, or a
  // read got no response.
  std::uint64_t retries_stale = 0;
  std::uint64_t retries_unsent = 0;
  std::uint64_t retries_read = 0;
  // Second attempts that the retry budget refused.
  std::uint64_t retries_over_budget = 0;
};

// The counters and gauges of a client at one moment.
struct ClientState {
  PoolCounters pool;
  ClientCounters calls;
  std::size_t open_connections = 0;
  std::size_t idle_connections = 0;
  bool circuit_closed = true;
  std::uint64_t circuit_opened = 0;
  std::uint64_t retries_available = 0;
};

// A client of one upstream. Must be used on one event loop's thread, and must outlive its calls.
class Client {
 public:
  // `access` returns the headers that every request gets; it may be null.
  Client(asio::io_context& loop, Origin origin, std::unique_ptr<Connector> connector,
         const PoolOptions& pool_options, const ClientOptions& options,
         AccessSecretsSource access = nullptr);

  // Sends `request` and returns the response, whatever its status, or the reason why none was
  // received. Never throws. `request` and `memory` must outlive the coroutine.
  //
  // There is one second attempt if nothing of the request was sent, or if it is a GET and no byte
  // of a response came: at once if a reused connection was dead, otherwise after a random wait; and
  // only within the retry budget. There is none if the circuit is open, or if connecting took all
  // the time that it may take. A request that is not a GET is therefore sent at most once.
  //
  // There is no deadline here: the caller cancels the coroutine, which aborts the attempt, closes
  // its connection and results in kCancelled.
  //
  // `memory` holds the response while it is read, and its body afterwards. If there is no room, the
  // connection is closed and the outcome is kOverloaded.
  //
  // `observer` may be null. Otherwise it observes each attempt, and must outlive the coroutine.
  Task<Outcome> Send(const Request& request, MemoryBudget::Reservation& memory,
                     AttemptObserver* observer = nullptr);

  // Returns whether the upstream can be connected to; the connection stays in the pool. Cancelling
  // the coroutine aborts it.
  Task<bool> Reach();

  const PoolCounters& pool_counters() const { return pool_.counters(); }
  const ClientCounters& counters() const { return counters_; }
  const ConnectionPool& pool() const { return pool_; }
  ClientState State() const;

 private:
  struct RequestState;

  std::optional<Secret> StartAttempt(const Request& request, RequestState& state) const;
  ConnectionOwner OwnerOf(const Request& request) const;
  Task<void> SendWithRetry(const Request& request, Secret& octets, RequestState& state);
  Task<void> SendAttempt(const Secret& octets, RequestState& state);
  static Task<void> RoundTrip(const Secret& octets, ConnectionPool::Lease& lease,
                              RequestState& state);
  std::uint64_t* RetryAllowance(const RequestState& state, bool is_read);

  asio::io_context& loop_;
  const Origin origin_;
  const ClientOptions options_;
  const AccessSecretsSource access_;
  ClientCounters counters_;
  RetryBudget retry_budget_;
  std::minstd_rand random_{std::random_device{}()};
  // None if all callers share all connections.
  std::optional<ConnectionOwners> owners_;
  ConnectionPool pool_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CLIENT_H_
