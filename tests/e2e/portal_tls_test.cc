// A portal with HTTPS, and servers that only claim to be that portal.
#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/error_matchers.h"

namespace docspace::gateway::testkit {
namespace {

class PortalTlsTest : public EndToEndTest {
 protected:
  ~PortalTlsTest() override {
    std::remove(certificate_.c_str());
    std::remove(key_.c_str());
  }

  virtual Certificate PortalsCertificate() { return authority_.Issue("127.0.0.1"); }

  emulator::EmulatorOptions PortalOptions() override {
    const Certificate certificate = PortalsCertificate();
    std::ofstream(certificate_) << certificate.CertificatePem();
    std::ofstream(key_) << certificate.KeyPem();
    return {.http = {.tls_certificate = certificate_, .tls_key = key_}};
  }

  void Configure(Config& config) override {
    EXPECT_TRUE(config.portal.origin.tls);
    config.portal.certificates.ca_file = authority_.file();
  }

  void ExpectUnreachable() {
    for (const Rpc rpc : kRpcs) {
      const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
      EXPECT_THAT(outcome, IsError(grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
    }
    EXPECT_EQ(portal().request_count(), 0U);
  }

  CertificateAuthority authority_;

 private:
  const std::string certificate_ = ::testing::TempDir() + "/portal_certificate.pem";
  const std::string key_ = ::testing::TempDir() + "/portal_key.pem";
};

TEST_F(PortalTlsTest, AnswersTheSixRpcs) {
  for (const Rpc rpc : kRpcs) {
    const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
    EXPECT_TRUE(outcome.ok()) << outcome;
  }
  EXPECT_EQ(portal().request_count(), 6U);
}

class WrongHostTest : public PortalTlsTest {
  Certificate PortalsCertificate() override { return authority_.Issue("other.example"); }
};

TEST_F(WrongHostTest, GetsNoCredential) { ExpectUnreachable(); }

class ExpiredCertificateTest : public PortalTlsTest {
  Certificate PortalsCertificate() override { return authority_.IssueExpired("127.0.0.1"); }
};

TEST_F(ExpiredCertificateTest, GetsNoCredential) { ExpectUnreachable(); }

TEST_F(ExpiredCertificateTest, G17_TheLogSaysWhy) {
  Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  gateway().Stop();
  EXPECT_EQ(gateway().log().RpcLines().at(0).at("failure"),
            "the TLS handshake failed: certificate has expired");
}

class UnknownAuthorityTest : public PortalTlsTest {
  Certificate PortalsCertificate() override { return CertificateAuthority().Issue("127.0.0.1"); }
};

TEST_F(UnknownAuthorityTest, GetsNoCredential) { ExpectUnreachable(); }

class PlainPortalTest : public EndToEndTest {
  void Configure(Config& config) override { config.portal.origin.tls = true; }
};

TEST_F(PlainPortalTest, ThatShouldSpeakTlsGetsNoCredential) {
  const CallResult outcome = Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(portal().request_count(), 0U);
}

}  // namespace
}  // namespace docspace::gateway::testkit
