// What may befall a call on its way through a forward proxy: rows C13 to C15 of the fault matrix.
// tests/server/http/proxy_tunnel_test.cc has each form of these faults.
#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <vector>

#include "tests/faults/fault_test.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/loopback.h"

namespace docspace::gateway::testkit {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Expected kProxyRefused{{grpc::StatusCode::UNAVAILABLE, "PROXY_REFUSED"},
                                 {grpc::StatusCode::UNAVAILABLE, "PROXY_REFUSED"}};
constexpr Expected kProxyUnreachable{{grpc::StatusCode::UNAVAILABLE, "PROXY_UNREACHABLE"},
                                     {grpc::StatusCode::UNAVAILABLE, "PROXY_UNREACHABLE"}};
constexpr const char* kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";

// `portal()` is the proxy here, and what it relays.
class ProxyTest : public FaultTest {
 protected:
  std::string StartPortal() override {
    FaultTest::StartPortal();
    return "http://portal.example";
  }
  void Configure(Config& config) override {
    FaultTest::Configure(config);
    config.portal.access["default"].proxy = {.host = "127.0.0.1", .port = ProxyPort()};
    config.portal.connect.circuit_breaker.failures = 0;
    config.limits.request_timeout = hours(1);
  }
  // Only the proxy resolves the portal's name.
  http::Resolve Resolver() override {
    return [this](std::string, std::uint16_t) -> http::Task<http::Resolved> {
      ++questions_;
      co_return http::Resolved();
    };
  }
  void TearDown() override {
    FaultTest::TearDown();
    EXPECT_EQ(questions_, 0);
  }
  virtual std::uint16_t ProxyPort() { return portal().port(); }

  // Calls all RPCs at once, while the proxy does this on every connection.
  void ExpectOf(const Script& script, const Expected& expected) {
    portal().Always(Script().ReadRequest().Append(script));
    ForbidInOutput("planted");
    std::vector<std::unique_ptr<Pending>> calls;
    for (const Rpc rpc : kRpcs) calls.push_back(Start(rpc));
    for (const Rpc rpc : kRpcs) {
      const auto answer = calls[static_cast<std::size_t>(rpc)]->Wait();
      Expect(expected, rpc, answer);
      EXPECT_THAT(answer.status.error_message(), Not(HasSubstr("planted")));
      EXPECT_THAT(answer.status.error_details(), Not(HasSubstr("planted")));
    }
    for (std::size_t i = 0; i < portal().connections(); ++i) {
      EXPECT_TRUE(portal().WaitForEnd(i));
      EXPECT_THAT(portal().received(i), HasSubstr("CONNECT portal.example:80 "));
      EXPECT_THAT(portal().received(i), Not(HasSubstr("/api/2.0/"))) << "nothing may be sent";
    }
  }

  std::atomic<int> questions_{0};
};

TEST_F(ProxyTest, ACallGoesThroughTheTunnel) {
  for (const Rpc rpc : kRpcs) {
    portal().Next(Script().ReadRequest().Send(kEstablished).Append(ServeAndClose(rpc)));
    Expect(kAnswered, rpc, Call(rpc));
  }
  EXPECT_EQ(portal().connections(), std::size(kRpcs));
  EXPECT_THAT(portal().received(0), HasSubstr("\r\nHost: portal.example\r\n"));
}

TEST_F(ProxyTest, ATunnelIsUsedAgain) {
  portal().Next(Script()
                    .ReadRequest()
                    .Send(kEstablished)
                    .Append(Serve(Rpc::kGetApiKeys))
                    .Append(ServeAndClose(Rpc::kGetApiKey)));
  Expect(kAnswered, Rpc::kGetApiKeys, Call(Rpc::kGetApiKeys));
  Expect(kAnswered, Rpc::kGetApiKey, Call(Rpc::kGetApiKey));
  EXPECT_EQ(portal().connections(), 1U);
}

struct Refusal {
  int status;
  // The number of attempts at a call.
  std::size_t attempts;
};

class RefusalTest : public ProxyTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusalTest, C13_IsUnavailableAndSaysNothingOfTheCaller) {
  const std::string status = std::to_string(GetParam().status);
  ExpectOf(Script().Send("HTTP/1.1 " + status +
                         " planted\r\nProxy-Authenticate: Basic realm=planted\r\n"
                         "WWW-Authenticate: planted\r\nRetry-After: 77\r\n"
                         "Content-Length: 7\r\n\r\nplanted"),
           kProxyRefused);
  EXPECT_GE(portal().connections(), std::size(kRpcs));
  const std::size_t before = portal().connections();
  const auto answer = Call(Rpc::kCreateApiKey);
  EXPECT_EQ(answer.metadata("proxy_status"), status);
  EXPECT_EQ(answer.metadata("http_status"), "");
  EXPECT_THAT(answer, Not(HasDetail<google::rpc::RetryInfo>()));
  EXPECT_LE(portal().connections() - before, GetParam().attempts);
}

INSTANTIATE_TEST_SUITE_P(C13, RefusalTest,
                         ::testing::Values(Refusal{407, 1}, Refusal{403, 1}, Refusal{401, 1},
                                           Refusal{502, 2}),
                         [](const auto& test) { return std::to_string(test.param.status); });

TEST_F(ProxyTest, C13_AWriteIsTriedAgainAfterAFailureOfTheProxy) {
  portal()
      .Next(Script().ReadRequest().Send("HTTP/1.1 503 Busy\r\n\r\n").Close())
      .Next(Script().ReadRequest().Send(kEstablished).Append(ServeAndClose(Rpc::kCreateApiKey)));
  Expect(kAnswered, Rpc::kCreateApiKey, Call(Rpc::kCreateApiKey));
  EXPECT_EQ(portal().connections(), 2U);
}

class ProxyDownTest : public ProxyTest {
  std::uint16_t ProxyPort() override { return DeadPort(); }
};

TEST_F(ProxyDownTest, C14_AProxyThatIsDownIsUnavailable) {
  for (const Rpc rpc : kRpcs) Expect(kProxyUnreachable, rpc, Call(rpc));
  EXPECT_EQ(portal().connections(), 0U);
}

class SlowProxyTest : public ProxyTest {
  void Configure(Config& config) override {
    ProxyTest::Configure(config);
    // Long enough to send the request for a tunnel, even on a busy machine.
    config.portal.connect.timeout = seconds(1);
  }
};

TEST_F(SlowProxyTest, C14_AProxyThatStallsIsUnavailableAtTheConnectTimeout) {
  ExpectOf(Script(), kProxyUnreachable);
}

TEST_F(SlowProxyTest, C14_AProxyThatDripsIsUnavailableAtTheConnectTimeout) {
  ExpectOf(Script().Drip(std::string(4096, 'x').replace(0, 9, "HTTP/1.1 "), milliseconds(10)),
           kProxyUnreachable);
}

TEST_F(ProxyTest, C15_AProxyThatClosesIsUnavailable) {
  ExpectOf(Script().Close(), kProxyUnreachable);
}

TEST_F(ProxyTest, C15_GarbageIsUnavailable) {
  ExpectOf(Script().Send("planted\r\n\r\n"), kProxyUnreachable);
}

TEST_F(ProxyTest, C15_AnEndlessHeadIsUnavailable) {
  ExpectOf(Script().Send("HTTP/1.1 200 OK\r\n").SendForEver("X-Planted: planted\r\n"),
           kProxyUnreachable);
}

TEST_F(ProxyTest, C15_AResponseThatTheProxyMakesUpReachesNoOne) {
  ExpectOf(Script().Send(std::string(kEstablished) + PortalResponse(PortalJson(Rpc::kGetApiKeys))),
           kProxyUnreachable);
}

}  // namespace
}  // namespace docspace::gateway::testkit
