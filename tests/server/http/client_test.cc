#include "server/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tests/server/http/connectors.h"
#include "tests/testkit/black_hole.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::http {

// What GoogleTest prints of an outcome.
void PrintTo(const Outcome& outcome, std::ostream* out) {
  if (const auto* response = std::get_if<Response>(&outcome)) {
    *out << response->status << " " << response->body.substr(0, 100);
  } else {
    const auto& failure = std::get<Failure>(outcome);
    *out << "failure " << static_cast<int>(failure.kind) << (failure.sent ? ", sent: " : ": ")
         << failure.detail;
  }
}

namespace {

using namespace std::string_literals;
using gateway::testkit::BlackHole;
using gateway::testkit::CertificateAuthority;
using gateway::testkit::Loop;
using gateway::testkit::Running;
using gateway::testkit::Script;
using gateway::testkit::ScriptedUpstream;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using Kind = Failure::Kind;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
const std::string kOkAndClose =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";

Script Serve(const std::string& response) { return Script().ReadRequest().Send(response); }

Request Make(Method method, std::string body = "") {
  Request request;
  request.method = method;
  request.target = "/api/2.0/keys";
  request.body = std::move(body);
  request.credential = Credential{"Authorization", Secret("Bearer sk-test")};
  return request;
}
Request Get() { return Make(Method::kGet); }
Request Post() { return Make(Method::kPost, "{}"); }

MATCHER_P(HasBody, body, "") {
  const auto* response = std::get_if<Response>(&arg);
  return response != nullptr && response->status == 200 && response->body == body;
}
MATCHER_P2(Fails, kind, sent, "") {
  const auto* failure = std::get_if<Failure>(&arg);
  return failure != nullptr && failure->kind == kind && failure->sent == sent;
}

constexpr bool kSent = true;
constexpr bool kUnsent = false;

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    options_.max_backoff = milliseconds(2);
    connect_.timeout = seconds(10);
    connect_.circuit_breaker.failures = 0;
  }
  ~ClientTest() override { loop_.Stop(); }

  void Use(std::unique_ptr<Connector> connector) {
    client_ =
        std::make_unique<Client>(loop_.context(), origin_, std::move(connector), pool_, options_);
  }
  // Makes the client of `upstream_`.
  void Open() { Use(ConnectorTo(loop_.context(), At({upstream_.port()}), connect_)); }

  // What is charged stays charged until the result goes.
  Running<Outcome> Start(const Request& request, MemoryBudget& memory,
                         AttemptObserver* observer = nullptr) {
    const auto reservation = std::make_shared<MemoryBudget::Reservation>(memory.ReserveForCall(0));
    return loop_.Start<Outcome>([this, request, reservation, observer] {
      return client_->Send(request, *reservation, observer);
    });
  }
  Running<Outcome> Start(const Request& request) { return Start(request, memory_); }
  Outcome Send(const Request& request) { return Start(request).Get(); }

  ClientCounters counters() {
    return loop_.Call([this] { return client_->counters(); });
  }
  PoolCounters pool_counters() {
    return loop_.Call([this] { return client_->pool_counters(); });
  }
  std::size_t open() {
    return loop_.Call([this] { return client_->pool().open(); });
  }

  Origin origin_{.tls = false, .host = "localhost", .port = 80, .base_path = ""};
  ConnectOptions connect_;
  PoolOptions pool_;
  ClientOptions options_;
  MemoryBudget memory_{std::size_t{1024} * 1024 * 1024};
  // For a test that has it run out. Here, since the loop lets go of a call's reservation only after
  // the test has its answer.
  std::optional<MemoryBudget> little_memory_;
  ScriptedUpstream upstream_;
  Loop loop_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, SendsARequestAndReadsTheResponse) {
  upstream_.Next(Serve(kOk));
  Open();
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_EQ(upstream_.received(0),
            "POST /api/2.0/keys HTTP/1.1\r\nHost: localhost\r\n"
            "User-Agent: docspace-apikeys-gateway\r\nAccept-Encoding: identity\r\nAuthorization: "
            "Bearer sk-test\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

TEST_F(ClientTest, ReusesItsConnection) {
  upstream_.Next(Serve(kOk).Repeat());
  Open();
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Send(i % 2 == 0 ? Get() : Post()), HasBody("{}"));
  EXPECT_EQ(upstream_.connections(), 1u);
  EXPECT_EQ(upstream_.requests(), 10u);
}

TEST_F(ClientTest, ReadsALargeResponse) {
  const std::string body(7 * 1024 * 1024, 'x');
  upstream_.Next(Serve("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body));
  Open();
  EXPECT_THAT(Send(Get()), HasBody(body));
}

TEST_F(ClientTest, G4_NeverSendsARequestThatWouldInjectAHeader) {
  Open();
  Request request = Get();
  request.headers = {{"X-Request-Id", "1\r\nX-Injected: 1"}};
  EXPECT_THAT(Send(request), Fails(Kind::kMalformed, kUnsent));
  EXPECT_EQ(upstream_.connections(), 0u);
}

// The connection.

TEST_F(ClientTest, C1_NothingListens) {
  Use(ConnectorTo(loop_.context(), At({DeadPort()}), connect_));
  EXPECT_THAT(Send(Get()), Fails(Kind::kUnreachable, kUnsent));
  EXPECT_THAT(Send(Post()), Fails(Kind::kUnreachable, kUnsent));
  EXPECT_EQ(counters().retries_unsent, 2u);
  EXPECT_EQ(open(), 0u);
}

TEST_F(ClientTest, C1_AWriteOfWhichNothingWasSentIsTriedAgain) {
  upstream_.Next(Serve(kOk));
  int asked = 0;
  Use(ConnectorBy(
      loop_.context(),
      [&](std::string, std::uint16_t) -> Task<Resolved> {
        const Addresses addresses = ++asked > 1 ? At({upstream_.port()}) : Addresses();
        co_return std::tuple(boost::system::error_code(), addresses);
      },
      connect_));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_EQ(counters().retries_unsent, 1u);
  EXPECT_EQ(upstream_.requests(), 1u);
}

TEST_F(ClientTest, C1_AnOpenCircuitIsNotRetried) {
  connect_.circuit_breaker = {.failures = 2, .open_for = std::chrono::hours(1)};
  Use(ConnectorTo(loop_.context(), At({DeadPort()}), connect_));
  Send(Get());
  EXPECT_EQ(counters().retries_unsent, 1u);
  for (int i = 0; i < 100; ++i) EXPECT_THAT(Send(Get()), Fails(Kind::kUnreachable, kUnsent));
  EXPECT_EQ(counters().retries_unsent, 1u);
  EXPECT_EQ(counters().retries_over_budget, 0u);
}

TEST_F(ClientTest, C2_AConnectThatHangsCostsOneConnectTimeout) {
  const BlackHole black_hole;
  connect_.timeout = milliseconds(50);
  Use(ConnectorTo(loop_.context(), At({black_hole.port()}), connect_));
  EXPECT_THAT(Send(Get()), Fails(Kind::kUnreachable, kUnsent));
  EXPECT_THAT(Send(Post()), Fails(Kind::kUnreachable, kUnsent));
  EXPECT_EQ(counters().retries_unsent, 0u);
  EXPECT_EQ(pool_counters().connect_failures, 2u);
}

TEST_F(ClientTest, C3_TheAddressThatIsAliveIsUsed) {
  upstream_.Next(Serve(kOk));
  Use(ConnectorTo(loop_.context(), At({DeadPort(), upstream_.port()}), connect_));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
}

TEST_F(ClientTest, C3_ANameThatDoesNotResolve) {
  Use(ConnectorTo(loop_.context(), {}, connect_));
  EXPECT_THAT(Send(Post()), Fails(Kind::kUnreachable, kUnsent));
}

TEST_F(ClientTest, C4_AnIdleConnectionThatThePortalClosedIsNotNoticed) {
  upstream_.Next(Serve(kOk).WaitFor("end").Close())
      .Next(Serve(kOk).WaitFor("reset").Reset())
      .Next(Serve(kOk));
  Open();
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  upstream_.Signal("end");
  ASSERT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  upstream_.Signal("reset");
  ASSERT_TRUE(upstream_.WaitForEnd(1));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_EQ(upstream_.requests(), 3u);
  EXPECT_EQ(counters().retries_stale, 0u);
  EXPECT_EQ(pool_counters().closed_stale, 2u);
}

TEST_F(ClientTest, C5_WriteOnStaleConnectionIsSentOnce) {
  upstream_.Next(Serve(kOk).ReadRequest().Close())
      .Next(Serve(kOk).ReadRequest().Reset())
      .Next(Serve(kOk).Read(1).Close())  // The rest of the request meets a RST.
      .Next(Serve(kOk));
  Open();
  for (const Method method : {Method::kPost, Method::kPut, Method::kDelete}) {
    EXPECT_THAT(Send(Get()), HasBody("{}"));
    EXPECT_THAT(Send(Make(method)), Fails(Kind::kConnectionLost, kSent));
  }
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_EQ(upstream_.connections(), 4u);
  EXPECT_EQ(upstream_.requests(), 7u);
}

TEST_F(ClientTest, C5_ReadOnStaleConnectionIsRetriedOnAFreshOne) {
  upstream_.Next(Serve(kOk).ReadRequest().Close())
      .Next(Serve(kOk).ReadRequest().Reset())
      .Next(Serve(kOk));
  // The retry must not wait: were it to back off, it would not end within the patience of a test.
  options_.max_backoff = std::chrono::hours(1000);
  Open();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_EQ(counters().retries_stale, 2u);
  EXPECT_EQ(upstream_.requests(), 5u);
}

TEST_F(ClientTest, C5_TheRetryOfAReadDoesNotTakeAnotherStaleConnection) {
  const Script stale = Script().ReadRequest().WaitFor("both").Send(kOk).ReadRequest().Close();
  upstream_.Next(stale).Next(stale).Next(Serve(kOk));
  Open();
  auto one = Start(Get());
  auto two = Start(Get());
  ASSERT_TRUE(upstream_.WaitForConnections(2));
  upstream_.Signal("both");
  EXPECT_THAT(one.Get(), HasBody("{}"));
  EXPECT_THAT(two.Get(), HasBody("{}"));
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_EQ(upstream_.connections(), 3u);
  EXPECT_EQ(counters().retries_stale, 1u);
}

TEST_F(ClientTest, C6_AConnectionLostBeforeTheResponseIsRetriedForAReadOnly) {
  for (const Script& script : {Script().ReadRequest().Close(), Script().ReadRequest().Reset(),
                               Script().ReadRequest().HalfClose()}) {
    ScriptedUpstream upstream;
    upstream.Always(script);
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
    EXPECT_THAT(Send(Get()), Fails(Kind::kConnectionLost, kSent));
    EXPECT_EQ(upstream.requests(), 2u);
    EXPECT_EQ(counters().retries_read, 1u);
    for (const Method method : {Method::kPost, Method::kPut, Method::kDelete}) {
      const std::size_t before = upstream.requests();
      EXPECT_THAT(Send(Make(method)), Fails(Kind::kConnectionLost, kSent));
      EXPECT_EQ(upstream.requests(), before + 1);
    }
    EXPECT_EQ(open(), 0u);
  }
}

TEST_F(ClientTest, C6_TheRetryOfAReadMaySucceed) {
  upstream_.Next(Script().ReadRequest().Reset()).Next(Serve(kOk));
  Open();
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_EQ(upstream_.requests(), 2u);
}

TEST_F(ClientTest, C6_AResponseThatHasBegunIsNotRetried) {
  upstream_.Always(Script().ReadRequest().Send("H").Close());
  Open();
  EXPECT_THAT(Send(Get()), Fails(Kind::kMalformed, kSent));
  EXPECT_EQ(upstream_.requests(), 1u);
}

// Whoever follows the tries.

// Marks each try by its number, and keeps what it is told.
class Recorder : public AttemptObserver {
 public:
  std::vector<Header> OnAttemptStart(const Origin& origin) override {
    EXPECT_EQ(origin.host, "localhost");
    EXPECT_EQ(begun, told.size()) << "the try before has not ended";
    return {{"X-Try", std::to_string(++begun)}};
  }
  void OnAttemptEnd(const Outcome& outcome, bool reused_connection) noexcept override {
    const auto* response = std::get_if<Response>(&outcome);
    told.push_back((response != nullptr ? std::to_string(response->status)
                                        : "failure " + std::to_string(static_cast<int>(
                                                           std::get<Failure>(outcome).kind))) +
                   (reused_connection ? ", reused" : ""));
  }

  std::size_t begun = 0;
  std::vector<std::string> told;
};

TEST_F(ClientTest, AListenerMarksEachTryAndIsToldOfItsEnd) {
  upstream_.Next(Serve(kOk).ReadRequest().Close()).Next(Serve(kOk));
  Open();
  Recorder recorder;
  Request request = Get();
  request.headers = {{"x-try", "0"}};
  EXPECT_THAT(Start(request, memory_, &recorder).Get(), HasBody("{}"));
  EXPECT_THAT(Start(request, memory_, &recorder).Get(), HasBody("{}"));
  EXPECT_THAT(recorder.told, ElementsAre("200", "failure 2, reused", "200"));
  EXPECT_EQ(upstream_.received(0).find("x-try: 0"), std::string::npos);
  EXPECT_NE(upstream_.received(0).find("X-Try: 1\r\n"), std::string::npos);
  EXPECT_NE(upstream_.received(1).find("X-Try: 3\r\n"), std::string::npos);
}

TEST_F(ClientTest, AListenerIsToldOfTriesWithoutAConnectionAndOfOneThatIsCancelled) {
  Use(ConnectorTo(loop_.context(), At({DeadPort()}), connect_));
  Recorder unreachable;
  EXPECT_THAT(Start(Post(), memory_, &unreachable).Get(), Fails(Kind::kUnreachable, kUnsent));
  EXPECT_THAT(unreachable.told, ElementsAre("failure 0", "failure 0"));

  upstream_.Next(Script().ReadRequest().Signal("read"));
  Open();
  Recorder cancelled;
  auto call = Start(Get(), memory_, &cancelled);
  ASSERT_TRUE(upstream_.WaitForSignal("read"));
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kSent));
  EXPECT_THAT(cancelled.told, ElementsAre("failure 5"));
}

TEST_F(ClientTest, AnyResponseIsAResponseAndNotRetried) {
  for (const char* status : {"301 Moved", "401 Unauthorized", "429 Too Many Requests",
                             "500 Internal Server Error", "503 Service Unavailable"}) {
    ScriptedUpstream upstream;
    upstream.Always(Serve("HTTP/1.1 "s + status + "\r\nContent-Length: 0\r\n\r\n"));
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
    const Outcome outcome = Send(Get());
    ASSERT_TRUE(std::holds_alternative<Response>(outcome));
    EXPECT_EQ(std::get<Response>(outcome).status, std::stoi(status));
    EXPECT_EQ(upstream.requests(), 1u);
  }
}

TEST_F(ClientTest, RetriesStayWithinTheirBudget) {
  upstream_.Always(Script().ReadRequest().Close());
  Open();
  for (int i = 0; i < 8; ++i) EXPECT_THAT(Send(Get()), Fails(Kind::kConnectionLost, kSent));
  EXPECT_EQ(counters().retries_read, 3u);
  EXPECT_EQ(counters().retries_over_budget, 5u);
  EXPECT_EQ(upstream_.requests(), 11u);
}

TEST_F(ClientTest, C7_AStallAfterTheHeadersEndsWithTheCallsDeadline) {
  upstream_.Next(Serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").Signal("stalled"));
  Open();
  auto call = Start(Get());
  ASSERT_TRUE(upstream_.WaitForSignal("stalled"));
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kSent));
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(upstream_.requests(), 1u);
}

TEST_F(ClientTest, C8_ASlowDripEndsWithTheCallsDeadline) {
  upstream_.Next(Script()
                     .ReadRequest()
                     .Drip("HTTP/1.1 200 ", milliseconds(1))
                     .Signal("dripping")
                     .Drip(std::string(100'000, 'x'), milliseconds(1)));
  Open();
  auto call = Start(Get());
  ASSERT_TRUE(upstream_.WaitForSignal("dripping"));
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kSent));
  EXPECT_TRUE(upstream_.WaitForEnd(0));
}

TEST_F(ClientTest, C8_ASlowDripThatEndsInTimeIsAResponse) {
  upstream_.Next(Script().ReadRequest().SendInPieces(kOk, 1));
  Open();
  EXPECT_THAT(Send(Post()), HasBody("{}"));
}

TEST_F(ClientTest, C9_APortalThatNeverReadsEndsWithTheCallsDeadline) {
  upstream_.Next(Script().Read(1).Signal("accepted").NeverRead());
  Open();
  auto call = Start(Make(Method::kPost, std::string(32 * 1024 * 1024, 'x')));
  ASSERT_TRUE(upstream_.WaitForSignal("accepted"));
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kSent));
  EXPECT_EQ(open(), 0u);
}

TEST_F(ClientTest, C9_AnAnswerThatComesBeforeTheRequestIsReadIsDelivered) {
  upstream_.Next(
      Script()
          .Read(1)
          .Send("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
          .HalfClose());
  Open();
  const Outcome outcome = Send(Make(Method::kPost, std::string(8 * 1024 * 1024, 'x')));
  ASSERT_TRUE(std::holds_alternative<Response>(outcome)) << ::testing::PrintToString(outcome);
  EXPECT_EQ(std::get<Response>(outcome).status, 413);
}

TEST_F(ClientTest, C10_ObeysWhatThePortalSaysOfTheConnection) {
  for (const char* head :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\n", "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nKeep-Alive: max=0\r\n", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\n",
        "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\n"}) {
    SCOPED_TRACE(head);
    ScriptedUpstream upstream;
    upstream.Always(Serve(head + "Content-Length: 2\r\n\r\n{}"s).Repeat());
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
    EXPECT_THAT(Send(Post()), HasBody("{}"));
    EXPECT_THAT(Send(Post()), HasBody("{}"));
    EXPECT_EQ(upstream.connections(), 2u);
  }
}

TEST_F(ClientTest, C10_AnHttp10PortalThatKeepsTheConnectionIsTakenAtItsWord) {
  upstream_.Next(
      Serve("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}").Repeat());
  Open();
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_EQ(upstream_.connections(), 1u);
}

TEST_F(ClientTest, C11_ReadsGoOnAfterAPortalThatRestarts) {
  upstream_.Next(Serve(kOk).WaitFor("restart").Close())
      .Next(Script().Close())
      .Next(Serve(kOk).Repeat());
  Open();
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  upstream_.Signal("restart");
  ASSERT_TRUE(upstream_.WaitForEnd(0));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Send(Get()), HasBody("{}"));
}

// The response.

TEST_F(ClientTest, R1_R2_ACutBodyIsNeverASuccess) {
  for (const std::string& cut :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"s,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"s,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"s,
        "HTTP/1.1 200 OK\r\nContent-Le"s}) {
    for (const bool reset : {false, true}) {
      ScriptedUpstream upstream;
      upstream.Always(reset ? Serve(cut).Reset() : Serve(cut).Close());
      Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
      for (const Request& request : {Get(), Post()}) {
        const Outcome outcome = Send(request);
        ASSERT_TRUE(std::holds_alternative<Failure>(outcome)) << cut;
        EXPECT_TRUE(std::get<Failure>(outcome).sent);
        // A RST may overtake what was sent before it; then no octet of a response came.
        if (!reset) {
          EXPECT_EQ(std::get<Failure>(outcome).kind, Kind::kMalformed);
        }
      }
      EXPECT_EQ(open(), 0u);
    }
  }
}

TEST_F(ClientTest, R2_ABodyThatEndsWithTheConnectionIsLostWithAReset) {
  upstream_.Always(Serve("HTTP/1.1 200 OK\r\n\r\n{}").Reset());
  Open();
  auto call = Start(Post());
  EXPECT_TRUE(std::holds_alternative<Failure>(call.Get()));
}

TEST_F(ClientTest, R3_ASecondResponseAnswersNoOne) {
  const std::string evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
  for (const std::string& extra : {evil, "x"s, "\r\n"s}) {
    ScriptedUpstream upstream;
    upstream.Next(Serve(kOk + extra)).Next(Serve(kOk));
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
    EXPECT_THAT(Send(Get()), HasBody("{}"));
    EXPECT_TRUE(upstream.WaitForEnd(0));
    EXPECT_THAT(Send(Get()), HasBody("{}"));
  }
}

TEST_F(ClientTest, R4_AnUnsolicitedResponseAnswersNoOne) {
  upstream_
      .Next(Serve(kOk)
                .WaitFor("speak")
                .Send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nevil")
                .Signal("spoken"))
      .Next(Serve(kOk));
  Open();
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  upstream_.Signal("speak");
  ASSERT_TRUE(upstream_.WaitForSignal("spoken"));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(pool_counters().closed_stale, 1u);
}

TEST_F(ClientTest, R5_R6_R13_WhatMayNotBeBelievedIsRefusedOnceAndItsConnectionClosed) {
  for (const char* head :
       {"Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 2", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, gzip", "Content-Length: ", "Content-Length: +2",
        "Content-Length: 0x2", "Content-Length: 99999999999999999999", "X-A: a\rb",
        "Content-Encoding: gzip\r\nContent-Length: 2",
        "Content-Encoding: br\r\nContent-Length: 2"}) {
    SCOPED_TRACE(head);
    ScriptedUpstream upstream;
    upstream.Always(Serve("HTTP/1.1 200 OK\r\n"s + head + "\r\n\r\n{}"));
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
    EXPECT_THAT(Send(Get()), Fails(Kind::kMalformed, kSent));
    EXPECT_TRUE(upstream.WaitForEnd(0));
    EXPECT_EQ(upstream.requests(), 1u);
    EXPECT_EQ(open(), 0u);
  }
}

TEST_F(ClientTest, R6_InterimResponsesAreSkipped) {
  upstream_.Next(
      Serve("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kOk)
          .Repeat());
  Open();
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_EQ(upstream_.connections(), 1u);
}

TEST_F(ClientTest, R6_ASwitchOfProtocolsIsRefused) {
  upstream_.Next(Serve("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"));
  Open();
  EXPECT_THAT(Send(Post()), Fails(Kind::kMalformed, kSent));
}

TEST_F(ClientTest, R8_AnEndlessResponseIsCutAtTheLimit) {
  options_.response = {.head_bytes = 64 * 1024, .body_bytes = 1024 * 1024};
  const std::string x(64 * 1024, 'x');
  for (const std::string& head : {"HTTP/1.1 200 OK\r\nX-A: "s, "HTTP/1.0 200 OK\r\n\r\n"s,
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"s}) {
    ScriptedUpstream upstream;
    upstream.Always(Serve(head).SendForEver(x));
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
    EXPECT_THAT(Send(Get()), Fails(Kind::kMalformed, kSent));
    EXPECT_TRUE(upstream.WaitForEnd(0));
  }
}

TEST_F(ClientTest, R8_AnAnswerThatMemoryHasNoRoomForIsGivenUpWithItsConnection) {
  MemoryBudget& memory = little_memory_.emplace(8 * MemoryBudget::kMinimumPerCall);
  const std::string x(64 * 1024, 'x');
  for (const std::string& head :
       {"HTTP/1.0 200 OK\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3FFFFF\r\n"s,
        "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n"s}) {
    ScriptedUpstream upstream;
    upstream.Always(Serve(head).SendForEver(x));
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), connect_));
    for (const Request& request : {Get(), Post()}) {
      EXPECT_THAT(Start(request, memory).Get(), Fails(Kind::kOverloaded, kSent));
    }
    EXPECT_TRUE(upstream.WaitForEnd(0));
    EXPECT_TRUE(upstream.WaitForEnd(1));
    EXPECT_EQ(upstream.requests(), 2u);
  }
  loop_.Call([] {});
  EXPECT_EQ(memory.reserved(), 0u);
}

TEST_F(ClientTest, R8_AnAnswerThatSaysHowLongItIsIsGivenUpAtItsFirstOctet) {
  MemoryBudget& memory = little_memory_.emplace(8 * MemoryBudget::kMinimumPerCall);
  upstream_.Next(Serve("HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n{"));
  Open();
  EXPECT_THAT(Start(Get(), memory).Get(), Fails(Kind::kOverloaded, kSent));
}

TEST_F(ClientTest, ASmallAnswerNeedsNoMoreMemoryThanTheCallHas) {
  MemoryBudget& memory = little_memory_.emplace(MemoryBudget::kMinimumPerCall);
  const std::string body(24 * 1024, 'x');
  upstream_.Next(Serve("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body));
  Open();
  EXPECT_THAT(Start(Get(), memory).Get(), HasBody(body));
}

TEST_F(ClientTest, TheMemoryOfALargeAnswerStaysCharged) {
  const std::string body(1024 * 1024, 'x');
  upstream_.Next(Serve("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body));
  Open();
  auto call = Start(Get());
  EXPECT_THAT(call.Get(), HasBody(body));
  EXPECT_GE(memory_.reserved(), body.size());
  EXPECT_LE(memory_.reserved(), body.size() + 256 * 1024);
}

TEST_F(ClientTest, G11_AChallengeThatAuthenticatesTheConnectionClosesIt) {
  upstream_
      .Next(Serve("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n"
                  "Content-Length: 0\r\n\r\n"))
      .Next(Serve(kOk));
  Open();
  const Outcome outcome = Send(Get());
  ASSERT_TRUE(std::holds_alternative<Response>(outcome));
  EXPECT_EQ(std::get<Response>(outcome).status, 401);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_THAT(Send(Get()), HasBody("{}"));
}

TEST_F(ClientTest, G11_CookiesAreNeverSentBack) {
  upstream_.Next(Serve("HTTP/1.1 200 OK\r\nSet-Cookie: asc_auth_key=other; "
                       "Path=/\r\nContent-Length: 2\r\n\r\n{}")
                     .Repeat());
  Open();
  Send(Get());
  Send(Get());
  EXPECT_EQ(upstream_.requests(), 2u);
  EXPECT_EQ(upstream_.received(0).find("asc_auth_key"), std::string::npos);
  EXPECT_EQ(upstream_.received(0).find("ookie"), std::string::npos);
}

// Cancellation, at each stage. Afterwards nothing is left, and the next call works.

TEST_F(ClientTest, G2_CancelledBeforeItStarts) {
  Open();
  std::optional<Running<Outcome>> call;
  loop_.Call([&] {
    call.emplace(Start(Post()));
    // Posted behind the start.
    asio::post(loop_.context(), [&] { call->Cancel(); });
  });
  EXPECT_THAT(call->Get(), Fails(Kind::kCancelled, kUnsent));
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(upstream_.requests(), 0u);
}

TEST_F(ClientTest, G2_CancelledWhileConnecting) {
  const BlackHole black_hole;
  Use(ConnectorTo(loop_.context(), At({black_hole.port()}), connect_));
  auto call = Start(Post());
  loop_.Call([] {});
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kUnsent));
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(counters().retries_unsent, 0u);
}

TEST_F(ClientTest, G2_CancelledWhileWaitingForAConnection) {
  upstream_.Next(Script().ReadRequest().WaitFor("answer").Send(kOk).ReadRequest().Send(kOk));
  pool_.max_connections = 1;
  Open();
  auto first = Start(Get());
  auto cancelled = Start(Post());
  auto last = Start(Get());
  ASSERT_TRUE(upstream_.WaitForOctets(0, "\r\n\r\n"));
  cancelled.Cancel();
  EXPECT_THAT(cancelled.Get(), Fails(Kind::kCancelled, kUnsent));
  upstream_.Signal("answer");
  EXPECT_THAT(first.Get(), HasBody("{}"));
  EXPECT_THAT(last.Get(), HasBody("{}"));
  EXPECT_EQ(upstream_.received(0).find("POST"), std::string::npos);
  EXPECT_EQ(upstream_.connections(), 1u);
}

TEST_F(ClientTest, G2_CancelledWhileWaitingForTheResponse) {
  upstream_.Next(Script().ReadRequest().Signal("read")).Next(Serve(kOk));
  Open();
  auto call = Start(Post());
  ASSERT_TRUE(upstream_.WaitForSignal("read"));
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kSent));
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(upstream_.requests(), 1u);
  EXPECT_THAT(Send(Get()), HasBody("{}"));
}

TEST_F(ClientTest, G2_CancelledWhileBackingOff) {
  upstream_.Always(Script().ReadRequest().Close());
  options_.max_backoff = std::chrono::hours(1000);
  Open();
  Recorder recorder;
  auto call = Start(Get(), memory_, &recorder);
  while (loop_.Call([&] { return recorder.told.empty(); })) {
  }
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kSent));
  EXPECT_EQ(upstream_.requests(), 1u);
  EXPECT_EQ(recorder.begun, 1u);
  EXPECT_EQ(counters().retries_read, 0u);
}

TEST_F(ClientTest, G2_CancelledAtAnyMoment) {
  upstream_.Always(Script().ReadRequest().SendInPieces(kOk, 7).Repeat());
  pool_.max_connections = 2;
  Open();
  int answered = 0;
  int cancelled = 0;
  for (int round = 0; round < 100; ++round) {
    auto one = Start(Post());
    auto two = Start(Get());
    auto three = Start(Get());
    for (int i = 0; i < round % 15; ++i) loop_.Call([] {});
    one.Cancel();
    three.Cancel();
    for (auto* call : {&one, &three}) {
      const Outcome outcome = call->Get();
      if (std::holds_alternative<Response>(outcome)) {
        EXPECT_THAT(outcome, HasBody("{}"));
        ++answered;
      } else {
        EXPECT_EQ(std::get<Failure>(outcome).kind, Kind::kCancelled);
        ++cancelled;
      }
    }
    EXPECT_THAT(two.Get(), HasBody("{}"));
  }
  EXPECT_EQ(answered + cancelled, 200);
  EXPECT_GT(cancelled, 0);
  EXPECT_LE(open(), 2u);
}

// TLS.

class TlsClientTest : public ClientTest {
 protected:
  TlsClientTest() { origin_ = {.tls = true, .host = "localhost", .port = 443, .base_path = ""}; }

  void OpenTls() {
    Use(ConnectorTo(loop_.context(), At({tls_upstream_.port()}), connect_,
                    TlsTrusting(authority_.file())));
  }

  static std::shared_ptr<const Certificates> Trusting(const CertificateAuthority& authority) {
    CertificateFiles files;
    files.ca_file = authority.file();
    return std::make_shared<const Certificates>(Certificates::Read(files).value());
  }
  // As OpenTls, but what is trusted may be replaced, on the loop's thread.
  void OpenTlsTrusting(std::shared_ptr<const Certificates>& newest) {
    Use(ConnectorTo(loop_.context(), At({tls_upstream_.port()}), connect_,
                    std::make_unique<TlsClient>("localhost", [&newest] { return newest; })));
  }

  CertificateAuthority authority_;
  ScriptedUpstream tls_upstream_{authority_.Issue("localhost")};
};

TEST_F(TlsClientTest, ReusesItsConnection) {
  tls_upstream_.Next(Serve(kOk).Repeat());
  OpenTls();
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Send(i % 2 == 0 ? Get() : Post()), HasBody("{}"));
  EXPECT_EQ(tls_upstream_.connections(), 1u);
}

TEST_F(TlsClientTest, ResumesItsSession) {
  tls_upstream_.Always(Serve(kOkAndClose));
  OpenTls();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_THAT(Send(Get()), HasBody("{}"));
    ASSERT_TRUE(tls_upstream_.WaitForEnd(i));
    EXPECT_EQ(tls_upstream_.resumed(i), i > 0);
  }
}

TEST_F(TlsClientTest, S5_NewConnectionsTrustTheNewestAuthoritiesAndResumeNothingOlder) {
  const CertificateAuthority other;
  auto newest = Trusting(authority_);
  OpenTlsTrusting(newest);
  tls_upstream_.Always(Serve(kOkAndClose));
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_TRUE(tls_upstream_.resumed(1));

  loop_.Call([&] { newest = Trusting(other); });
  EXPECT_THAT(Send(Get()), Fails(Kind::kUnreachable, kUnsent));

  loop_.Call([&] { newest = Trusting(authority_); });
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_FALSE(tls_upstream_.resumed(tls_upstream_.connections() - 1));
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_TRUE(tls_upstream_.resumed(tls_upstream_.connections() - 1));
}

TEST_F(TlsClientTest, S5_ACallGoesOnWhileCertificatesAreReplaced) {
  auto newest = Trusting(authority_);
  OpenTlsTrusting(newest);
  tls_upstream_.Next(Script().ReadRequest().Signal("read").WaitFor("replaced").Send(kOk));
  tls_upstream_.Next(Serve(kOk));
  auto before = Start(Get());
  ASSERT_TRUE(tls_upstream_.WaitForSignal("read"));
  loop_.Call([&] { newest = Trusting(authority_); });
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  tls_upstream_.Signal("replaced");
  EXPECT_THAT(before.Get(), HasBody("{}"));
}

TEST_F(TlsClientTest, AnUntrustedPortalIsUnreachableAndSeesNoRequest) {
  const CertificateAuthority other;
  tls_upstream_.Always(Serve(kOk));
  Use(ConnectorTo(loop_.context(), At({tls_upstream_.port()}), connect_,
                  TlsTrusting(other.file())));
  EXPECT_THAT(Send(Post()), Fails(Kind::kUnreachable, kUnsent));
  EXPECT_EQ(tls_upstream_.requests(), 0u);
}

TEST_F(TlsClientTest, R2a_ACompleteBodyIsDeliveredWithoutCloseNotify) {
  tls_upstream_.Always(Serve(kOk).CloseWithoutNotify());
  OpenTls();
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  ASSERT_TRUE(tls_upstream_.WaitForEnd(0));
  EXPECT_THAT(Send(Post()), HasBody("{}"));
}

TEST_F(TlsClientTest, R2a_ABodyThatEndsWithTheConnectionNeedsCloseNotify) {
  tls_upstream_.Next(Serve("HTTP/1.1 200 OK\r\n\r\n{}").Close())
      .Next(Serve("HTTP/1.1 200 OK\r\n\r\n{}").CloseWithoutNotify());
  OpenTls();
  EXPECT_THAT(Send(Post()), HasBody("{}"));
  EXPECT_THAT(Send(Post()), Fails(Kind::kMalformed, kSent));
}

TEST_F(TlsClientTest, C5_WriteOnStaleConnectionIsSentOnce) {
  tls_upstream_.Next(Serve(kOk).ReadRequest().Close())
      .Next(Serve(kOk).ReadRequest().CloseWithoutNotify())
      .Next(Serve(kOk).ReadRequest().Reset());
  OpenTls();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Send(Get()), HasBody("{}"));
    EXPECT_THAT(Send(Post()), Fails(Kind::kConnectionLost, kSent));
  }
  EXPECT_EQ(tls_upstream_.requests(), 6u);
}

TEST_F(TlsClientTest, R3_ASecondResponseAnswersNoOne) {
  tls_upstream_
      .Next(Script()
                .ReadRequest()
                .Send(kOk)
                .Send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                .Signal("sent"))
      .Next(Serve(kOk));
  OpenTls();
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  ASSERT_TRUE(tls_upstream_.WaitForSignal("sent"));
  EXPECT_THAT(Send(Get()), HasBody("{}"));
  EXPECT_EQ(tls_upstream_.connections(), 2u);
}

TEST_F(TlsClientTest, C7_G2_CancelledWhileWaitingForTheResponse) {
  tls_upstream_.Next(Script().ReadRequest().Signal("read"));
  OpenTls();
  auto call = Start(Post());
  ASSERT_TRUE(tls_upstream_.WaitForSignal("read"));
  call.Cancel();
  EXPECT_THAT(call.Get(), Fails(Kind::kCancelled, kSent));
  EXPECT_TRUE(tls_upstream_.WaitForEnd(0));
}

TEST_F(TlsClientTest, ReadsALargeResponse) {
  const std::string body(3 * 1024 * 1024, 'x');
  tls_upstream_.Next(Serve("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\n\r\n" + body));
  OpenTls();
  EXPECT_THAT(Send(Get()), HasBody(body));
}

}  // namespace
}  // namespace docspace::gateway::http
