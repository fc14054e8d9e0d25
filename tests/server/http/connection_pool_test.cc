#include "server/http/connection_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/server/http/connectors.h"
#include "tests/testkit/black_hole.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::http {
namespace {

using gateway::testkit::BlackHole;
using gateway::testkit::CertificateAuthority;
using gateway::testkit::Loop;
using gateway::testkit::Running;
using gateway::testkit::Script;
using gateway::testkit::ScriptedUpstream;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

using LeasePointer = std::shared_ptr<ConnectionPool::Lease>;

class ConnectionPoolTest : public ::testing::Test {
 protected:
  ~ConnectionPoolTest() override { loop_.Stop(); }

  // Connects to `upstream_`, unless told otherwise.
  void Open(const PoolOptions& options, std::unique_ptr<Connector> connector = nullptr) {
    if (!connector) connector = ConnectorTo(loop_.context(), At({upstream_.port()}));
    pool_ = std::make_unique<ConnectionPool>(loop_.context(), std::move(connector), options);
  }

  // Null where there is no connection.
  Task<LeasePointer> Acquire(bool fresh, ConnectionOwner owner = {}) {
    auto acquired = co_await pool_->Acquire(fresh, owner);
    if (std::holds_alternative<Unreachable>(acquired)) co_return nullptr;
    co_return std::make_shared<ConnectionPool::Lease>(
        std::move(std::get<ConnectionPool::Lease>(acquired)));
  }

  Running<LeasePointer> Start(bool fresh = false, ConnectionOwner owner = {}) {
    auto running =
        loop_.Start<LeasePointer>([this, fresh, owner] { return Acquire(fresh, owner); });
    loop_.Call([] {});
    return running;
  }
  LeasePointer Take(bool fresh = false) { return Start(fresh).Get(); }
  LeasePointer TakeFor(unsigned char owner, bool fresh = false) {
    return Start(fresh, ConnectionOwner{owner}).Get();
  }

  void GiveBack(LeasePointer& lease) {
    loop_.Call([&] {
      lease->GiveBack();
      lease.reset();
    });
  }
  void Close(LeasePointer& lease) {
    loop_.Call([&] { lease.reset(); });
  }

  PoolCounters counters() {
    return loop_.Call([this] { return pool_->counters(); });
  }
  std::size_t open() {
    return loop_.Call([this] { return pool_->open(); });
  }
  std::size_t idle() {
    return loop_.Call([this] { return pool_->idle(); });
  }

  ScriptedUpstream upstream_;
  Loop loop_;
  std::unique_ptr<ConnectionPool> pool_;
};

TEST_F(ConnectionPoolTest, ReusesTheConnectionThatWasUsedLast) {
  upstream_.Always(Script());
  Open({});
  auto one = Take();
  auto two = Take();
  EXPECT_FALSE(one->reused());
  Connection* const last = &two->connection();
  GiveBack(one);
  GiveBack(two);
  EXPECT_EQ(idle(), 2u);
  auto again = Take();
  EXPECT_TRUE(again->reused());
  EXPECT_EQ(&again->connection(), last);
  EXPECT_EQ(counters().created, 2u);
  EXPECT_EQ(counters().reused, 1u);
  Close(again);
}

TEST_F(ConnectionPoolTest, ClosesWhatIsNotGivenBack) {
  upstream_.Always(Script());
  Open({});
  auto lease = Take();
  Close(lease);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(counters().closed_by_call, 1u);
  EXPECT_EQ(open(), 0u);
}

TEST_F(ConnectionPoolTest, ServesThoseWhoWaitInTheirOrder) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 1;
  Open(options);
  auto lease = Take();
  std::vector<int> order;
  std::vector<Running<LeasePointer>> waiting;
  waiting.reserve(5);
  const auto wait = [&](int number) {
    return [this, &order, number]() -> Task<LeasePointer> {
      LeasePointer taken = co_await Acquire(false);
      order.push_back(number);
      co_return taken;
    };
  };
  waiting.reserve(4);
  for (int i = 0; i < 4; ++i) waiting.push_back(loop_.Start<LeasePointer>(wait(i)));
  loop_.Call([] {});
  EXPECT_EQ(counters().waits, 4u);
  // One more asks in the very moment in which the connection is given back.
  loop_.Call([&] {
    lease->GiveBack();
    lease.reset();
    waiting.push_back(loop_.Start<LeasePointer>(wait(4)));
  });
  for (auto& next : waiting) {
    auto taken = next.Get();
    EXPECT_TRUE(taken->reused());
    GiveBack(taken);
  }
  EXPECT_EQ(loop_.Call([&] { return order; }), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(open(), 1u);
}

TEST_F(ConnectionPoolTest, R26_TakesAnIdleConnectionAtOnceForItsOwnerOnly) {
  upstream_.Always(Script());
  Open({});
  auto lease = TakeFor(1);
  GiveBack(lease);
  loop_.Call([&] {
    EXPECT_FALSE(pool_->TakeIdle({2}).has_value());
    auto again = pool_->TakeIdle({1});
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->reused());
    EXPECT_FALSE(pool_->TakeIdle({1}).has_value());
    again->GiveBack();
  });
  EXPECT_EQ(counters().reused, 1u);
  EXPECT_EQ(open(), 1u);
}

TEST_F(ConnectionPoolTest, TakesNoIdleConnectionBeforeThoseWhoWait) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 1;
  Open(options);
  auto lease = Take();
  auto waiting = Start();
  // The connection is idle until the coroutine that waited for it runs.
  loop_.Call([&] {
    lease->GiveBack();
    lease.reset();
    EXPECT_EQ(pool_->idle(), 1u);
    EXPECT_FALSE(pool_->TakeIdle({}).has_value());
  });
  auto taken = waiting.Get();
  EXPECT_TRUE(taken->reused());
  Close(taken);
  EXPECT_EQ(open(), 0u);
}

TEST_F(ConnectionPoolTest, NeverOpensMoreThanItMay) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 3;
  Open(options);
  std::vector<Running<LeasePointer>> calls;
  calls.reserve(20);
  for (int i = 0; i < 20; ++i) calls.push_back(Start(/*fresh=*/i % 3 == 0));
  for (std::size_t i = 0; i < calls.size(); ++i) {
    auto lease = calls[i].Get();
    EXPECT_LE(open(), 3u);
    if (i % 4 == 0) {
      Close(lease);
    } else {
      GiveBack(lease);
    }
    EXPECT_LE(open(), 3u);
  }
  EXPECT_EQ(open(), idle());
}

TEST_F(ConnectionPoolTest, G2_OneWhoIsCancelledWhileWaitingIsPassedOver) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 1;
  Open(options);
  auto lease = Take();
  auto cancelled = Start();
  auto next = Start();
  cancelled.Cancel();
  EXPECT_THROW(cancelled.Get(), boost::system::system_error);
  GiveBack(lease);
  auto taken = next.Get();
  EXPECT_TRUE(taken->reused());
  GiveBack(taken);
  EXPECT_EQ(open(), 1u);
}

TEST_F(ConnectionPoolTest, G2_OneWhoIsCancelledAsItsTurnComesPassesItOn) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 1;
  Open(options);
  auto lease = Take();
  auto cancelled = Start();
  auto next = Start();
  loop_.Call([&] {
    lease->GiveBack();
    lease.reset();
    cancelled.Cancel();
  });
  EXPECT_THROW(cancelled.Get(), boost::system::system_error);
  auto taken = next.Get();
  EXPECT_TRUE(taken->reused());
  GiveBack(taken);
  EXPECT_EQ(counters().closed_by_call, 0u);
  EXPECT_EQ(counters().created, 1u);
}

TEST_F(ConnectionPoolTest, G2_OneWhoIsCancelledWhileConnectingMakesRoom) {
  const BlackHole black_hole;
  PoolOptions options;
  options.max_connections = 1;
  Open(options, ConnectorTo(loop_.context(), At({black_hole.port()})));
  auto cancelled = Start();
  EXPECT_EQ(open(), 1u);
  cancelled.Cancel();
  EXPECT_THROW(cancelled.Get(), boost::system::system_error);
  EXPECT_EQ(open(), 0u);
}

TEST_F(ConnectionPoolTest, C1_AFailureToConnectMakesRoom) {
  PoolOptions options;
  options.max_connections = 1;
  Open(options, ConnectorTo(loop_.context(), At({DeadPort()})));
  EXPECT_EQ(Take(), nullptr);
  EXPECT_EQ(Take(), nullptr);
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(counters().connect_failures, 2u);
}

TEST_F(ConnectionPoolTest, AFreshConnectionTakesThePlaceOfTheOldestIdleOne) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 2;
  Open(options);
  auto one = Take();
  auto two = Take();
  GiveBack(one);
  GiveBack(two);
  auto fresh = Take(/*fresh=*/true);
  EXPECT_FALSE(fresh->reused());
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(open(), 2u);
  EXPECT_EQ(idle(), 1u);
  EXPECT_EQ(counters().closed_idle, 1u);
  Close(fresh);
}

TEST_F(ConnectionPoolTest, R26_AConnectionIsUsedByItsOwnerOnly) {
  upstream_.Always(Script());
  Open({});
  std::vector<Connection*> connections;
  for (unsigned char owner = 0; owner < 3; ++owner) {
    auto lease = TakeFor(owner);
    EXPECT_FALSE(lease->reused());
    connections.push_back(&lease->connection());
    GiveBack(lease);
  }
  for (const unsigned char owner : {1, 0, 2, 1}) {
    auto lease = TakeFor(owner);
    EXPECT_TRUE(lease->reused());
    EXPECT_EQ(&lease->connection(), connections[owner]);
    GiveBack(lease);
  }
  EXPECT_EQ(idle(), 3u);
}

TEST_F(ConnectionPoolTest, R26_AnotherOwnersConnectionMakesRoomTheOneIdleLongestFirst) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 2;
  Open(options);
  for (const unsigned char owner : {1, 2}) {
    auto lease = TakeFor(owner);
    GiveBack(lease);
  }
  auto third = TakeFor(3);
  EXPECT_FALSE(third->reused());
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(open(), 2u);
  EXPECT_EQ(counters().closed_idle, 1u);
  auto second = TakeFor(2);
  EXPECT_TRUE(second->reused());
  GiveBack(second);
  GiveBack(third);
}

TEST_F(ConnectionPoolTest, R26_OneWhoWaitedDoesNotGetAnotherOwnersConnection) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_connections = 1;
  Open(options);
  auto first = TakeFor(1);
  auto waiting = Start(/*fresh=*/false, ConnectionOwner{2});
  EXPECT_EQ(counters().waits, 1u);
  GiveBack(first);
  auto second = waiting.Get();
  EXPECT_FALSE(second->reused());
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(open(), 1u);
  Close(second);
}

TEST_F(ConnectionPoolTest, C4_AConnectionThatThePortalClosedIsNotUsed) {
  upstream_.Next(Script().WaitFor("close").Close())
      .Next(Script().WaitFor("reset").Reset())
      .Next(Script().WaitFor("half close").HalfClose().Signal("half closed"))
      .Always(Script());
  Open({});
  auto lease = Take();
  GiveBack(lease);
  upstream_.Signal("close");
  ASSERT_TRUE(upstream_.WaitForEnd(0));
  lease = Take();
  EXPECT_FALSE(lease->reused());
  EXPECT_EQ(counters().closed_stale, 1u);

  GiveBack(lease);
  upstream_.Signal("reset");
  ASSERT_TRUE(upstream_.WaitForEnd(1));
  lease = Take();
  EXPECT_FALSE(lease->reused());
  EXPECT_EQ(counters().closed_stale, 2u);

  GiveBack(lease);
  upstream_.Signal("half close");
  ASSERT_TRUE(upstream_.WaitForSignal("half closed"));
  lease = Take();
  EXPECT_FALSE(lease->reused());
  EXPECT_EQ(counters().closed_stale, 3u);
  Close(lease);
}

TEST_F(ConnectionPoolTest, R4_AConnectionThatSpeaksUnaskedIsNotUsed) {
  upstream_
      .Next(Script()
                .WaitFor("speak")
                .Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                .Signal("spoken"))
      .Always(Script());
  Open({});
  auto lease = Take();
  GiveBack(lease);
  upstream_.Signal("speak");
  ASSERT_TRUE(upstream_.WaitForSignal("spoken"));
  auto next = Take();
  EXPECT_FALSE(next->reused());
  EXPECT_EQ(counters().closed_stale, 1u);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  Close(next);
}

TEST_F(ConnectionPoolTest, ClosesWhatIsIdleForTooLong) {
  upstream_.Always(Script());
  PoolOptions options;
  options.idle_timeout = milliseconds(10);
  Open(options);
  auto one = Take();
  auto two = Take();
  GiveBack(one);
  GiveBack(two);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_TRUE(upstream_.WaitForEnd(1));
  EXPECT_EQ(counters().closed_idle, 2u);
  EXPECT_EQ(open(), 0u);
}

TEST_F(ConnectionPoolTest, ClosesWhatThePortalHasClosedWithoutWaitingForACall) {
  upstream_.Always(Script().WaitFor("end").HalfClose());
  PoolOptions options;
  options.idle_timeout = hours(1);
  Open(options);
  auto lease = Take();
  GiveBack(lease);
  upstream_.Signal("end");
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(counters().closed_stale, 1u);
}

TEST_F(ConnectionPoolTest, C10_ObeysTheTimeThatThePortalKeepsAConnection) {
  upstream_.Always(Script());
  Open({});
  auto lease = Take();
  lease->connection().keep_alive_timeout = seconds(1);
  GiveBack(lease);
  auto next = Take();
  EXPECT_FALSE(next->reused());
  EXPECT_EQ(counters().closed_idle, 1u);
  next->connection().keep_alive_timeout = seconds(3600);
  GiveBack(next);
  next = Take();
  EXPECT_TRUE(next->reused());
  Close(next);
}

TEST_F(ConnectionPoolTest, C10_ObeysTheNumberOfRequestsThatThePortalAllows) {
  upstream_.Always(Script());
  Open({});
  auto lease = Take();
  lease->connection().keep_alive_max = 1;
  GiveBack(lease);
  lease = Take();
  EXPECT_TRUE(lease->reused());
  lease->connection().keep_alive_max = 0;
  GiveBack(lease);
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(counters().closed_expired, 1u);
}

TEST_F(ConnectionPoolTest, ClosesAConnectionAfterItsRequests) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_requests = 2;
  Open(options);
  auto lease = Take();
  GiveBack(lease);
  lease = Take();
  EXPECT_TRUE(lease->reused());
  GiveBack(lease);
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(counters().closed_expired, 1u);
}

TEST_F(ConnectionPoolTest, C12_ClosesAnOldConnection) {
  upstream_.Always(Script());
  PoolOptions options;
  options.max_age = Clock::duration::zero();
  Open(options);
  auto lease = Take();
  GiveBack(lease);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(counters().closed_expired, 1u);
}

class TlsConnectionPoolTest : public ConnectionPoolTest {
 protected:
  void OpenTo(const ScriptedUpstream& upstream) {
    Open({},
         ConnectorTo(loop_.context(), At({upstream.port()}), {}, TlsTrusting(authority_.file())));
  }

  // Reads into a buffer of that size from the connection.
  std::string Read(ConnectionPool::Lease& lease, std::size_t size) {
    return loop_.Run<std::string>([&lease, size]() -> Task<std::string> {
      std::string octets(size, '\0');
      const auto [error, read] = co_await lease.connection().Read(octets);
      octets.resize(error ? 0 : read);
      co_return octets;
    });
  }

  CertificateAuthority authority_;
};

TEST_F(TlsConnectionPoolTest, R4_ASessionTicketIsNotAnAnswer) {
  ScriptedUpstream upstream(authority_.Issue("localhost"));
  upstream.Always(Script());
  OpenTo(upstream);
  for (int i = 0; i < 3; ++i) {
    auto lease = Take();
    EXPECT_EQ(lease->reused(), i > 0);
    GiveBack(lease);
  }
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST_F(TlsConnectionPoolTest, R4_AConnectionThatSpeaksUnaskedIsNotUsed) {
  ScriptedUpstream upstream(authority_.Issue("localhost"));
  upstream.Next(Script().WaitFor("speak").Send("HTTP/1.1 200 OK\r\n\r\n").Signal("spoken"))
      .Always(Script());
  OpenTo(upstream);
  auto lease = Take();
  GiveBack(lease);
  upstream.Signal("speak");
  ASSERT_TRUE(upstream.WaitForSignal("spoken"));
  auto next = Take();
  EXPECT_FALSE(next->reused());
  EXPECT_EQ(counters().closed_stale, 1u);
  Close(next);
}

// The second record leaves the socket with the first one, and waits inside TLS.
TEST_F(TlsConnectionPoolTest, R3_ARecordThatTlsHasReadAlreadyIsSeen) {
  ScriptedUpstream upstream(authority_.Issue("localhost"));
  upstream.Next(Script().Send("first").Send("second").Signal("spoken")).Always(Script());
  OpenTo(upstream);
  auto lease = Take();
  ASSERT_TRUE(upstream.WaitForSignal("spoken"));
  EXPECT_EQ(Read(*lease, 100), "first");
  GiveBack(lease);
  auto next = Take();
  EXPECT_FALSE(next->reused());
  EXPECT_EQ(counters().closed_stale, 1u);
  Close(next);
}

TEST_F(TlsConnectionPoolTest, R3_OctetsOfARecordThatWasNotReadToItsEndAreSeen) {
  ScriptedUpstream upstream(authority_.Issue("localhost"));
  upstream.Next(Script().Send("first second").Signal("spoken")).Always(Script());
  OpenTo(upstream);
  auto lease = Take();
  ASSERT_TRUE(upstream.WaitForSignal("spoken"));
  EXPECT_EQ(Read(*lease, 5), "first");
  GiveBack(lease);
  auto next = Take();
  EXPECT_FALSE(next->reused());
  Close(next);
}

TEST_F(TlsConnectionPoolTest, C4_ACloseNotifyIsSeen) {
  ScriptedUpstream upstream(authority_.Issue("localhost"));
  upstream.Next(Script().WaitFor("end").HalfClose().Signal("ended")).Always(Script());
  OpenTo(upstream);
  auto lease = Take();
  GiveBack(lease);
  upstream.Signal("end");
  ASSERT_TRUE(upstream.WaitForSignal("ended"));
  auto next = Take();
  EXPECT_FALSE(next->reused());
  EXPECT_EQ(counters().closed_stale, 1u);
  Close(next);
}

}  // namespace
}  // namespace docspace::gateway::http
