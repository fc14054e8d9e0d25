#include "server/admin/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <chrono>
#include <list>
#include <stdexcept>
#include <string>

#include "tests/emulator/test_connection.h"
#include "tests/testkit/without_ipv6.h"

namespace docspace::gateway {
namespace {

using emulator::Exchange;
using emulator::TestConnection;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

AdminResponse Echo(const AdminRequest& request) {
  if (request.path == "/throw") throw std::runtime_error("planted-secret");
  return {.body = request.method + " " + request.path + " ? " + request.query +
                  (request.from_loopback ? " loopback" : "") + (request.from_page ? " page" : "") +
                  (request.is_forwarded ? " forwarded" : "") +
                  (request.host.empty() || request.host == "x" ? "" : " host=" + request.host)};
}

class AdminServerTest : public ::testing::Test {
 protected:
  static std::unique_ptr<AdminServer> Start(const AdminServer::Limits& limits) {
    return AdminServer::Start("127.0.0.1:0", Echo, limits).value();
  }
  std::uint16_t port() const { return static_cast<std::uint16_t>(server_->port()); }
  std::string Ask(const std::string& octets) const { return Exchange(port(), octets); }

  std::unique_ptr<AdminServer> server_ = Start({});
};

TEST_F(AdminServerTest, TellsTheHandlerWhatWasAsked) {
  EXPECT_THAT(Ask("GET /a/b?c=d&e HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("GET /a/b ? c=d&e loopback")));
  EXPECT_THAT(Ask("PUT / HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\n\r\n"),
              EndsWith("PUT / ?  loopback page"));
  EXPECT_THAT(Ask("PUT / HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: cross-site\r\n\r\n"),
              EndsWith("PUT / ?  loopback page"));
}

TEST_F(AdminServerTest, TellsTheHandlerWhatProxiesAdd) {
  for (const char* name : {"Via", "forwarded", "X-Forwarded-For", "x-forwarded-proto",
                           "X-FORWARDED-ANYTHING", "X-Real-IP", "X-Envoy-External-Address"}) {
    EXPECT_THAT(Ask("PUT / HTTP/1.1\r\nHost: x\r\n" + std::string(name) + ": 1\r\n\r\n"),
                EndsWith("PUT / ?  loopback forwarded"))
        << name;
  }
  EXPECT_THAT(Ask("PUT / HTTP/1.1\r\nHost: x\r\nX-Forward: 1\r\n\r\n"),
              EndsWith("PUT / ?  loopback"));
}

TEST_F(AdminServerTest, TellsTheHandlerTheHostWithoutItsPort) {
  const auto host = [this](const std::string& value) {
    return Ask("GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n");
  };
  EXPECT_THAT(host("localhost:9464"), EndsWith(" host=localhost"));
  EXPECT_THAT(host("10.0.0.1"), EndsWith(" host=10.0.0.1"));
  EXPECT_THAT(host("[fd00::1]:9464"), EndsWith(" host=fd00::1"));
  EXPECT_THAT(host("[evil"), EndsWith(" host=[evil"));
  // An empty host would mean a request without Host, which is accepted.
  EXPECT_THAT(host(":9464"), EndsWith(" host=:9464"));
  EXPECT_THAT(host("localhost:evil"), EndsWith(" host=localhost:evil"));
}

TEST_F(AdminServerTest, EveryAnswerForbidsCachesFramesAndForeignScripts) {
  for (const char* request : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "nonsense\r\n\r\n"}) {
    EXPECT_THAT(Ask(request), AllOf(HasSubstr("Cache-Control: no-store\r\n"),
                                    HasSubstr("default-src 'none'; script-src 'self'"),
                                    HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe")),
                                    HasSubstr("X-Content-Type-Options: nosniff\r\n"),
                                    HasSubstr("Connection: close\r\n")));
  }
}

TEST_F(AdminServerTest, HeadHasTheLengthButNotTheBody) {
  EXPECT_THAT(Ask("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(HasSubstr("Content-Length: 19\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(AdminServerTest, AnswersOneRequestOfAConnection) {
  const std::string answer =
      Ask("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, AllOf(HasSubstr("GET /1"), Not(HasSubstr("GET /2"))));
}

TEST_F(AdminServerTest, RefusesWhatIsMalformedOrTooLarge) {
  EXPECT_THAT(Ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nA: " + std::string(9000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(AdminServerTest, TellsNothingOfAnExceptionAndGoesOn) {
  EXPECT_THAT(Ask("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("planted"))));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ClosesAConnectionWhoseRequestIsTooSlow) {
  server_ = Start({.head = std::chrono::milliseconds(50), .patience = std::chrono::hours(1)});
  TestConnection silent(port());
  TestConnection unfinished(port());
  unfinished.Send("GET / HTTP/1.1\r\nHost: ");
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(unfinished.ReadToEnd(), "");
}

TEST_F(AdminServerTest, ClosesWhoGoesOnSendingAfterTheAnswer) {
  server_ = Start({.patience = std::chrono::hours(1)});
  TestConnection flooding(port());
  flooding.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string octets(1024 * 1024, 'x');
  EXPECT_THROW(for (;;) flooding.Send(octets), boost::system::system_error);
}

TEST_F(AdminServerTest, KnowsTheAddressesOfAMeshFromItsOwn) {
  TestConnection other(port(), "127.0.0.6");
  other.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(other.ReadToEnd(), EndsWith("GET / ? "));
}

TEST_F(AdminServerTest, HalfSentRequestsKeepNobodyOut) {
  constexpr std::size_t kConnections = 32;
  server_ = Start({.connections = kConnections, .head = std::chrono::hours(1)});
  std::list<TestConnection> unfinished;
  for (std::size_t i = 0; i < 3 * kConnections; ++i) {
    unfinished.emplace_back(port()).Send("GET / HTTP/1.1\r\nHost: ");
    EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  }
  // The oldest connections were closed, and the newest may still finish.
  EXPECT_EQ(unfinished.front().ReadToEnd(), "");
  unfinished.back().Send("x\r\n\r\n");
  EXPECT_THAT(unfinished.back().ReadToEnd(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ConnectionsThatStayAfterTheirAnswerKeepNobodyOut) {
  server_ = Start({.connections = 2, .patience = std::chrono::hours(1)});
  std::list<TestConnection> answered;
  for (int i = 0; i < 6; ++i) {
    answered.emplace_back(port()).Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answered.back().ReadToEnd(), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(AdminServerTest, EndsWhileSomebodyIsConnected) {
  TestConnection idle(port());
  server_.reset();
  EXPECT_EQ(idle.ReadToEnd(), "");
}

TEST_F(AdminServerTest, RefusesAPortThatIsInUse) {
  const auto second = AdminServer::Start(server_->address(), Echo);
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
  EXPECT_FALSE(AdminServer::Start("no such host:0", Echo).ok());
}

TEST_F(AdminServerTest, ServesIPv6AndThereKnowsItsOwnMachineToo) {
  auto server = AdminServer::Start("[::]:0", Echo);
  if (!server.ok()) GTEST_SKIP() << server.status();
  server_ = *std::move(server);
  EXPECT_THAT(server_->address(), StartsWith("[::]:"));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("loopback"));
}

TEST_F(AdminServerTest, ServesIpv4ForEveryAddressOfAMachineWithoutIpv6) {
  testkit::WithoutIpv6([this] {
    auto server = AdminServer::Start("[::]:0", Echo);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    EXPECT_THAT(server_->address(), StartsWith("0.0.0.0:"));
    EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("loopback"));
    EXPECT_TRUE(absl::IsUnavailable(AdminServer::Start("[::1]:0", Echo).status()));
  });
}

}  // namespace
}  // namespace docspace::gateway
