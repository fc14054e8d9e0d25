#include "server/http/connection_pool.h"

#include <algorithm>
#include <utility>

namespace docspace::gateway::http {

// A place in the queue for a connection, held by the call that waits.
class ConnectionPool::Turn {
 public:
  // `again` for a call whose turn had come, but found the connection taken: it is next.
  Turn(ConnectionPool& pool, bool again)
      : pool_(pool), woken_(pool.loop_, Clock::time_point::max()) {
    place_ = pool_.waiting_.insert(again ? pool_.waiting_.begin() : pool_.waiting_.end(), this);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (queued_) pool_.waiting_.erase(place_);
  }

  auto Wait() { return woken_.async_wait(kAsTuple); }

  void Wake() {
    queued_ = false;
    woken_.cancel();
  }

 private:
  ConnectionPool& pool_;
  Timer woken_;
  std::list<Turn*>::iterator place_;
  bool queued_ = true;
};

ConnectionPool::Lease::Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection,
                             bool reused)
    : pool_(&pool), connection_(std::move(connection)), reused_(reused) {
  ++connection_->requests;
}

ConnectionPool::Lease::~Lease() {
  if (!connection_) return;
  connection_.reset();
  ++pool_->counters_.closed_by_call;
  pool_->Closed();
}

void ConnectionPool::Lease::GiveBack() {
  if (pool_->IsWorn(*connection_)) {
    connection_.reset();
    ++pool_->counters_.closed_worn;
    pool_->Closed();
    return;
  }
  connection_->idle_since = Clock::now();
  pool_->idle_.push_back(std::move(connection_));
  pool_->ScheduleSweep();
  pool_->WakeOne();
}

ConnectionPool::ConnectionPool(asio::io_context& loop, std::unique_ptr<Connector> connector,
                               const PoolOptions& options)
    : connector_(std::move(connector)), options_(options), loop_(loop), sweep_(loop) {}

Task<std::variant<ConnectionPool::Lease, std::string_view>> ConnectionPool::Acquire(bool fresh) {
  for (bool again = false;; again = true) {
    if (!fresh) {
      if (auto connection = TakeIdle()) {
        ++counters_.reused;
        co_return Lease(*this, std::move(connection), /*reused=*/true);
      }
    } else if (open_ >= options_.max_connections && !idle_.empty()) {
      CloseIdle(idle_.begin(), counters_.closed_idle);
    }
    if (open_ < options_.max_connections) break;
    ++counters_.waits;
    Turn turn(*this, again);
    co_await turn.Wait();
  }

  // Counted while it is being connected; uncounted however that ends without a connection.
  struct Reservation {
    ~Reservation() {
      if (pool != nullptr) pool->Closed();
    }
    ConnectionPool* pool;
  } reservation{this};
  ++open_;
  auto result = co_await connector_->Connect();
  if (const auto* why = std::get_if<std::string_view>(&result)) {
    ++counters_.connect_failures;
    co_return *why;
  }
  reservation.pool = nullptr;
  ++counters_.created;
  co_return Lease(*this, std::move(std::get<std::unique_ptr<Connection>>(result)),
                  /*reused=*/false);
}

std::unique_ptr<Connection> ConnectionPool::TakeIdle() {
  while (!idle_.empty()) {
    const auto last = std::prev(idle_.end());
    if (!(*last)->IsQuiet()) {
      CloseIdle(last, counters_.closed_stale);
    } else if (Clock::now() - (*last)->idle_since >= IdleTimeout(**last)) {
      CloseIdle(last, counters_.closed_idle);
    } else if (IsWorn(**last)) {
      CloseIdle(last, counters_.closed_worn);
    } else {
      auto connection = std::move(*last);
      idle_.erase(last);
      return connection;
    }
  }
  return nullptr;
}

void ConnectionPool::CloseIdle(std::list<std::unique_ptr<Connection>>::iterator connection,
                               std::uint64_t& counter) {
  idle_.erase(connection);
  ++counter;
  --open_;
}

void ConnectionPool::Closed() {
  --open_;
  WakeOne();
}

void ConnectionPool::WakeOne() {
  if (waiting_.empty() || (idle_.empty() && open_ >= options_.max_connections)) return;
  Turn* turn = waiting_.front();
  waiting_.pop_front();
  turn->Wake();
}

Clock::duration ConnectionPool::IdleTimeout(const Connection& connection) const {
  // A second early: the portal counts from before its answer arrived here.
  return connection.keep_alive_timeout
             ? std::min(options_.idle_timeout,
                        *connection.keep_alive_timeout - std::chrono::seconds(1))
             : options_.idle_timeout;
}

bool ConnectionPool::IsWorn(const Connection& connection) const {
  return connection.requests >= options_.max_requests ||
         connection.keep_alive_max.value_or(1) == 0 ||
         Clock::now() - connection.opened_at >= options_.max_age;
}

void ConnectionPool::ScheduleSweep() {
  if (std::exchange(sweeping_, true)) return;
  sweep_.expires_after(std::min<Clock::duration>(options_.idle_timeout, std::chrono::seconds(1)));
  sweep_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    sweeping_ = false;
    const auto now = Clock::now();
    for (auto next = idle_.begin(); next != idle_.end();) {
      const auto connection = next++;
      if (now - (*connection)->idle_since >= IdleTimeout(**connection)) {
        CloseIdle(connection, counters_.closed_idle);
      }
    }
    if (!idle_.empty()) ScheduleSweep();
  });
}

}  // namespace docspace::gateway::http
