// The way to a portal: through a forward proxy, with headers for an access proxy, and with the
// caller's address.
#include <gmock/gmock.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "server/base/host_port.h"
#include "server/http/origin.h"
#include "server/rpc/listener.h"
#include "tests/e2e/end_to_end.h"
#include "tests/e2e/rest_call.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/connect_proxy.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/otlp_receiver.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// The portal is https://portal.example, which only the proxy can reach.
class ForwardProxyTest : public EndToEndTest {
 protected:
  ~ForwardProxyTest() override {
    std::remove(certificate_.c_str());
    std::remove(key_.c_str());
  }

  emulator::EmulatorOptions PortalOptions() override {
    const Certificate certificate = authority_.Issue("portal.example");
    std::ofstream(certificate_) << certificate.CertificatePem();
    std::ofstream(key_) << certificate.KeyPem();
    return {.http = {.tls_certificate = certificate_, .tls_key = key_}};
  }
  std::string StartPortal() override {
    const std::string url = EndToEndTest::StartPortal();
    proxy_.emplace(portal().port());
    return absl::StrReplaceAll(url, {{"127.0.0.1", "portal.example"}});
  }
  void Configure(Config& config) override {
    config.threads = 1;
    config.portal.certificates.ca_file = authority_.file();
    config.tls.refresh = std::chrono::milliseconds(1);
    PortalAccess& access = config.portal.access["default"];
    access.proxy = {.host = "127.0.0.1", .port = proxy_->port()};
    access.proxy_credential_file = credential_.path();
    // Each call makes a connection.
    config.portal.pool.max_requests = 1;
    config.portal.connect.circuit_breaker.failures = 0;
  }
  http::Resolve Resolver() override {
    return [this](std::string, std::uint16_t) -> http::Task<http::Resolved> {
      ++questions_;
      co_return http::Resolved();
    };
  }

  static std::string Basic(const std::string& credential) {
    return "Basic " + absl::Base64Escape(credential);
  }

  CertificateAuthority authority_;
  TemporaryFile credential_{"planted-user:planted-password"};
  std::optional<ConnectProxy> proxy_;
  std::atomic<int> questions_{0};

 private:
  const std::string certificate_ = ::testing::TempDir() + "/proxied_certificate.pem";
  const std::string key_ = ::testing::TempDir() + "/proxied_key.pem";
};

TEST_F(ForwardProxyTest, CarriesTlsAndResolvesTheName) {
  proxy_->Require(Basic("planted-user:planted-password"));
  ForbidInOutput("planted-");
  ForbidInOutput(absl::Base64Escape("planted-user:planted-password"));
  for (const Rpc rpc : kRpcs) {
    const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
    EXPECT_TRUE(outcome.ok()) << outcome;
  }
  EXPECT_EQ(portal().request_count(), 6U);
  EXPECT_EQ(questions_, 0);
  const std::string authority = "portal.example:" + std::to_string(portal().port());
  ASSERT_THAT(proxy_->Heads(), SizeIs(6));
  for (const std::string& head : proxy_->Heads()) {
    EXPECT_EQ(head, "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority +
                        "\r\nUser-Agent: docspace-apikeys-gateway\r\nProxy-Authorization: " +
                        Basic("planted-user:planted-password") + "\r\n\r\n");
  }
  // The portal sees nothing of the proxy.
  for (const emulator::Request& request : portal().Requests()) {
    EXPECT_EQ(request.Find("Host"), authority);
    EXPECT_THAT(request.All("Proxy-Authorization"), IsEmpty());
  }
}

TEST_F(ForwardProxyTest, ANewCredentialIsUsedWithoutARestart) {
  proxy_->Require(Basic("planted-user:planted-new"));
  ForbidInOutput("planted-");
  const CallResult refused = Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(refused, IsError(grpc::StatusCode::UNAVAILABLE, "PROXY_REFUSED"));
  EXPECT_EQ(refused.metadata("proxy_status"), "407");
  EXPECT_EQ(portal().request_count(), 0U);

  credential_.Replace("planted-user:planted-new\n");
  ASSERT_TRUE(gateway().log().WaitFor("access_loaded"));
  EXPECT_TRUE(Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner)).ok());
}

TEST_F(ForwardProxyTest, TheProxyCannotPoseAsThePortal) {
  // The tunnel leads to a portal whose authority the gateway does not trust.
  const Certificate foreign = CertificateAuthority().Issue("portal.example");
  const TemporaryFile certificate(foreign.CertificatePem());
  const TemporaryFile key(foreign.KeyPem());
  const auto other = emulator::Emulator::Start(
      {.http = {.tls_certificate = certificate.path(), .tls_key = key.path()}});
  proxy_->LeadTo(other->port());
  const CallResult outcome = Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(outcome, IsError(grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
  EXPECT_THAT(outcome.status.error_message(), HasSubstr("the TLS handshake failed"));
  EXPECT_EQ(other->request_count(), 0U);
}

class FixedHeadersTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    config.threads = 1;
    config.tls.refresh = std::chrono::milliseconds(1);
    config.portal.access["default"].headers_file = headers_.path();
    config.log.level = "debug";
    config.tracing.collector.host = "127.0.0.1";
    config.tracing.collector.port = static_cast<std::uint16_t>(spans_.port());
    config.tracing.sample_ratio = 1;
    config.admin.listen = "127.0.0.1:0";
  }
  Metadata With(Metadata more) {
    for (const auto& pair : ApiKeyOf(Role::kOwner)) more.push_back(pair);
    return more;
  }

  TemporaryFile headers_{"CF-Access-Client-Id: planted-id\nCF-Access-Client-Secret: planted-1\n"};
  OtlpReceiver spans_;
};

TEST_F(FixedHeadersTest, ThePortalGetsThemWithEveryRequest) {
  ForbidInOutput("planted-");
  for (const Rpc rpc : kRpcs) {
    const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
    EXPECT_TRUE(outcome.ok()) << outcome;
  }
  ASSERT_THAT(portal().Requests(), SizeIs(6));
  for (const emulator::Request& request : portal().Requests()) {
    EXPECT_THAT(request.All("CF-Access-Client-Id"), ElementsAre("planted-id"));
    EXPECT_THAT(request.All("CF-Access-Client-Secret"), ElementsAre("planted-1"));
    EXPECT_THAT(request.All("Authorization"), SizeIs(1));
    EXPECT_THAT(request.All("Host"), SizeIs(1));
  }
}

TEST_F(FixedHeadersTest, G4_ACallerCanNeitherSetNorReplaceThem) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, With({{"cf-access-client-secret", "from-the-caller"},
                                           {"cf-access-client-id", "from-the-caller"},
                                           {"cf-access-jwt-assertion", "from-the-caller"}}))
                  .ok());
  const emulator::Request request = portal().Requests().back();
  EXPECT_THAT(request.All("CF-Access-Client-Id"), ElementsAre("planted-id"));
  EXPECT_THAT(request.All("CF-Access-Client-Secret"), ElementsAre("planted-1"));
  EXPECT_THAT(request.All("CF-Access-JWT-Assertion"), IsEmpty());
}

TEST_F(FixedHeadersTest, ANewFileIsUsedWithoutARestart) {
  headers_.Replace("X-Other: planted-2");
  ASSERT_TRUE(gateway().log().WaitFor("access_loaded"));
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_THAT(portal().Requests().back().All("X-Other"), ElementsAre("planted-2"));
  EXPECT_THAT(portal().Requests().back().All("CF-Access-Client-Id"), IsEmpty());
}

TEST_F(FixedHeadersTest, NeitherTracesNorMetricsNorStatusHaveThem) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  ASSERT_TRUE(spans_.WaitForSpans(2));
  for (const auto& span : spans_.Spans()) {
    EXPECT_THAT(span.ShortDebugString(), Not(HasSubstr("planted-")));
  }
  const std::string admin = gateway().gateway().admin_address();
  const auto port = ParseHostPort(admin).value().port.value();
  for (const char* page : {"/metrics", "/status.json"}) {
    const std::string body =
        Send({.target = page, .host = "localhost", .authorization = "none"}, port);
    EXPECT_THAT(body, Not(IsEmpty())) << page;
    EXPECT_THAT(body, Not(HasSubstr("planted-"))) << page;
  }
}

// The other portals have no part in the headers of one.
class HeadersOfOnePortalTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    config.threads = 1;
    config.portal.named["other"] = http::ParseOrigin(portal().url()).value();
    config.portal.access["other"].headers_file = headers_.path();
  }

  TemporaryFile headers_{"X-Token: planted-token\n"};
};

TEST_F(HeadersOfOnePortalTest, GoToThatPortalOnly) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_THAT(portal().Requests().back().All("X-Token"), IsEmpty());
  Metadata metadata = ApiKeyOf(Role::kOwner);
  metadata.emplace_back("x-docspace-portal", "other");
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, metadata).ok());
  EXPECT_THAT(portal().Requests().back().All("X-Token"), ElementsAre("planted-token"));
}

class ClientAddressTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override { config.portal.forwards_client_address = true; }
};

TEST_F(ClientAddressTest, G4_IsThatOfTheConnectionAndNotWhatACallerSays) {
  for (const Rpc rpc : kRpcs) {
    Metadata metadata = ApiKeyOf(Role::kOwner);
    for (const char* name : {"x-forwarded-for", "x-real-ip", "forwarded"}) {
      metadata.emplace_back(name, "192.0.2.99");
    }
    EXPECT_TRUE(Call(rpc, metadata).ok());
    const emulator::Request request = portal().Requests().back();
    EXPECT_THAT(request.All("X-Forwarded-For"), ElementsAre("127.0.0.1"));
    EXPECT_THAT(request.All("X-Real-IP"), IsEmpty());
    EXPECT_THAT(request.All("Forwarded"), IsEmpty());
  }
}

bool HasIpv6() { return Listener::Bind("[::1]:0").ok(); }

class ClientAddressOfIpv6Test : public ClientAddressTest {
 protected:
  void Configure(Config& config) override {
    ClientAddressTest::Configure(config);
    if (HasIpv6()) config.listen.address = "[::1]:0";
  }
};

TEST_F(ClientAddressOfIpv6Test, HasNeitherBracketsNorPort) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_THAT(portal().Requests().back().All("X-Forwarded-For"),
              ElementsAre(HasIpv6() ? "::1" : "127.0.0.1"));
}

}  // namespace
}  // namespace docspace::gateway::testkit
