// Keep-alive connections to the upstream, shared by the calls of one event loop.
#ifndef SERVER_HTTP_CONNECTION_POOL_H_
#define SERVER_HTTP_CONNECTION_POOL_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <utility>
#include <variant>

#include "server/base/task.h"
#include "server/http/connection.h"
#include "server/http/connection_owner.h"
#include "server/http/connector.h"

namespace docspace::gateway::http {

struct PoolOptions {
  // Open connections at most, being connected included; further calls wait their turn.
  std::size_t max_connections = 256;
  // A connection idle for longer is closed. Below the portal's own keep-alive time, so that the
  // gateway is the one who closes.
  Clock::duration idle_timeout = std::chrono::seconds(30);
  // An older connection is not used again, so that a change of address is followed.
  Clock::duration max_age = std::chrono::minutes(10);
  std::uint32_t max_requests = 10'000;
  // Whether a connection carries requests with different credentials. If it does not, a response
  // that a portal repeats late reaches at most the credential whose response it was.
  bool share = true;
};

// What happened to connections since the start.
struct PoolCounters {
  std::uint64_t created = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t reused = 0;
  std::uint64_t waits = 0;
  // Why connections were closed.
  std::uint64_t closed_idle = 0;
  std::uint64_t closed_expired = 0;  // max_age, max_requests, or the portal's Keep-Alive limits
  std::uint64_t closed_stale = 0;    // ended, or spoken to, by the portal while idle
  std::uint64_t closed_by_call = 0;  // an exchange after which it may not be used again
};

// Used by one event loop. Outlives its leases.
//
// A call first gets a slot, in the order of asking, then an idle connection of its owner or a new
// one. So no call waits for a slot while another could be had, and none that came later is served
// before it. If all connections are open and no idle one is its owner's, the one that has been idle
// longest is closed, no matter which credential it is for.
class ConnectionPool {
  // One of `max_connections`, held by a call from its turn on until it has done with its
  // connection.
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
  // The right to use one connection. Unless it is given back it is closed.
  class Lease {
   public:
    Lease(ConnectionPool& pool, Slot slot, std::unique_ptr<Connection> connection, bool reused);
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Connection& connection() { return *connection_; }
    // Whether it has carried a request before: then the portal may have closed it unseen.
    bool reused() const { return reused_; }
    void GiveBack();

   private:
    ConnectionPool* pool_;
    Slot slot_;
    std::unique_ptr<Connection> connection_;
    bool reused_;
  };

  ConnectionPool(asio::io_context& loop, std::unique_ptr<Connector> connector,
                 const PoolOptions& options);

  // Returns a connection, or why there is none. Waits while `max_connections` are in use: bound it
  // by cancelling. `fresh` asks for a connection that has carried nothing yet. A connection that
  // has carried something is `owner`'s only.
  Task<std::variant<Lease, Unreachable>> Acquire(bool fresh, ConnectionOwner owner);

  const PoolCounters& counters() const { return counters_; }
  // Those about to be connected included.
  std::size_t open() const {
    // A call that was just handed its slot may be about to take an idle connection.
    return std::min(in_use_ + idle_.size(), options_.max_connections);
  }
  std::size_t idle() const { return idle_.size(); }
  const CircuitBreaker& circuit_breaker() const { return connector_->circuit_breaker(); }

 private:
  class Waiter;

  Task<Slot> TakeSlot();
  std::unique_ptr<Connection> TakeIdle(const ConnectionOwner& owner);
  void PassOnSlot();
  void ScheduleSweep();
  void Sweep();
  // What counts why an idle connection may not be used; null where it may.
  std::uint64_t* WhyClose(Connection& connection);
  Clock::duration IdleTimeout(const Connection& connection) const;
  bool IsExpired(const Connection& connection) const;

  const std::unique_ptr<Connector> connector_;
  const PoolOptions options_;
  PoolCounters counters_;
  // Slots that calls hold.
  std::size_t in_use_ = 0;
  // The one used last is at the back, and is used first: the others grow old and are closed.
  std::list<std::unique_ptr<Connection>> idle_;
  std::list<Waiter*> waiters_;
  asio::io_context& loop_;
  Timer sweep_;
  bool sweeping_ = false;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CONNECTION_POOL_H_
