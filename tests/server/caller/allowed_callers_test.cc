#include "server/caller/allowed_callers.h"

#include <gmock/gmock.h>
#include <grpc/grpc_security_constants.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/docspace/status_details.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway {
namespace {

using ::testing::HasSubstr;
using testkit::CertificateAuthority;
using namespace std::chrono_literals;

// The AuthContext that gRPC provides for a caller that presented `pem`, or no certificate.
class Shown final : public grpc::AuthContext {
 public:
  explicit Shown(std::string pem, bool is_verified = true)
      : pem_(std::move(pem)), is_verified_(is_verified) {}

  bool IsPeerAuthenticated() const override { return is_verified_ && !pem_.empty(); }
  std::vector<grpc::string_ref> FindPropertyValues(const std::string& name) const override {
    if (name != GRPC_X509_PEM_CERT_PROPERTY_NAME || pem_.empty()) return {};
    return {grpc::string_ref(pem_)};
  }
  std::vector<grpc::string_ref> GetPeerIdentity() const override { return {}; }
  std::string GetPeerIdentityPropertyName() const override { return ""; }
  grpc::AuthPropertyIterator begin() const override { return end(); }
  grpc::AuthPropertyIterator end() const override { return End(); }
  void AddProperty(const std::string&, const grpc::string_ref&) override {}
  bool SetPeerIdentityPropertyName(const std::string&) override { return false; }

 private:
  // gRPC's class can be constructed by derived classes only.
  struct End : grpc::AuthPropertyIterator {};

  const std::string pem_;
  const bool is_verified_;
};

class AllowedCallersTest : public ::testing::Test {
 protected:
  bool Allows(const std::string& names) const {
    const absl::Status verdict =
        allowed_.Authorize(Shown(authority_.IssueFor(names).CertificatePem()));
    if (!verdict.ok()) {
      EXPECT_EQ(ReasonOf(verdict), "CALLER_NOT_ALLOWED");
    }
    return verdict.ok();
  }

  const CertificateAuthority authority_;
  const AllowedCallers allowed_{
      {"spiffe://example.org/team/*", "spiffe://example.org/nightly", "reports.example"}};
};

TEST_F(AllowedCallersTest, TakesAnAllowedNameAmongOthers) {
  EXPECT_TRUE(Allows("URI:spiffe://example.org/team/a"));
  EXPECT_TRUE(Allows("URI:spiffe://example.org/nightly,DNS:any.example"));
  EXPECT_TRUE(Allows("DNS:any.example,DNS:Reports.Example"));
  EXPECT_FALSE(Allows("URI:spiffe://example.org/other"));
  EXPECT_FALSE(Allows("DNS:any.example"));
}

TEST_F(AllowedCallersTest, G25_ANameOfAnotherKindCountsForNothing) {
  EXPECT_FALSE(Allows("DNS:spiffe://example.org/nightly"));
  EXPECT_FALSE(Allows("email:spiffe://example.org/nightly"));
  EXPECT_FALSE(Allows("email:reports.example"));
  EXPECT_FALSE(Allows("URI:reports.example"));
  EXPECT_FALSE(Allows("otherName:1.2.3.4;UTF8:spiffe://example.org/nightly"));
}

TEST_F(AllowedCallersTest, G25_ASpiffeIdIsTheOnlyUriAndNeedsNoInterpretation) {
  EXPECT_FALSE(Allows("URI:spiffe://example.org/nightly,URI:spiffe://example.org/other"));
  EXPECT_FALSE(Allows("URI:spiffe://example.org/nightly,URI:https://example.org/"));
  for (const char* path : {"team/../admin", "team/%2e%2e%2fadmin", "team/./a", "team//a", "team/",
                           "team/a/", "team/a%2Fb", "team/a?b", "team/a#b"}) {
    EXPECT_FALSE(Allows("URI:spiffe://example.org/" + std::string(path))) << path;
  }
}

TEST_F(AllowedCallersTest, G25_ACertificateIsJudgedByTheTimeOfTheCall) {
  const Shown caller(authority_.IssueFor("DNS:reports.example", 60s).CertificatePem());
  const auto now = std::chrono::system_clock::now();
  // The verdict is made for each call, whether gRPC has verified the certificate again or has
  // resumed a session.
  EXPECT_TRUE(allowed_.Authorize(caller, now).ok());
  EXPECT_TRUE(allowed_.Authorize(caller, now + 30s).ok());
  const absl::Status late = allowed_.Authorize(caller, now + 61s);
  EXPECT_EQ(late.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(late.message()), HasSubstr("expired"));
  EXPECT_FALSE(allowed_.Authorize(caller, now - 2h).ok());
  EXPECT_TRUE(allowed_.Authorize(caller, now).ok());
}

TEST_F(AllowedCallersTest, G25_TheTimeIsJudgedWhereEveryoneMayCallToo) {
  const AllowedCallers everyone({}, /*asks_for_certificates=*/true);
  const Shown caller(authority_.IssueFor("DNS:any.example", 60s).CertificatePem());
  const auto now = std::chrono::system_clock::now();
  EXPECT_TRUE(everyone.Authorize(Shown(""), now).ok());
  EXPECT_TRUE(everyone.Authorize(caller, now).ok());
  EXPECT_FALSE(everyone.Authorize(caller, now + 61s).ok());
  EXPECT_TRUE(AllowedCallers({}, /*asks_for_certificates=*/false).everyone());
}

class RevokedCallersTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const Certificates> With(const CertificateAuthority& authority,
                                                  const std::string& lists) {
    const testkit::TemporaryFile file(lists);
    CertificateFiles files;
    files.ca_file = authority.file();
    files.revocation_file = file.path();
    return std::make_shared<const Certificates>(Certificates::Read(files).value());
  }

  const CertificateAuthority authority_;
  const testkit::Certificate certificate_ = authority_.Issue("reports.example");
  const Shown caller_{certificate_.CertificatePem()};
  std::shared_ptr<const Certificates> newest_ = With(authority_, authority_.RevocationList({}, 1h));
  const AllowedCallers allowed_{{}, /*asks_for_certificates=*/true, [this] { return newest_; }};
};

TEST_F(RevokedCallersTest, G25_AListThatReplacesAnotherCountsAtOnce) {
  const auto now = std::chrono::system_clock::now();
  EXPECT_TRUE(allowed_.Authorize(caller_, now).ok());
  newest_ = With(authority_, authority_.RevocationList({certificate_}));
  const absl::Status refused = allowed_.Authorize(caller_, now);
  EXPECT_EQ(ReasonOf(refused), "CALLER_NOT_ALLOWED");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("has been revoked"));
  newest_ = With(authority_, authority_.RevocationList({}));
  EXPECT_TRUE(allowed_.Authorize(caller_, now).ok());
}

TEST_F(RevokedCallersTest, G25_AListThatExpiresMeanwhileRefusesItsCallers) {
  const auto now = std::chrono::system_clock::now();
  EXPECT_TRUE(allowed_.Authorize(caller_, now).ok());
  EXPECT_TRUE(allowed_.Authorize(caller_, now + 59min).ok());
  EXPECT_THAT(std::string(allowed_.Authorize(caller_, now + 61min).message()),
              HasSubstr("CRL has expired"));
  EXPECT_TRUE(allowed_.Authorize(caller_, now).ok());
}

TEST_F(AllowedCallersTest, WithoutACertificateThatIsVerifiedNobodyIsAllowed) {
  EXPECT_FALSE(allowed_.Authorize(Shown("")).ok());
  const std::string pem = authority_.IssueFor("DNS:reports.example").CertificatePem();
  EXPECT_FALSE(allowed_.Authorize(Shown(pem, /*is_verified=*/false)).ok());
  EXPECT_FALSE(allowed_.Authorize(Shown("-----BEGIN CERTIFICATE-----\nAAAA\n")).ok());
  EXPECT_FALSE(allowed_.Authorize(Shown(pem.substr(0, pem.size() / 2))).ok());
}

TEST_F(AllowedCallersTest, AnAuthorityIsNoSpiffeCaller) {
  const std::string pem =
      authority_.IssueFor("URI:spiffe://example.org/nightly", 24h, /*is_authority=*/true)
          .CertificatePem();
  EXPECT_FALSE(allowed_.Authorize(Shown(pem)).ok());
}

TEST_F(AllowedCallersTest, ForgetsVerdictsInTimeAndJudgesAnew) {
  const Shown caller(authority_.IssueFor("DNS:reports.example").CertificatePem());
  EXPECT_TRUE(allowed_.Authorize(caller).ok());
  for (int i = 0; i < 3000; ++i) {
    EXPECT_FALSE(allowed_.Authorize(Shown("none " + std::to_string(i))).ok());
  }
  EXPECT_TRUE(allowed_.Authorize(caller).ok());
}

}  // namespace
}  // namespace docspace::gateway
