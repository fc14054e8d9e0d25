#include "server/tls/revocation_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/testkit/certificates.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using std::chrono::system_clock;

class RevocationListsTest : public ::testing::Test {
 protected:
  // Returns the lists, of which the authorities are those of the files below each other.
  static std::shared_ptr<const RevocationLists> Read(const std::string& authorities,
                                                     const std::string& lists) {
    auto read = RevocationLists::Read(authorities, lists);
    EXPECT_TRUE(read.ok()) << read.status();
    return *read;
  }
  static std::string Complaint(const std::string& authorities, const std::string& lists) {
    return std::string(RevocationLists::Read(authorities, lists).status().message());
  }

  const CertificateAuthority authority_;
  const Certificate revoked_ = authority_.Issue("a.example");
  const Certificate other_ = authority_.Issue("b.example");
};

TEST_F(RevocationListsTest, RefuseTheCertificatesOnTheListAndNoOthers) {
  const auto lists = Read(authority_.Pem(), authority_.RevocationList({revoked_}));
  EXPECT_EQ(lists->ProblemOf(revoked_.CertificatePem(), system_clock::now()), "has been revoked");
  EXPECT_EQ(lists->ProblemOf(other_.CertificatePem(), system_clock::now()), "");
  EXPECT_EQ(lists->ProblemOf("rubbish", system_clock::now()), "cannot be read");
}

TEST_F(RevocationListsTest, RefuseEveryoneWhenTheListHasExpired) {
  const auto lists = Read(authority_.Pem(), authority_.RevocationList({revoked_}, 1h));
  const auto now = system_clock::now();
  EXPECT_EQ(lists->ProblemOf(other_.CertificatePem(), now + 59min), "");
  EXPECT_THAT(lists->ProblemOf(other_.CertificatePem(), now + 61min), HasSubstr("CRL has expired"));
  EXPECT_THAT(lists->ProblemOf(other_.CertificatePem(), now - 61min),
              HasSubstr("CRL is not yet valid"));
}

TEST_F(RevocationListsTest, RefuseTheCallersOfAnAuthorityWithoutAList) {
  const CertificateAuthority second;
  const Certificate intermediate = authority_.IssueIntermediate("Second");
  const auto lists =
      Read(authority_.Pem() + intermediate.CertificatePem(), authority_.RevocationList({}));
  EXPECT_THAT(lists->authorities_without_list(), ElementsAre("CN=Second"));
  const Certificate below = CertificateAuthority::IssueBelow(intermediate, "a.example");
  EXPECT_THAT(lists->ProblemOf(below.CertificatePem(), system_clock::now()),
              HasSubstr("unable to get certificate CRL"));
  EXPECT_THAT(lists->ProblemOf(second.Issue("a.example").CertificatePem(), system_clock::now()),
              HasSubstr("cannot be checked for revocation"));
}

TEST_F(RevocationListsTest, ReadSeveralListsOfOneFile) {
  const Certificate intermediate = authority_.IssueIntermediate("Second");
  const Certificate revoked = CertificateAuthority::IssueBelow(intermediate, "a.example");
  const Certificate other = CertificateAuthority::IssueBelow(intermediate, "a.example");
  const auto lists = Read(authority_.Pem() + intermediate.CertificatePem(),
                          "Some text.\n" + authority_.RevocationList({revoked_}) + "\n" +
                              CertificateAuthority::RevocationListOf(intermediate, {revoked}));
  EXPECT_EQ(lists->ProblemOf(revoked.CertificatePem(), system_clock::now()), "has been revoked");
  EXPECT_EQ(lists->ProblemOf(other.CertificatePem(), system_clock::now()), "");
  EXPECT_EQ(lists->ProblemOf(revoked_.CertificatePem(), system_clock::now()), "has been revoked");
  EXPECT_THAT(lists->authorities_without_list(), ElementsAre());
}

TEST_F(RevocationListsTest, RefuseTheCallersOfAnAuthorityThatIsRevokedItself) {
  const Certificate intermediate = authority_.IssueIntermediate("Second");
  const Certificate below = CertificateAuthority::IssueBelow(intermediate, "a.example");
  const auto lists = Read(authority_.Pem() + intermediate.CertificatePem(),
                          authority_.RevocationList({intermediate}) +
                              CertificateAuthority::RevocationListOf(intermediate, {}));
  EXPECT_EQ(lists->ProblemOf(below.CertificatePem(), system_clock::now()),
            "was issued by an authority that has been revoked");
  EXPECT_EQ(lists->ProblemOf(other_.CertificatePem(), system_clock::now()), "");
}

TEST_F(RevocationListsTest, TheNewestListOfAnAuthorityCounts) {
  const auto lists = Read(authority_.Pem(), authority_.RevocationList({}, 1h, 10h) +
                                                authority_.RevocationList({revoked_}, 2h, 1h));
  EXPECT_EQ(lists->ProblemOf(revoked_.CertificatePem(), system_clock::now()), "has been revoked");
  ASSERT_EQ(lists->periods().size(), 1U);
  EXPECT_GT(lists->FirstExpiry(), system_clock::now() + 90min);
}

TEST_F(RevocationListsTest, RefuseAListThatNoAuthorityHasSigned) {
  // Both authorities have the same name, and other keys.
  const CertificateAuthority forger;
  EXPECT_EQ(Complaint(authority_.Pem(), forger.RevocationList({})),
            "has a list of CN=Root of the tests that no authority of callers has signed");
  EXPECT_NE(Complaint(authority_.Pem(), authority_.RevocationList({}) + forger.RevocationList({})),
            "");
  EXPECT_NE(Complaint("", authority_.RevocationList({})), "");
}

TEST_F(RevocationListsTest, RefuseATextWithoutAListOrWithABrokenOne) {
  const std::string list = authority_.RevocationList({revoked_});
  EXPECT_THAT(Complaint(authority_.Pem(), ""), HasSubstr("without a revocation list"));
  EXPECT_THAT(Complaint(authority_.Pem(), authority_.Pem()),
              HasSubstr("without a revocation list"));
  const std::string broken = "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n";
  for (const std::string& text : {list + broken, broken + list, list.substr(0, list.size() / 2),
                                  list + list.substr(0, list.size() - 10)}) {
    EXPECT_THAT(Complaint(authority_.Pem(), text), HasSubstr("broken revocation list")) << text;
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
