// The authorities that the gateway trusts and the certificate that it presents to the portal,
// replaced at run time.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/testkit/call_result.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::v1::ApiKeys;

class PortalCertificatesTest : public ::testing::Test {
 protected:
  PortalCertificatesTest() {
    // Each call uses a new connection.
    upstream_.Always(Script().ReadRequest().Send(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 15\r\n\r\n"
        "{\"response\":[]}"));
    config_ = TestConfig("https://127.0.0.1:" + std::to_string(upstream_.port()));
    config_.portal.certificates.ca_file = trusted_.path();
    config_.tls.refresh = std::chrono::milliseconds(5);
  }

  void Serve() {
    gateway_.emplace(config_);
    stub_ = ApiKeys::NewStub(gateway_->NewChannel());
  }

  CallResult Call() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    context.AddMetadata("apikeybearer", "sk-1");
    apikeys::v1::GetApiKeysResponse response;
    const grpc::Status status = stub_->GetApiKeys(&context, {}, &response);
    return CallResultOf(status, context);
  }

  std::string LastShown() { return upstream_.client_certificate(upstream_.connections() - 1); }

  const CertificateAuthority authority_;
  const CertificateAuthority other_;
  TemporaryFile trusted_{authority_.Pem()};
  ScriptedUpstream upstream_{authority_.Issue("127.0.0.1")};
  Config config_;
  std::optional<GatewayUnderTest> gateway_;
  std::unique_ptr<ApiKeys::Stub> stub_;
};

TEST_F(PortalCertificatesTest, S5_AuthoritiesThatAreReplacedAreThoseOfNewConnections) {
  trusted_.Replace(other_.Pem());
  Serve();
  EXPECT_THAT(Call(), IsError(grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
  trusted_.Replace(authority_.Pem());
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
  EXPECT_TRUE(gateway_->log().WaitFor("new connections use --portal-ca-file"));
  const CallResult outcome = Call();
  EXPECT_TRUE(outcome.ok()) << outcome;
}

TEST_F(PortalCertificatesTest, S5_AuthoritiesThatAreTakenBackAreTrustedNoMore) {
  Serve();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Call().ok());
  trusted_.Replace(other_.Pem());
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
  EXPECT_THAT(Call(), IsError(grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
  EXPECT_EQ(upstream_.requests(), 4U);
}

TEST_F(PortalCertificatesTest, S5_RubbishKeepsTheOldAuthoritiesAndIsLogged) {
  Serve();
  trusted_.Replace("rubbish");
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_rejected"));
  EXPECT_TRUE(gateway_->log().WaitFor("--portal-ca-file names a file"));
  for (int i = 0; i < 4; ++i) {
    const CallResult outcome = Call();
    EXPECT_TRUE(outcome.ok()) << outcome;
  }
}

class OwnCertificateTest : public PortalCertificatesTest {
 protected:
  OwnCertificateTest() {
    config_.portal.certificates.certificate_file = chain_.path();
    config_.portal.certificates.private_key_file = key_.path();
    Serve();
    EXPECT_TRUE(Call().ok());
    EXPECT_EQ(LastShown(), old_.CertificatePem());
  }

  const Certificate old_ = other_.Issue("gateway.example");
  const Certificate new_ = other_.Issue("gateway.example");
  TemporaryFile chain_{old_.CertificatePem()};
  TemporaryFile key_{old_.KeyPem()};
};

TEST_F(OwnCertificateTest, S5_ThatIsReplacedIsShownOnNewConnections) {
  key_.Replace(new_.KeyPem());
  chain_.Replace(new_.CertificatePem());
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
  // The calls use both event loops in turn.
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(Call().ok());
    EXPECT_EQ(LastShown(), new_.CertificatePem());
  }
}

TEST_F(OwnCertificateTest, S5_RubbishOrAnotherKeyKeepsTheOldOneAndIsLogged) {
  chain_.Replace(new_.CertificatePem());
  ASSERT_TRUE(gateway_->log().WaitFor("--portal-private-key-file does not go with"));
  EXPECT_TRUE(Call().ok());
  EXPECT_EQ(LastShown(), old_.CertificatePem());
  chain_.Replace("rubbish");
  ASSERT_TRUE(gateway_->log().WaitFor("--portal-certificate-file names a file"));
  EXPECT_TRUE(Call().ok());
  EXPECT_EQ(LastShown(), old_.CertificatePem());
}

TEST_F(OwnCertificateTest, S5_ReplacingThemAgainAndAgainFailsNoCall) {
  constexpr int kCallers = 4;
#ifdef DOCSPACE_SANITIZER
  constexpr int kCalls = 25;
#else
  constexpr int kCalls = 100;
#endif
  std::atomic<int> served = 0;
  std::atomic<int> calling = kCallers;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&] {
        for (int call = 0; call < kCalls; ++call) served += Call().ok() ? 1 : 0;
        --calling;
      });
    }
    for (bool newer = true; calling > 0; newer = !newer) {
      const Certificate& next = newer ? new_ : old_;
      chain_.Replace(next.CertificatePem());
      key_.Replace(next.KeyPem());
      trusted_.Replace(newer ? authority_.Pem() + other_.Pem() : authority_.Pem());
    }
  }
  EXPECT_EQ(served, kCallers * kCalls);
  // The gateway may have found no matching pair until now, or only the old one.
  chain_.Replace(new_.CertificatePem());
  key_.Replace(new_.KeyPem());
  EXPECT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
}

}  // namespace
}  // namespace docspace::gateway::testkit
