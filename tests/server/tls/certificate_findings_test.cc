#include "server/tls/certificate_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/testkit/certificates.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class CertificateFindingsTest : public ::testing::Test {
 protected:
  // Returns each finding in the form "wrong: …" or "soon: …".
  std::vector<std::string> Examine(const Certificate& certificate,
                                   const std::string& issuers = "") {
    const TemporaryFile chain(certificate.CertificatePem() + issuers);
    const TemporaryFile key(certificate.KeyPem(), mode_);
    files_.certificate_file = chain.path();
    files_.private_key_file = key.path();
    std::vector<std::string> texts;
    for (const CertificateFinding& finding : ExamineCertificates(
             files_, Certificates::Read(files_).value(), std::chrono::system_clock::now())) {
      texts.push_back((finding.is_wrong ? "wrong: " : "soon: ") + finding.what);
    }
    return texts;
  }

  const CertificateAuthority authority_;
  const Certificate sound_ = authority_.IssueFor("DNS:a.example,DNS:*.b.example,IP:10.0.0.1", 720h);
  CertificateFiles files_{.ca_setting = "--caller-tls-client-ca-file",
                          .certificate_setting = "--caller-tls-certificate-file",
                          .private_key_setting = "--caller-tls-private-key-file",
                          .is_server = true};
  mode_t mode_ = 0440;
};

TEST_F(CertificateFindingsTest, FindsNothingWrongWithASoundCertificate) {
  files_.names = {"a.example", "x.b.example", "10.0.0.1"};
  EXPECT_THAT(Examine(sound_), IsEmpty());
}

TEST_F(CertificateFindingsTest, FindsAChainInTheWrongOrder) {
  const Certificate upper = authority_.IssueIntermediate("Upper");
  const Certificate lower = authority_.IssueIntermediate("Lower");
  const Certificate leaf = CertificateAuthority::IssueBelow(lower, "a.example");
  EXPECT_THAT(Examine(leaf, lower.CertificatePem() + authority_.Pem()), IsEmpty());
  EXPECT_THAT(
      Examine(leaf, upper.CertificatePem() + lower.CertificatePem()),
      ElementsAre("wrong: --caller-tls-certificate-file has its certificates in the wrong order: "
                  "number 1, of CN=a.example, is not issued by the next, of CN=Upper"));
}

TEST_F(CertificateFindingsTest, FindsRevocationListsThatAreOverOrSoonWillBe) {
  files_.ca_file = authority_.file();
  files_.revocation_setting = "--caller-tls-client-crl-file";
  const auto examine = [this](std::chrono::seconds lifetime, std::chrono::seconds age) {
    const TemporaryFile lists(authority_.RevocationList({}, lifetime, age));
    files_.revocation_file = lists.path();
    return Examine(sound_);
  };
  EXPECT_THAT(examine(1h, 1h), IsEmpty());
  EXPECT_THAT(examine(1h, 4h),
              ElementsAre(HasSubstr("soon: --caller-tls-client-crl-file has a list of "
                                    "CN=Root of the tests that expires soon: 20")));
  EXPECT_THAT(examine(-1h, 4h), ElementsAre(HasSubstr("that has expired: 20")));
  EXPECT_THAT(examine(2h, -1h), ElementsAre(HasSubstr("that is not valid before 20")));
}

TEST_F(CertificateFindingsTest, FindsAnAuthorityWithoutARevocationList) {
  const Certificate second = authority_.IssueIntermediate("Second");
  const TemporaryFile both(authority_.Pem() + second.CertificatePem());
  const TemporaryFile lists(authority_.RevocationList({}));
  files_.ca_file = both.path();
  files_.revocation_setting = "--caller-tls-client-crl-file";
  files_.revocation_file = lists.path();
  EXPECT_THAT(Examine(sound_), ElementsAre(HasSubstr("has no list of CN=Second")));
}

TEST_F(CertificateFindingsTest, FindsTimesThatAreOverOrSoonWillBe) {
  EXPECT_THAT(Examine(authority_.IssueExpired("a.example")),
              ElementsAre(AllOf(HasSubstr("wrong: --caller-tls-certificate-file has expired: 20"),
                                HasSubstr(" UTC"))));
  EXPECT_THAT(Examine(authority_.IssueFor("DNS:a.example", 167h)),
              ElementsAre(HasSubstr("soon: --caller-tls-certificate-file expires soon: 20")));
  EXPECT_THAT(Examine(authority_.IssueFor("DNS:a.example", 169h)), IsEmpty());
  EXPECT_THAT(
      Examine(sound_, authority_.IssueExpired("issuer.example").CertificatePem()),
      Contains(HasSubstr("wrong: --caller-tls-certificate-file an issuer of it has expired")));
}

TEST_F(CertificateFindingsTest, FindsACertificateForOtherNames) {
  files_.names = {"a.example", "b.example", "10.0.0.2"};
  EXPECT_THAT(Examine(sound_),
              ElementsAre("wrong: --caller-tls-certificate-file is not for the name b.example",
                          "wrong: --caller-tls-certificate-file is not for the name 10.0.0.2"));
  // The certificate's common name does not count as one of its names.
  files_.names = {"nobody"};
  EXPECT_THAT(Examine(sound_), ElementsAre(HasSubstr("is not for the name nobody")));
}

TEST_F(CertificateFindingsTest, FindsAKeyThatOthersCanReadOrWrite) {
  for (const mode_t mode : {0400U, 0600U, 0440U, 0640U}) {
    mode_ = mode;
    EXPECT_THAT(Examine(sound_), IsEmpty()) << mode;
  }
  mode_ = 0644;
  EXPECT_THAT(Examine(sound_),
              ElementsAre("wrong: --caller-tls-private-key-file can be read by everyone"));
  for (const mode_t mode : {0660U, 0602U}) {
    mode_ = mode;
    EXPECT_THAT(
        Examine(sound_),
        ElementsAre("wrong: --caller-tls-private-key-file can be written by others than its owner"))
        << mode;
  }
}

TEST_F(CertificateFindingsTest, FindsNothingWhereThereIsNoCertificate) {
  EXPECT_THAT(ExamineCertificates(files_, Certificates(), std::chrono::system_clock::now()),
              IsEmpty());
}

}  // namespace
}  // namespace docspace::gateway::testkit
