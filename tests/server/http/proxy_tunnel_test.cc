// What a forward proxy can do to a connection: rows C13 to C15 of the fault matrix.
#include "server/http/proxy_tunnel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "server/http/connector.h"
#include "server/http/response_problems.h"
#include "tests/server/http/connectors.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::http {
namespace {

using gateway::testkit::Loop;
using gateway::testkit::Script;
using gateway::testkit::ScriptedUpstream;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr const char* kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";

class ProxyTunnelTest : public ::testing::Test {
 protected:
  ProxyTunnelTest() {
    options_.timeout = gateway::testkit::kPatience;
    Use(At({proxy_.port()}));
  }
  ~ProxyTunnelTest() override { loop_.Stop(); }

  void Use(Addresses addresses, std::unique_ptr<TlsClient> tls = nullptr) {
    auto resolver =
        std::make_unique<CachingResolver>(loop_.context(), "proxy.example", std::uint16_t{3128},
                                          std::chrono::hours(1), ResolveTo(std::move(addresses)));
    connector_ =
        std::make_unique<Connector>(loop_.context(), std::move(resolver), std::move(tls), options_,
                                    std::make_unique<ProxyTunnel>(origin_, access_));
  }

  // Returns why there is no connection. `why` is empty if there is one.
  Unreachable Connect() {
    auto running = loop_.Start<Connector::Result>([this] { return connector_->Connect(); });
    const Connector::Result result = running.Get();
    const auto* unreachable = std::get_if<Unreachable>(&result);
    return unreachable != nullptr ? *unreachable : Unreachable{};
  }

  // Lets the proxy respond with these bytes and expects a connection, or `why` there is none.
  void ExpectOf(const std::string& response, const std::string& why) {
    SCOPED_TRACE(response.substr(0, 60));
    proxy_.Next(Script().ReadRequest().Send(response));
    const Unreachable unreachable = Connect();
    EXPECT_EQ(unreachable.why, why);
    EXPECT_EQ(unreachable.at_proxy, !why.empty());
    EXPECT_EQ(unreachable.proxy_status, 0);
  }
  void ExpectMalformed(const std::string& response, std::string_view problem) {
    ExpectOf(response, "the proxy's response cannot be understood: " + std::string(problem));
  }

  Origin origin_{.host = "portal.example", .port = 443};
  AccessSecretsSource access_;
  ConnectOptions options_{.circuit_breaker = {.failures = 0}};
  ScriptedUpstream proxy_;
  Loop loop_;
  std::unique_ptr<Connector> connector_;
};

TEST_F(ProxyTunnelTest, AsksForThePortalByItsName) {
  ExpectOf(kEstablished, "");
  EXPECT_EQ(proxy_.received(0),
            "CONNECT portal.example:443 HTTP/1.1\r\nHost: portal.example:443\r\n"
            "User-Agent: docspace-apikeys-gateway\r\n\r\n");
}

TEST_F(ProxyTunnelTest, AnIpv6AddressIsInBrackets) {
  origin_.host = "2001:db8::1";
  Use(At({proxy_.port()}));
  ExpectOf(kEstablished, "");
  EXPECT_THAT(proxy_.received(0), HasSubstr("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"));
}

TEST_F(ProxyTunnelTest, ShowsTheNewestCredential) {
  auto newest = std::make_shared<const AccessSecrets>(
      AccessSecrets{.proxy_authorization = Secret("Basic one"), .headers = {}});
  access_ = [&newest] { return newest; };
  Use(At({proxy_.port()}));
  ExpectOf(kEstablished, "");
  loop_.Call([&newest] {
    newest = std::make_shared<const AccessSecrets>(
        AccessSecrets{.proxy_authorization = Secret("Basic two"), .headers = {}});
  });
  ExpectOf(kEstablished, "");
  EXPECT_THAT(proxy_.received(0), HasSubstr("\r\nProxy-Authorization: Basic one\r\n"));
  EXPECT_THAT(proxy_.received(1), HasSubstr("\r\nProxy-Authorization: Basic two\r\n"));
}

TEST_F(ProxyTunnelTest, EverySuccessOpensATunnel) {
  ExpectOf("HTTP/1.0 200 OK\r\n\r\n", "");
  ExpectOf("HTTP/1.1 204 No Content\r\nVia: 1.1 proxy\r\n\r\n", "");
  // RFC 9110 section 9.3.6: these mean nothing in the response to CONNECT.
  ExpectOf("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "");
  ExpectOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "");
  ExpectOf("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "");
}

TEST_F(ProxyTunnelTest, C13_ARefusalKeepsItsStatusAndNothingElse) {
  struct Refusal {
    int status;
    bool worth_a_retry;
  };
  for (const auto& [status, worth_a_retry] :
       {Refusal{407, false}, Refusal{403, false}, Refusal{302, false}, Refusal{400, false},
        Refusal{500, true}, Refusal{502, true}, Refusal{503, true}, Refusal{504, true}}) {
    proxy_.Next(Script().ReadRequest().Send("HTTP/1.1 " + std::to_string(status) +
                                            " planted\r\nX-Planted: planted\r\n"
                                            "Content-Length: 7\r\n\r\nplanted"));
    const Unreachable unreachable = Connect();
    EXPECT_EQ(unreachable.why, "the proxy refuses with status " + std::to_string(status));
    EXPECT_TRUE(unreachable.at_proxy);
    EXPECT_EQ(unreachable.proxy_status, status);
    EXPECT_EQ(unreachable.worth_a_retry, worth_a_retry);
  }
}

TEST_F(ProxyTunnelTest, C13_TheOpenCircuitSaysWhoseFaultItIs) {
  options_.circuit_breaker = {.failures = 1, .open_for = std::chrono::hours(1)};
  Use(At({proxy_.port()}));
  proxy_.Always(Script().ReadRequest().Send("HTTP/1.1 407 No\r\n\r\n"));
  EXPECT_EQ(Connect().proxy_status, 407);
  const Unreachable open = Connect();
  EXPECT_EQ(open.why, "it failed repeatedly, and is tried again in a moment");
  EXPECT_TRUE(open.at_proxy);
  EXPECT_EQ(open.proxy_status, 407);
  EXPECT_EQ(proxy_.connections(), 1U);
}

TEST_F(ProxyTunnelTest, C14_AProxyThatIsDown) {
  Use(At({DeadPort()}));
  EXPECT_EQ(Connect().why, "the proxy cannot be reached: no address accepts connections");
  Use({});
  const Unreachable unreachable = Connect();
  EXPECT_EQ(unreachable.why, "the proxy cannot be reached: the name does not resolve");
  EXPECT_TRUE(unreachable.at_proxy);
}

TEST_F(ProxyTunnelTest, C14_TheConnectTimeoutCoversTheTunnel) {
  options_.timeout = seconds(1);
  Use(At({proxy_.port()}));
  proxy_.Next(Script().ReadRequest());
  proxy_.Next(Script().ReadRequest().Drip(kEstablished, std::chrono::hours(1)));
  for (int i = 0; i < 2; ++i) {
    const Unreachable unreachable = Connect();
    EXPECT_EQ(unreachable.why, "the proxy does not open a tunnel in time");
    EXPECT_TRUE(unreachable.at_proxy);
    EXPECT_FALSE(unreachable.worth_a_retry);
  }
}

TEST_F(ProxyTunnelTest, C14_ThePortalsTlsBehindTheTunnelIsNotTheProxysFault) {
  options_.timeout = seconds(1);
  Use(At({proxy_.port()}), TlsTrusting(""));
  proxy_.Next(Script().ReadRequest().Send(kEstablished));
  const Unreachable unreachable = Connect();
  EXPECT_EQ(unreachable.why, "connecting took too long");
  EXPECT_FALSE(unreachable.at_proxy);
}

TEST_F(ProxyTunnelTest, C15_AProxyThatCloses) {
  const std::string why = "the proxy ends the connection without a response";
  proxy_.Next(Script().ReadRequest().Close());
  EXPECT_EQ(Connect().why, why);
  proxy_.Next(Script().ReadRequest().Send("HTTP/1.1 200 OK\r\nVia:").Close());
  EXPECT_EQ(Connect().why, why);
  proxy_.Next(Script().ReadRequest().Reset());
  EXPECT_EQ(Connect().why, why);
}

TEST_F(ProxyTunnelTest, C15_WhatIsNoResponse) {
  ExpectMalformed("SSH-2.0-planted\r\n", kNotHttp);
  ExpectMalformed("HTTP/1.1 200 OK\n\n", kBareLineEnd);
  ExpectMalformed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", kUnrequestedSwitch);
  ExpectMalformed("HTTP/1.1 200 OK\r\nplanted\r\n\r\n", kBadFieldName);
  ExpectMalformed("HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n", kBadFieldValue);
}

TEST_F(ProxyTunnelTest, C15_AHeadWithoutAnEnd) {
  proxy_.Next(
      Script().ReadRequest().Send("HTTP/1.1 200 OK\r\n").SendForEver("X-Planted: planted\r\n"));
  EXPECT_EQ(Connect().why, "the proxy's response cannot be understood: the head is too long");
  proxy_.Next(Script().ReadRequest().SendForEver("HTTP/1.1 100 Continue\r\n\r\n"));
  EXPECT_EQ(Connect().why, "the proxy's response cannot be understood: the head is too long");
}

TEST_F(ProxyTunnelTest, C15_BytesBehindTheHeadAreNotThePortals) {
  ExpectMalformed(std::string(kEstablished) + "HTTP/1.1 200 OK\r\n\r\n",
                  "bytes behind the head that opens a tunnel");
}

TEST_F(ProxyTunnelTest, ACancelledCallSaysNothingAboutTheProxy) {
  options_.circuit_breaker = {.failures = 1, .open_for = std::chrono::hours(1)};
  Use(At({proxy_.port()}));
  proxy_.Next(Script().ReadRequest().Signal("asked"));
  auto running = loop_.Start<Connector::Result>([this] { return connector_->Connect(); });
  ASSERT_TRUE(proxy_.WaitForSignal("asked"));
  running.Cancel();
  EXPECT_THROW(running.Get(), boost::system::system_error);
  ExpectOf(kEstablished, "");
}

}  // namespace
}  // namespace docspace::gateway::http
