// Keep-alive connections to the upstream, shared by the calls of one event loop.
#ifndef SERVER_HTTP_CONNECTION_POOL_H_
#define SERVER_HTTP_CONNECTION_POOL_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "server/base/task.h"
#include "server/http/connection.h"
#include "server/http/connection_owner.h"
#include "server/http/connector.h"

namespace docspace::gateway::http {

struct PoolOptions {
  // The most connections that are open or being opened; further calls wait in a queue.
  std::size_t max_connections = 256;
  // A connection that is idle for longer is closed. The time should be less than the upstream's
  // own, so that the gateway closes first.
  Clock::duration idle_timeout = std::chrono::seconds(30);
  // An older connection is not used again, so that a change of the upstream's address is followed.
  Clock::duration max_age = std::chrono::minutes(10);
  std::uint32_t max_requests = 10'000;
  // True if a connection may carry requests with different credentials. If not, a response that the
  // upstream repeats late can only reach calls with the credential of its own request.
  bool share = true;
};

// Counts of events since the pool was made.
struct PoolCounters {
  std::uint64_t created = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t reused = 0;
  std::uint64_t waits = 0;
  // The reasons for which connections were closed.
  std::uint64_t closed_idle = 0;
  std::uint64_t closed_expired = 0;  // max_age, max_requests, or the upstream's Keep-Alive
  std::uint64_t closed_stale = 0;    // closed or written to by the upstream while idle
  std::uint64_t closed_by_call = 0;  // a request after which it must not be used again
};

// A pool of connections to one upstream. Must be used on one event loop's thread, and must outlive
// its leases and calls.
//
// A call first gets a slot, in the order in which calls came, then an idle connection of its owner
// or a new one. So no call waits while a slot is free, and none is served before an earlier one. If
// all connections are open and no idle one has the call's owner, the pool closes the connection
// that has been idle longest, of any owner.
class ConnectionPool {
  // One of `max_connections`. A call holds it until it has finished with its connection.
  class Slot {
   public:
    explicit Slot(ConnectionPool& pool) : pool_(&pool) {}
    Slot(Slot&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() { Release(); }

    void Release() {
      if (pool_ != nullptr) std::exchange(pool_, nullptr)->PassOnSlot();
    }

   private:
    ConnectionPool* pool_;
  };

 public:
  // The right to use one connection. The destructor closes the connection unless GiveBack was
  // called.
  class Lease {
   public:
    Lease(ConnectionPool& pool, Slot slot, std::unique_ptr<Connection> connection, bool reused);
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Connection& connection() { return *connection_; }
    // Returns whether the connection has carried a request before: then the upstream may have
    // closed it in the meantime.
    bool reused() const { return reused_; }
    // Returns the connection to the pool, or closes it if it has expired. The lease must not be
    // used afterwards.
    void GiveBack();

   private:
    ConnectionPool* pool_;
    Slot slot_;
    std::unique_ptr<Connection> connection_;
    bool reused_;
  };

  ConnectionPool(asio::io_context& loop, std::unique_ptr<Connector> connector,
                 const PoolOptions& options);

  // Returns an idle connection with that `owner`, if there is one and a slot is free. Most calls
  // get theirs in this way, which costs them no coroutine.
  std::optional<Lease> TakeIdle(const ConnectionOwner& owner);
  // Returns a connection, or the reason why there is none. Waits while `max_connections` are in
  // use, until the coroutine is cancelled, and then throws. If `fresh`, the connection has not
  // carried a request before. A connection that has carried one has that `owner`.
  Task<std::variant<Lease, Unreachable>> Acquire(bool fresh, ConnectionOwner owner);

  const PoolCounters& counters() const { return counters_; }
  // Returns how many connections are open or being opened.
  std::size_t open() const {
    // A call that has just received its slot may still take an idle connection.
    return std::min(in_use_ + idle_.size(), options_.max_connections);
  }
  std::size_t idle() const { return idle_.size(); }
  const CircuitBreaker& circuit_breaker() const { return connector_->circuit_breaker(); }

 private:
  class Waiter;

  Task<Slot> TakeSlot();
  std::unique_ptr<Connection> FindIdle(const ConnectionOwner& owner);
  void PassOnSlot();
  void ScheduleSweep();
  void Sweep();
  // Returns the counter of the reason why an idle connection must be closed; null if it may be
  // used.
  std::uint64_t* WhyClose(Connection& connection);
  Clock::duration IdleTimeout(const Connection& connection) const;
  bool IsExpired(const Connection& connection) const;

  const std::unique_ptr<Connector> connector_;
  const PoolOptions options_;
  PoolCounters counters_;
  // Slots that calls hold.
  std::size_t in_use_ = 0;
  // The connection used last is at the back and is used first, so that the others grow old and are
  // closed.
  std::list<std::unique_ptr<Connection>> idle_;
  std::list<Waiter*> waiters_;
  asio::io_context& loop_;
  Timer sweep_;
  bool sweeping_ = false;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CONNECTION_POOL_H_
