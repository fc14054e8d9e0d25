#include "server/http/connection_pool.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

namespace docspace::gateway::http {

// The position of a call in the queue for a slot.
class ConnectionPool::Waiter {
 public:
  explicit Waiter(ConnectionPool& pool)
      : pool_(pool),
        position_(pool.waiters_.insert(pool.waiters_.end(), this)),
        woken_(pool.loop_, Clock::time_point::max()) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  // Passes on a slot that came too late for its call.
  ~Waiter() {
    if (!slot_) pool_.waiters_.erase(position_);
  }

  auto Wait() { return woken_.async_wait(kAsTuple); }
  Slot Take() { return *std::move(slot_); }

  // Gives the call its slot, and removes it from the queue.
  void Give() {
    pool_.waiters_.erase(position_);
    slot_.emplace(pool_);
    woken_.cancel();
  }

 private:
  ConnectionPool& pool_;
  const std::list<Waiter*>::iterator position_;
  Timer woken_;
  std::optional<Slot> slot_;
};

ConnectionPool::Lease::Lease(ConnectionPool& pool, Slot slot,
                             std::unique_ptr<Connection> connection, bool reused)
    : pool_(&pool), slot_(std::move(slot)), connection_(std::move(connection)), reused_(reused) {
  ++connection_->requests;
}

ConnectionPool::Lease::~Lease() {
  if (connection_) ++pool_->counters_.closed_by_call;
}

void ConnectionPool::Lease::GiveBack() {
  if (pool_->IsExpired(*connection_)) {
    connection_.reset();
    ++pool_->counters_.closed_expired;
  } else {
    connection_->idle_since = Clock::now();
    pool_->idle_.push_back(std::move(connection_));
    pool_->ScheduleSweep();
  }
  slot_.Release();
}

ConnectionPool::ConnectionPool(asio::io_context& loop, std::unique_ptr<Connector> connector,
                               const PoolOptions& options)
    : connector_(std::move(connector)), options_(options), loop_(loop), sweep_(loop) {}

Task<ConnectionPool::Slot> ConnectionPool::TakeSlot() {
  if (in_use_ < options_.max_connections) {
    ++in_use_;
    co_return Slot(*this);
  }
  ++counters_.waits;
  Waiter waiter(*this);
  co_await waiter.Wait();
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  ThrowIfCancelled(cancellation);
  co_return waiter.Take();
}

void ConnectionPool::PassOnSlot() {
  if (waiters_.empty()) {
    --in_use_;
  } else {
    waiters_.front()->Give();
  }
}

std::optional<ConnectionPool::Lease> ConnectionPool::TakeIdle(const ConnectionOwner& owner) {
  // If calls wait for a slot, none is free.
  if (in_use_ >= options_.max_connections) return std::nullopt;
  auto connection = FindIdle(owner);
  if (!connection) return std::nullopt;
  ++in_use_;
  ++counters_.reused;
  return Lease(*this, Slot(*this), std::move(connection), /*reused=*/true);
}

Task<std::variant<ConnectionPool::Lease, Unreachable>> ConnectionPool::Acquire(
    bool fresh, ConnectionOwner owner) {
  Slot slot = co_await TakeSlot();
  if (!fresh) {
    if (auto connection = FindIdle(owner)) {
      ++counters_.reused;
      co_return Lease(*this, std::move(slot), std::move(connection), /*reused=*/true);
    }
  }
  if (in_use_ + idle_.size() > options_.max_connections) {
    idle_.pop_front();
    ++counters_.closed_idle;
  }
  auto result = co_await connector_->Connect();
  if (const auto* unreachable = std::get_if<Unreachable>(&result)) {
    ++counters_.connect_failures;
    co_return *unreachable;
  }
  ++counters_.created;
  auto& connection = std::get<std::unique_ptr<Connection>>(result);
  connection->owner = owner;
  co_return Lease(*this, std::move(slot), std::move(connection), /*reused=*/false);
}

std::unique_ptr<Connection> ConnectionPool::FindIdle(const ConnectionOwner& owner) {
  for (auto place = idle_.end(); place != idle_.begin();) {
    if ((*--place)->owner != owner) continue;
    auto connection = std::move(*place);
    place = idle_.erase(place);
    std::uint64_t* const why_close = WhyClose(*connection);
    if (why_close == nullptr) return connection;
    ++*why_close;
  }
  return nullptr;
}

std::uint64_t* ConnectionPool::WhyClose(Connection& connection) {
  if (!connection.IsReusable()) return &counters_.closed_stale;
  if (Clock::now() - connection.idle_since >= IdleTimeout(connection)) {
    return &counters_.closed_idle;
  }
  return IsExpired(connection) ? &counters_.closed_expired : nullptr;
}

Clock::duration ConnectionPool::IdleTimeout(const Connection& connection) const {
  // The gateway closes a second early, because the upstream's time began before its response
  // arrived here.
  return connection.keep_alive_timeout
             ? std::min(options_.idle_timeout,
                        *connection.keep_alive_timeout - std::chrono::seconds(1))
             : options_.idle_timeout;
}

bool ConnectionPool::IsExpired(const Connection& connection) const {
  return connection.requests >= options_.max_requests ||
         connection.keep_alive_max.value_or(1) == 0 ||
         Clock::now() - connection.opened_at >= options_.max_age;
}

void ConnectionPool::ScheduleSweep() {
  if (sweeping_) return;
  sweep_.expires_after(std::min<Clock::duration>(options_.idle_timeout, std::chrono::seconds(1)));
  sweep_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    sweeping_ = false;
    Sweep();
    if (!idle_.empty()) ScheduleSweep();
  });
  sweeping_ = true;
}

// Closes idle connections that expired or that the upstream has closed, because those stay half
// open until then.
void ConnectionPool::Sweep() {
  std::erase_if(idle_, [this](const std::unique_ptr<Connection>& connection) {
    std::uint64_t* const why_close = WhyClose(*connection);
    if (why_close != nullptr) ++*why_close;
    return why_close != nullptr;
  });
}

}  // namespace docspace::gateway::http
