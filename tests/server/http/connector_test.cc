#include "server/http/connector.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "tests/server/http/connectors.h"
#include "tests/testkit/black_hole.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway::http {
namespace {

using gateway::testkit::BlackHole;
using gateway::testkit::Certificate;
using gateway::testkit::CertificateAuthority;
using gateway::testkit::Loop;
using gateway::testkit::Running;
using gateway::testkit::Script;
using gateway::testkit::ScriptedUpstream;
using gateway::testkit::TemporaryFile;
using std::chrono::milliseconds;

class ConnectorTest : public ::testing::Test {
 protected:
  ConnectorTest() { upstream_.Always(Script()); }
  ~ConnectorTest() override { loop_.Stop(); }

  void Use(std::unique_ptr<Connector> connector) { connector_ = std::move(connector); }

  Running<Connector::Result> Start() {
    return loop_.Start<Connector::Result>([this] { return connector_->Connect(); });
  }

  // Why it could not connect; empty if it could.
  std::string Connect() {
    const auto result = Start().Get();
    const auto* unreachable = std::get_if<Unreachable>(&result);
    return unreachable != nullptr ? std::string(unreachable->why) : "";
  }

  CircuitBreaker::State circuit() {
    return loop_.Call([this] { return connector_->circuit_breaker().state(); });
  }

  ConnectOptions options_;
  ScriptedUpstream upstream_;
  Loop loop_;
  std::unique_ptr<Connector> connector_;
};

TEST_F(ConnectorTest, Connects) {
  Use(ConnectorTo(loop_.context(), At({upstream_.port()})));
  EXPECT_EQ(Connect(), "");
  EXPECT_TRUE(upstream_.WaitForConnections(1));
}

TEST_F(ConnectorTest, C1_SaysSoAtOnceWhereNothingListens) {
  Use(ConnectorTo(loop_.context(), At({DeadPort(), DeadPort()})));
  EXPECT_EQ(Connect(), "no address accepts connections");
}

TEST_F(ConnectorTest, C2_GivesUpAtItsOwnTimeout) {
  const BlackHole black_hole;
  options_.timeout = milliseconds(100);
  Use(ConnectorTo(loop_.context(), At({black_hole.port()}), options_));
  const auto start = Clock::now();
  const auto result = Start().Get();
  EXPECT_GE(Clock::now() - start, milliseconds(100));
  const auto* unreachable = std::get_if<Unreachable>(&result);
  ASSERT_NE(unreachable, nullptr);
  EXPECT_EQ(unreachable->why, "connecting took too long");
  EXPECT_FALSE(unreachable->worth_a_retry);
}

TEST_F(ConnectorTest, C3_SaysThatANameDoesNotResolve) {
  Use(ConnectorTo(loop_.context(), {}));
  EXPECT_EQ(Connect(), "the name does not resolve");
}

TEST_F(ConnectorTest, C3_UsesTheAddressThatIsAlive) {
  const BlackHole black_hole;
  options_.timeout = gateway::testkit::kPatience;
  options_.attempt_delay = milliseconds(20);
  const auto dead = DeadPort();
  const auto live = upstream_.port();
  for (const Addresses& addresses :
       {At({dead, live}), At({live, dead}), At({black_hole.port(), live}),
        At({black_hole.port(), dead, black_hole.port(), live}), At({live, black_hole.port()})}) {
    Use(ConnectorTo(loop_.context(), addresses, options_));
    EXPECT_EQ(Connect(), "");
  }
}

TEST_F(ConnectorTest, C3_TriesTheNextAddressAtOnceWhereOneRefuses) {
  options_.timeout = gateway::testkit::kPatience;
  options_.attempt_delay = std::chrono::hours(1);
  Use(ConnectorTo(loop_.context(), At({DeadPort(), DeadPort(), upstream_.port()}), options_));
  EXPECT_EQ(Connect(), "");
}

// How many sockets of this process try to connect. The process asks its own descriptors, because
// /proc/net/tcp may list a socket twice or not at all while other sockets of the machine come and
// go.
int AttemptsUnderWay() {
  int attempts = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    tcp_info info{};
    socklen_t size = sizeof info;
    const int descriptor = std::stoi(entry.path().filename().string());
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) continue;
    if (info.tcpi_state == TCP_SYN_SENT) ++attempts;
  }
  return attempts;
}

TEST_F(ConnectorTest, C3_TheAttemptThatLosesIsGivenUp) {
  const BlackHole black_hole;
  const int before = AttemptsUnderWay();
  options_.attempt_delay = milliseconds(1);
  Use(ConnectorTo(loop_.context(), At({black_hole.port(), upstream_.port()}), options_));
  EXPECT_EQ(Connect(), "");
  EXPECT_EQ(AttemptsUnderWay(), before);

  // So it is where the call is cancelled.
  Use(ConnectorTo(loop_.context(), At({black_hole.port()}), options_));
  auto connecting = Start();
  loop_.Call([] {});
  EXPECT_EQ(AttemptsUnderWay(), before + 1);
  connecting.Cancel();
  EXPECT_THROW(connecting.Get(), boost::system::system_error);
  EXPECT_EQ(AttemptsUnderWay(), before);
}

TEST_F(ConnectorTest, AnOpenCircuitCostsNoAttempt) {
  options_.circuit_breaker = {.failures = 2, .open_for = std::chrono::hours(1)};
  Use(ConnectorTo(loop_.context(), At({DeadPort()}), options_));
  EXPECT_EQ(Connect(), "no address accepts connections");
  EXPECT_EQ(Connect(), "no address accepts connections");
  const auto result = Start().Get();
  const auto* unreachable = std::get_if<Unreachable>(&result);
  ASSERT_NE(unreachable, nullptr);
  EXPECT_EQ(unreachable->why, "it failed repeatedly, and is tried again in a moment");
  EXPECT_FALSE(unreachable->worth_a_retry);
}

TEST_F(ConnectorTest, AProbeClosesTheCircuitOfAnUpstreamThatIsBack) {
  options_.circuit_breaker = {.failures = 1, .open_for = Clock::duration::zero()};
  bool resolves = false;
  Use(ConnectorBy(
      loop_.context(),
      [&](std::string, std::uint16_t) -> Task<Resolved> {
        const Addresses addresses = resolves ? At({upstream_.port()}) : Addresses();
        co_return std::tuple(boost::system::error_code(), addresses);
      },
      options_));
  EXPECT_EQ(Connect(), "the name does not resolve");
  EXPECT_EQ(circuit(), CircuitBreaker::State::kOpen);
  loop_.Call([&] { resolves = true; });
  EXPECT_EQ(Connect(), "");
  EXPECT_EQ(circuit(), CircuitBreaker::State::kClosed);
}

TEST_F(ConnectorTest, G2_ACallThatIsCancelledSaysNothingAboutTheUpstream) {
  const BlackHole black_hole;
  options_.circuit_breaker = {.failures = 1, .open_for = std::chrono::hours(1)};
  Use(ConnectorTo(loop_.context(), At({black_hole.port(), black_hole.port()}), options_));
  auto connecting = Start();
  loop_.Call([] {});
  connecting.Cancel();
  EXPECT_THROW(connecting.Get(), boost::system::system_error);
  EXPECT_EQ(circuit(), CircuitBreaker::State::kClosed);
}

TEST_F(ConnectorTest, G2_MayBeCancelledWhileTheNameResolves) {
  options_.circuit_breaker = {.failures = 1, .open_for = std::chrono::hours(1)};
  Use(ConnectorBy(
      loop_.context(),
      [this](std::string, std::uint16_t) -> Task<Resolved> {
        Timer never(loop_.context(), Clock::time_point::max());
        co_await never.async_wait(kAsTuple);
        co_return std::tuple(boost::system::error_code(), Addresses());
      },
      options_));
  auto connecting = Start();
  loop_.Call([] {});
  connecting.Cancel();
  EXPECT_THROW(connecting.Get(), boost::system::system_error);
  EXPECT_EQ(circuit(), CircuitBreaker::State::kClosed);
}

TEST_F(ConnectorTest, C2_TheTimeoutCoversNameResolution) {
  options_.timeout = milliseconds(20);
  Use(ConnectorBy(
      loop_.context(),
      [this](std::string, std::uint16_t) -> Task<Resolved> {
        Timer never(loop_.context(), Clock::time_point::max());
        co_await never.async_wait(kAsTuple);
        co_return std::tuple(boost::system::error_code(), Addresses());
      },
      options_));
  EXPECT_EQ(Connect(), "connecting took too long");
}

const std::string kForeign = "the TLS handshake failed: unable to get local issuer certificate";

class TlsConnectorTest : public ConnectorTest {
 protected:
  // Why a connection to an upstream with that certificate fails; empty if it does not.
  std::string ConnectTo(const Certificate& certificate, const std::string& ca_file,
                        const std::string& host = "localhost") {
    ScriptedUpstream upstream(certificate);
    upstream.Always(Script().ReadRequest());
    Use(ConnectorTo(loop_.context(), At({upstream.port()}), {}, TlsTrusting(ca_file, host)));
    std::string why = Connect();
    if (!why.empty()) {
      EXPECT_TRUE(upstream.WaitForEnd(0));
      EXPECT_EQ(upstream.received(0), "");
    }
    return why;
  }

  CertificateAuthority ours_;
};

TEST_F(TlsConnectorTest, ConnectsWhereTheCertificateIsOfThatHostAndTrusted) {
  EXPECT_EQ(ConnectTo(ours_.Issue("localhost"), ours_.file()), "");
  EXPECT_EQ(ConnectTo(ours_.Issue("127.0.0.1"), ours_.file(), "127.0.0.1"), "");
}

TEST_F(TlsConnectorTest, RefusesAnUnknownAuthority) {
  const CertificateAuthority theirs;
  // Both have the same name.
  EXPECT_EQ(ConnectTo(theirs.Issue("localhost"), ours_.file()),
            "the TLS handshake failed: certificate signature failure");
  EXPECT_EQ(ConnectTo(ours_.Issue("localhost"), ""), kForeign);
}

TEST_F(TlsConnectorTest, RefusesAnotherHostsCertificate) {
  const std::string other_host = "the TLS handshake failed: hostname mismatch";
  const std::string other_address = "the TLS handshake failed: IP address mismatch";
  EXPECT_EQ(ConnectTo(ours_.Issue("evil.example"), ours_.file()), other_host);
  EXPECT_EQ(ConnectTo(ours_.Issue("localhost.evil.example"), ours_.file()), other_host);
  EXPECT_EQ(ConnectTo(ours_.Issue("127.0.0.2"), ours_.file(), "127.0.0.1"), other_address);
  EXPECT_EQ(ConnectTo(ours_.Issue("127.0.0.1.example"), ours_.file(), "127.0.0.1"), other_address);
}

TEST_F(TlsConnectorTest, R24_NeverTakesACommonNameForAName) {
  EXPECT_EQ(ConnectTo(ours_.IssueByCommonName("localhost"), ours_.file()),
            "the TLS handshake failed: hostname mismatch");
  EXPECT_EQ(ConnectTo(ours_.IssueByCommonName("127.0.0.1"), ours_.file(), "127.0.0.1"),
            "the TLS handshake failed: IP address mismatch");
}

TEST_F(TlsConnectorTest, R24_AWildcardStandsForAWholeLabel) {
  const auto connect = [this](const std::string& pattern) {
    return ConnectTo(ours_.Issue(pattern), ours_.file(), "a.portal.example");
  };
  EXPECT_EQ(connect("*.portal.example"), "");
  for (const char* pattern : {"*.example", "a*.portal.example", "*.*.example", "*"}) {
    EXPECT_EQ(connect(pattern), "the TLS handshake failed: hostname mismatch") << pattern;
  }
}

TEST_F(TlsConnectorTest, R24_TrustsAnIntermediateOrTheCertificateItself) {
  const Certificate intermediate = ours_.IssueIntermediate();
  const Certificate below = CertificateAuthority::IssueBelow(intermediate, "localhost");
  EXPECT_EQ(ConnectTo(below, TemporaryFile(intermediate.CertificatePem()).path()), "");
  EXPECT_EQ(ConnectTo(below, TemporaryFile(below.CertificatePem()).path()), "");
  // Nothing says that the root's authority reaches it: the intermediate is not shown.
  EXPECT_EQ(ConnectTo(below, ours_.file()), kForeign);
  const Certificate beside = ours_.Issue("localhost");
  EXPECT_EQ(ConnectTo(beside, TemporaryFile(intermediate.CertificatePem()).path()), kForeign);
  EXPECT_EQ(ConnectTo(beside, TemporaryFile(below.CertificatePem()).path()), kForeign);
}

TEST_F(TlsConnectorTest, RefusesAnExpiredCertificate) {
  EXPECT_EQ(ConnectTo(ours_.IssueExpired("localhost"), ours_.file()),
            "the TLS handshake failed: certificate has expired");
}

TEST_F(TlsConnectorTest, RefusesAnUpstreamThatDoesNotSpeakTls) {
  upstream_.Next(Script().Send("HTTP/1.1 400 Bad Request\r\n\r\n").Close());
  Use(ConnectorTo(loop_.context(), At({upstream_.port()}), {}, TlsTrusting(ours_.file())));
  EXPECT_EQ(Connect(), "the TLS handshake failed: wrong version number (SSL routines)");
}

TEST_F(TlsConnectorTest, C2_TheTimeoutCoversTheHandshake) {
  options_.timeout = milliseconds(50);
  Use(ConnectorTo(loop_.context(), At({upstream_.port()}), options_, TlsTrusting(ours_.file())));
  EXPECT_EQ(Connect(), "connecting took too long");
  EXPECT_TRUE(upstream_.WaitForEnd(0));
}

TEST_F(TlsConnectorTest, G2_MayBeCancelledDuringTheHandshake) {
  options_.circuit_breaker = {.failures = 1, .open_for = std::chrono::hours(1)};
  Use(ConnectorTo(loop_.context(), At({upstream_.port()}), options_, TlsTrusting(ours_.file())));
  auto connecting = Start();
  ASSERT_TRUE(upstream_.WaitForOctets(0, "localhost"));  // The server name, in clear.
  connecting.Cancel();
  EXPECT_THROW(connecting.Get(), boost::system::system_error);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(circuit(), CircuitBreaker::State::kClosed);
}

}  // namespace
}  // namespace docspace::gateway::http
