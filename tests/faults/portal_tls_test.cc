// Whom the gateway takes for the portal under TLS: row R24 of the fault matrix.
#include <gmock/gmock.h>

#include <optional>
#include <string>

#include "tests/faults/fault_test.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/loopback.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::HasSubstr;

// The portal is https://portal.example, wherever that resolves to.
class PortalTlsTest : public GatewayFixture {
 protected:
  // Called before the portal starts: sets what it shows and what the gateway trusts.
  virtual void Choose() = 0;
  // As the operator writes it.
  virtual std::string Host() { return "portal.example"; }

  std::string StartPortal() override {
    Choose();
    portal_.emplace(*shown_);
    for (const Rpc rpc : kRpcs) portal_->Next(ServeAndClose(rpc));
    return "https://" + Host() + ":" + std::to_string(portal_->port());
  }
  void Configure(Config& config) override {
    config.threads = 1;
    config.portal.client.max_backoff = std::chrono::milliseconds(2);
    config.portal.connect.circuit_breaker.failures = 0;
    trusted_file_.emplace(trusted_);
    config.portal.certificates.ca_file = trusted_file_->path();
  }
  http::Resolve Resolver() override { return ResolveTo(At({portal_->port()})); }

  void Show(const Certificate& certificate) { shown_ = certificate; }
  void Trust(const std::string& pem) { trusted_ = pem; }

  void ExpectAnswers() {
    for (const Rpc rpc : kRpcs) {
      SCOPED_TRACE(RouteOf(rpc).name);
      const auto answer = Call(rpc, Credential());
      EXPECT_TRUE(answer.ok()) << answer;
      EXPECT_EQ(answer.response, Meaning(rpc, PortalJson(rpc)));
    }
    const std::string port = std::to_string(portal_->port());
    EXPECT_THAT(portal_->received(0), HasSubstr("\r\nHost: portal.example:" + port + "\r\n"));
  }

  // That nothing is sent, and that caller and log learn `why`.
  void ExpectRefusal(const std::string& why) {
    for (const Rpc rpc : kRpcs) {
      SCOPED_TRACE(RouteOf(rpc).name);
      const auto answer = Call(rpc, Credential());
      EXPECT_THAT(answer, IsError(grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
      EXPECT_THAT(answer.status.error_message(), HasSubstr(why));
    }
    EXPECT_EQ(portal_->requests(), 0U);
    gateway().Stop();
    const auto lines = gateway().log().RpcLines();
    EXPECT_EQ(lines.size(), std::size(kRpcs));
    for (const auto& line : lines) {
      ASSERT_TRUE(line.contains("failure"));
      EXPECT_THAT(std::string(line.at("failure").as_string()), HasSubstr(why));
    }
  }

  Metadata Credential() {
    const std::string key = "sk-" + std::string(64, '7');
    ForbidInOutput(key);
    return {{"apikeybearer", key}};
  }

  const CertificateAuthority authority_;
  std::optional<ScriptedUpstream> portal_;

 private:
  std::optional<Certificate> shown_;
  std::string trusted_;
  std::optional<TemporaryFile> trusted_file_;
};

class FinalDotTest : public PortalTlsTest {
  std::string Host() override { return "portal.example."; }
  void Choose() override {
    Show(authority_.Issue("portal.example"));
    Trust(authority_.Pem());
  }
};

TEST_F(FinalDotTest, R24_APortalsNameMayEndInADot) { ExpectAnswers(); }

class IntermediateTest : public PortalTlsTest {
  void Choose() override {
    const Certificate intermediate = authority_.IssueIntermediate();
    Show(CertificateAuthority::IssueBelow(intermediate, "portal.example"));
    Trust(intermediate.CertificatePem());
  }
};

TEST_F(IntermediateTest, R24_AnIntermediateMayBeTheOnlyTrustAnchor) { ExpectAnswers(); }

class LeafTest : public PortalTlsTest {
  void Choose() override {
    const Certificate portal = authority_.Issue("portal.example");
    Show(portal);
    Trust(portal.CertificatePem());
  }
};

TEST_F(LeafTest, R24_ThePortalsOwnCertificateMayBeTheOnlyTrustAnchor) { ExpectAnswers(); }

class ForeignTest : public PortalTlsTest {
  void Choose() override {
    Show(CertificateAuthority().Issue("portal.example"));
    Trust(authority_.Pem());
  }
};

TEST_F(ForeignTest, R24_ACertificateOfAnotherAuthorityIsRefused) {
  // The authority has the name of the one that is trusted.
  ExpectRefusal("certificate signature failure");
}

class BesideTheAnchorTest : public PortalTlsTest {
  void Choose() override {
    Show(authority_.Issue("portal.example"));
    Trust(authority_.Issue("portal.example").CertificatePem());
  }
};

TEST_F(BesideTheAnchorTest, R24_AnAnchorVouchesForNoCertificateBesideIt) {
  ExpectRefusal("unable to get local issuer certificate");
}

class ExpiredTest : public PortalTlsTest {
  void Choose() override {
    Show(authority_.IssueExpired("portal.example"));
    Trust(authority_.Pem());
  }
};

TEST_F(ExpiredTest, R24_AnExpiredCertificateIsRefused) { ExpectRefusal("certificate has expired"); }

class ExpiredLeafTest : public PortalTlsTest {
  void Choose() override {
    const Certificate portal = authority_.IssueExpired("portal.example");
    Show(portal);
    Trust(portal.CertificatePem());
  }
};

TEST_F(ExpiredLeafTest, R24_AnExpiredCertificateIsRefusedEvenIfItIsTrusted) {
  ExpectRefusal("certificate has expired");
}

class OtherNameTest : public PortalTlsTest {
  void Choose() override {
    Show(authority_.Issue("other.example"));
    Trust(authority_.Pem());
  }
};

TEST_F(OtherNameTest, R24_ACertificateOfAnotherNameIsRefused) {
  ExpectRefusal("hostname mismatch");
}

class CommonNameTest : public PortalTlsTest {
  void Choose() override {
    Show(authority_.IssueByCommonName("portal.example"));
    Trust(authority_.Pem());
  }
};

TEST_F(CommonNameTest, R24_ACommonNameIsNoName) { ExpectRefusal("hostname mismatch"); }

// It reads the handshake's first message, which it cannot answer.
class ServerNameTest : public FaultTest {
 protected:
  void Configure(Config& config) override {
    FaultTest::Configure(config);
    config.portal.origin.tls = true;
    config.portal.origin.host = "portal.example.";
  }
  http::Resolve Resolver() override { return ResolveTo(At({portal().port()})); }
};

TEST_F(ServerNameTest, R24_TheServerNameHasNoFinalDot) {
  portal().Always(Script());
  const auto call = Start(Rpc::kGetApiKeys);
  ASSERT_TRUE(portal().WaitForOctets(0, "portal.example"));
  EXPECT_THAT(portal().received(0), ::testing::Not(HasSubstr("portal.example.")));
}

}  // namespace
}  // namespace docspace::gateway::testkit
