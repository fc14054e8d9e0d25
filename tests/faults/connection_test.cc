// What may befall a connection to the portal: rows C1 to C12 of the fault matrix.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/faults/fault_test.h"
#include "tests/faults/name_service.h"
#include "tests/testkit/black_hole.h"
#include "tests/testkit/loopback.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// C1 and C2: no connection.

class NoListenerTest : public FaultTest {
 protected:
  std::string StartPortal() override { return "http://127.0.0.1:" + std::to_string(DeadPort()); }
  void Configure(Config& config) override {
    FaultTest::Configure(config);
    // To wait for it would be to miss the deadline.
    config.portal.connect.timeout = hours(1);
  }
};

TEST_F(NoListenerTest, C1_NothingListensIsUnavailableAtOnce) {
  for (const Rpc rpc : kRpcs) Expect(kUnreachable, rpc, Call(rpc));
}

// The portal is at whatever addresses the name service says.
class NameTest : public FaultTest {
 protected:
  void Configure(Config& config) override {
    FaultTest::Configure(config);
    config.portal.origin.host = "portal.example";
    config.portal.connect.attempt_delay = milliseconds(20);
    config.portal.dns_refresh = refresh_;
  }
  http::Resolve Resolver() override { return names_.AsResolver(); }

  NameService names_;
  http::Clock::duration refresh_ = hours(1);
};

class UnsentWriteTest : public NameTest, public ::testing::WithParamInterface<Rpc> {};

TEST_P(UnsentWriteTest, C1_IsTriedAgain) {
  portal().Always(Serve(GetParam()));
  names_.Next({});
  names_.Always(At({portal().port()}));
  Expect(kAnswered, GetParam(), Call(GetParam()));
  EXPECT_EQ(portal().requests(), 1U);
  EXPECT_EQ(names_.questions(), 2U);
}

INSTANTIATE_TEST_SUITE_P(C1, UnsentWriteTest,
                         ::testing::Values(Rpc::kCreateApiKey, Rpc::kDeleteApiKey,
                                           Rpc::kUpdateApiKey),
                         [](const auto& test) { return std::string(RouteOf(test.param).name); });

// The portal's address drops what is sent to it: what a firewall or a dead host looks like.
class BlackHoleTest : public FaultTest {
 protected:
  std::string StartPortal() override {
    return "http://127.0.0.1:" + std::to_string(black_hole_.port());
  }
  void Configure(Config& config) override {
    FaultTest::Configure(config);
    config.portal.connect.timeout = milliseconds(100);
    config.portal.connect.circuit_breaker.failures = 0;
    config.limits.request_timeout = hours(1);
  }

 private:
  BlackHole black_hole_;
};

TEST_F(BlackHoleTest, C2_AConnectThatHangsIsUnavailableAtTheConnectTimeout) {
  for (const Rpc rpc : kRpcs) Expect(kUnreachable, rpc, Call(rpc));
}

class NoHandshakeTest : public FaultTest {
 protected:
  std::string StartPortal() override {
    FaultTest::StartPortal();
    portal().Always(Script());
    return "https://127.0.0.1:" + std::to_string(portal().port());
  }
  void Configure(Config& config) override {
    FaultTest::Configure(config);
    config.portal.connect.timeout = milliseconds(100);
    config.portal.connect.circuit_breaker.failures = 0;
    config.limits.request_timeout = hours(1);
  }
};

TEST_F(NoHandshakeTest, C2_AHandshakeThatHangsIsUnavailableAtTheConnectTimeout) {
  for (const Rpc rpc : kRpcs) Expect(kUnreachable, rpc, Call(rpc));
  EXPECT_EQ(portal().requests(), 0U);
}

// C3: names.

TEST_F(NameTest, C3_ANameThatDoesNotResolveIsUnavailable) {
  for (const Rpc rpc : kRpcs) Expect(kUnreachable, rpc, Call(rpc));
  EXPECT_EQ(portal().connections(), 0U);
}

TEST_F(NameTest, C3_OfSeveralAddressesTheOneThatIsAliveIsUsed) {
  const BlackHole black_hole;
  names_.Always(At({DeadPort(), black_hole.port(), portal().port(), DeadPort()}));
  for (const Rpc rpc : kRpcs) {
    portal().Next(ServeAndClose(rpc));
    Expect(kAnswered, rpc, Call(rpc));
  }
  EXPECT_EQ(portal().requests(), std::size(kRpcs));
}

// C4 to C6: a connection that the portal ends.

struct End {
  std::string name;
  bool tls;
  Script script;
};

void PrintTo(const End& end, std::ostream* out) { *out << end.name; }

class EndTest : public FaultTest, public ::testing::WithParamInterface<End> {
 protected:
  bool PortalSpeaksTls() const override { return GetParam().tls; }
};

class IdleEndTest : public EndTest {};

TEST_P(IdleEndTest, C4_OfAnIdleConnectionIsInvisible) {
  for (const Rpc rpc : kRpcs) {
    SCOPED_TRACE(RouteOf(rpc).name);
    const std::size_t idle = portal().connections();
    const std::string end = "end " + std::to_string(idle);
    portal()
        .Next(Serve(Rpc::kGetApiKey).WaitFor(end).Append(GetParam().script))
        .Next(ServeAndClose(rpc));
    Expect(kAnswered, Rpc::kGetApiKey, Call(Rpc::kGetApiKey));
    portal().Signal(end);
    ASSERT_TRUE(portal().WaitForEnd(idle));
    Expect(kAnswered, rpc, Call(rpc));
  }
  EXPECT_EQ(portal().requests(), 2 * std::size(kRpcs));
}

INSTANTIATE_TEST_SUITE_P(C4, IdleEndTest,
                         ::testing::Values(End{"Fin", false, Script().Close()},
                                           End{"Rst", false, Script().Reset()},
                                           End{"TlsCloseNotify", true, Script().Close()},
                                           End{"TlsFin", true, Script().CloseWithoutNotify()},
                                           End{"TlsRst", true, Script().Reset()}),
                         [](const auto& test) { return test.param.name; });

class EndWithoutAnswerTest : public EndTest {};

TEST_P(EndWithoutAnswerTest, C5_OfAReusedConnectionIsRetriedForAReadOnly) {
  for (const Rpc rpc : kRpcs) {
    SCOPED_TRACE(RouteOf(rpc).name);
    const bool is_write = RouteOf(rpc).is_write;
    const std::size_t reused = portal().connections();
    const std::size_t requests = portal().requests();
    portal().Next(Serve(Rpc::kGetApiKey).Append(GetParam().script));
    if (!is_write) portal().Next(ServeAndClose(rpc));
    Expect(kAnswered, Rpc::kGetApiKey, Call(Rpc::kGetApiKey));
    Expect(is_write ? kConnectionLost : kAnswered, rpc, Call(rpc));
    EXPECT_EQ(portal().requests(), requests + (is_write ? 2 : 3));
    EXPECT_EQ(portal().connections(), reused + (is_write ? 1 : 2));
    EXPECT_TRUE(portal().WaitForEnd(reused));
  }
}

TEST_P(EndWithoutAnswerTest, C6_OfAFreshConnectionIsRetriedOnceForAReadOnly) {
  portal().Always(GetParam().script);
  for (const Rpc rpc : kRpcs) {
    SCOPED_TRACE(RouteOf(rpc).name);
    const std::size_t requests = portal().requests();
    Expect(kConnectionLost, rpc, Call(rpc));
    EXPECT_EQ(portal().requests(), requests + (RouteOf(rpc).is_write ? 1 : 2));
    EXPECT_EQ(portal().connections(), portal().requests());
  }
}

TEST_P(EndWithoutAnswerTest, C6_TheRetryOfAReadMaySucceed) {
  for (const Rpc rpc : kRpcs) {
    if (RouteOf(rpc).is_write) continue;
    portal().Next(GetParam().script).Next(ServeAndClose(rpc));
    Expect(kAnswered, rpc, Call(rpc));
  }
}

INSTANTIATE_TEST_SUITE_P(
    C5_C6, EndWithoutAnswerTest,
    ::testing::Values(End{"Fin", false, Script().ReadRequest().Close()},
                      End{"Rst", false, Script().ReadRequest().Reset()},
                      End{"RstAmidTheRequest", false, Script().Read(1).Close()},
                      End{"TlsCloseNotify", true, Script().ReadRequest().Close()},
                      End{"TlsFin", true, Script().ReadRequest().CloseWithoutNotify()},
                      End{"TlsRst", true, Script().ReadRequest().Reset()}),
    [](const auto& test) { return test.param.name; });

// C7 to C9: a portal that takes its time.

class SlowPortalTest : public FaultTest {
 protected:
  void Configure(Config& config) override {
    FaultTest::Configure(config);
    config.limits.request_timeout = seconds(1);
    // More than the portal's socket takes.
    config.limits.max_request_bytes = std::size_t{1} << 20U;
  }

  // All at once, for each takes as long as it may.
  void ExpectTooLate(const Script& script) {
    portal().Always(script);
    std::vector<std::unique_ptr<Pending>> calls;
    for (const Rpc rpc : kRpcs) calls.push_back(Start(rpc));
    for (const Rpc rpc : kRpcs) {
      SCOPED_TRACE(RouteOf(rpc).name);
      const CallResponse<std::string> answer = calls[static_cast<std::size_t>(rpc)]->Wait();
      Expect(kTooLate, rpc, answer);
      EXPECT_EQ(answer.metadata("write_sent"), RouteOf(rpc).is_write ? "true" : "");
    }
    EXPECT_EQ(portal().connections(), std::size(kRpcs));
    for (std::size_t i = 0; i < portal().connections(); ++i) EXPECT_TRUE(portal().WaitForEnd(i));
    EXPECT_EQ(portal().requests(), std::size(kRpcs));
  }
};

TEST_F(SlowPortalTest, C7_AStallAfterTheHeadersEndsAtTheDeadline) {
  ExpectTooLate(Script().ReadRequest().Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"));
}

TEST_F(SlowPortalTest, C8_TheDeadlineHoldsForTheWholeExchange) {
  // Were it for each read, this would be answered after half a minute.
  ExpectTooLate(Script().ReadRequest().Drip(PortalResponse(PortalJson(Rpc::kDeleteApiKey)),
                                            milliseconds(100)));
}

TEST_F(SlowPortalTest, C9_APortalThatNeverAnswersEndsAtTheDeadline) { ExpectTooLate(Script()); }

TEST_F(SlowPortalTest, C9_APortalThatNeverReadsEndsAtTheDeadline) {
  portal().HaveLittleRoom();
  portal().Always(Script().WaitFor("read"));
  CreateApiKeyRequest request;
  request.set_name("Large");
  const std::string permission(1000, 'p');
  for (int i = 0; i < 900; ++i) request.add_permissions(permission);
  const CallResult outcome = Call(request, Credential());
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << outcome;
  EXPECT_EQ(outcome.metadata("write_sent"), "true");
  portal().Signal("read");
  EXPECT_TRUE(portal().WaitForEnd(0));
  // What the kernel had taken by then is all that ever comes.
  EXPECT_LT(portal().received(0).size(), request.ByteSizeLong());
}

// C10: what the portal says of the connection.

class ConnectionHeaderTest : public FaultTest,
                             public ::testing::WithParamInterface<FaultyResponse> {};

TEST_P(ConnectionHeaderTest, C10_IsObeyed) { ExpectResultOf(GetParam()); }

FaultyResponse Answered(const std::string& name, const std::string& head, Fate fate) {
  return {.name = name,
          .head = head + "Content-Length: $SIZE\r\n",
          .expected = kAnswered,
          .fate = fate};
}

INSTANTIATE_TEST_SUITE_P(
    C10, ConnectionHeaderTest,
    ::testing::Values(
        Answered("Nothing", "HTTP/1.1 200 OK\r\n", Fate::kReused),
        Answered("KeepAlive", "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", Fate::kReused),
        Answered("Close", "HTTP/1.1 200 OK\r\nConnection: close\r\n", Fate::kClosed),
        Answered("CloseAmongOthers", "HTTP/1.1 200 OK\r\nconnection: x-hop, CLOSE\r\n",
                 Fate::kClosed),
        Answered("Http10", "HTTP/1.0 200 OK\r\n", Fate::kClosed),
        Answered("Http10KeepAlive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", Fate::kReused),
        Answered("NoMoreRequests", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60, max=0\r\n",
                 Fate::kClosed),
        Answered("MoreRequests", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60, max=1\r\n",
                 Fate::kReused),
        Answered("NoMoreTime", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\n", Fate::kClosed),
        // A second may pass before the next request arrives there.
        Answered("LittleTime", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\n", Fate::kClosed),
        FaultyResponse{.name = "Http10BodyUntilTheEnd",
                       .head = "HTTP/1.0 200 OK\r\n",
                       .then = Script().Close(),
                       .expected = kAnswered}),
    [](const auto& test) { return test.param.name; });

// C11 and C12: a portal that goes away and comes back, here or elsewhere.

using RestartTest = FaultTest;

TEST_F(RestartTest, C11_ReadsUnderLoadAreUnavailableAtWorstAndRecover) {
  constexpr int kCallers = 4;
  constexpr int kRestarts = 3;
  // The gateway asks again within a second, whatever it has seen.
  EXPECT_LT(http::CircuitBreakerOptions().open_for, seconds(1));

  const Script serve = Serve(Rpc::kGetApiKeys).Repeat();
  portal().Always(serve);
  std::atomic<bool> done = false;
  std::atomic<int> answered = 0;
  std::atomic<int> unavailable = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      while (!done) {
        const CallResponse<std::string> answer = Call(Rpc::kGetApiKeys);
        Expect(answer.ok() ? kAnswered : kUnreachable, Rpc::kGetApiKeys, answer);
        ++(answer.ok() ? answered : unavailable);
      }
    });
  }
  const auto wait_for_more = [](const std::atomic<int>& count, int more) {
    const int before = count;
    EXPECT_TRUE(WaitUntil([&] { return count >= before + more; }));
  };
  for (int i = 0; i < kRestarts; ++i) {
    wait_for_more(answered, 20);
    StopPortal();
    wait_for_more(unavailable, 20);
    RestartPortal();
    portal().Always(serve);
    const auto back = http::Clock::now();
    wait_for_more(answered, 1);
    const auto recovery =
        std::chrono::duration_cast<milliseconds>(http::Clock::now() - back).count();
    RecordProperty("recovery_ms_" + std::to_string(i), std::to_string(recovery));
  }
  done = true;
  for (std::thread& caller : callers) caller.join();
}

class MovingPortalTest : public NameTest {
 protected:
  MovingPortalTest() { refresh_ = {}; }
};

TEST_F(MovingPortalTest, C12_NewConnectionsFollowTheNameOnceItIsResolvedAgain) {
  constexpr Rpc kRpc = Rpc::kGetApiKeys;
  ScriptedUpstream elsewhere;
  elsewhere.Always(ServeAndClose(kRpc));
  portal().Always(Serve(kRpc).WaitFor("move").Close());
  names_.Always(At({portal().port()}));
  Expect(kAnswered, kRpc, Call(kRpc));

  names_.Always(At({elsewhere.port()}));
  portal().Signal("move");
  ASSERT_TRUE(portal().WaitForEnd(0));
  // The first may still go where the portal was, while the name is resolved again.
  for (int i = 0; i < 3; ++i) Expect(kAnswered, kRpc, Call(kRpc));
  EXPECT_GE(elsewhere.requests(), 2U);
  EXPECT_LE(portal().connections(), 2U);
}

class OldConnectionTest : public MovingPortalTest {
 protected:
  void Configure(Config& config) override {
    MovingPortalTest::Configure(config);
    // Each connection is too old for a second request.
    config.portal.pool.max_age = {};
  }
};

TEST_F(OldConnectionTest, C12_APortalThatStaysUpWhereItWasIsLeftTooOnceItsConnectionsAreOld) {
  constexpr Rpc kRpc = Rpc::kGetApiKeys;
  ScriptedUpstream elsewhere;
  elsewhere.Always(Serve(kRpc).Repeat());
  portal().Always(Serve(kRpc).Repeat());
  names_.Always(At({portal().port()}));
  Expect(kAnswered, kRpc, Call(kRpc));

  names_.Always(At({elsewhere.port()}));
  for (int i = 0; i < 3; ++i) Expect(kAnswered, kRpc, Call(kRpc));
  EXPECT_GE(elsewhere.requests(), 2U);
  EXPECT_LE(portal().connections(), 2U);
}

TEST_F(NameTest, C12_UntilThenTheNameIsNotResolvedAgain) {
  portal().Always(ServeAndClose(Rpc::kGetApiKeys));
  names_.Always(At({portal().port()}));
  for (int i = 0; i < 5; ++i) Expect(kAnswered, Rpc::kGetApiKeys, Call(Rpc::kGetApiKeys));
  EXPECT_EQ(names_.questions(), 1U);
}

TEST_F(NameTest, C12_APortalThatIsGoneIsLookedForAtOnce) {
  constexpr Rpc kRpc = Rpc::kCreateApiKey;
  ScriptedUpstream elsewhere;
  elsewhere.Always(ServeAndClose(kRpc));
  portal().Always(ServeAndClose(kRpc));
  names_.Always(At({portal().port()}));
  Expect(kAnswered, kRpc, Call(kRpc));

  names_.Always(At({elsewhere.port()}));
  StopPortal();
  EXPECT_TRUE(WaitUntil([&] {
    const CallResponse<std::string> answer = Call(kRpc);
    Expect(answer.ok() ? kAnswered : kUnreachable, kRpc, answer);
    return answer.ok();
  }));
}

}  // namespace
}  // namespace docspace::gateway::testkit
