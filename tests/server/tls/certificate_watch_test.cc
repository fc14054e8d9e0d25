#include "server/tls/certificate_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/temporary_file.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testkit::Certificate;
using testkit::CertificateAuthority;
using testkit::KeptLog;
using testkit::TemporaryFile;
using testkit::WaitUntil;

class CertificateWatchTest : public ::testing::Test {
 protected:
  std::unique_ptr<CertificateWatch> Start() {
    return CertificateWatch::Start(files_, milliseconds(1), log_.logger()).value();
  }

  long Events(std::string_view event) const {
    const auto lines = log_.Lines();
    return std::count_if(lines.begin(), lines.end(), [event](const std::string& line) {
      return line.find(event) != std::string::npos;
    });
  }
  bool WaitForLoads(long count) const {
    return WaitUntil([&] { return Events("certificates_loaded") >= count; });
  }
  bool WaitForRejections(long count) const {
    return WaitUntil([&] { return Events("certificates_rejected") >= count; });
  }

  const CertificateAuthority authority_;
  const Certificate old_ = authority_.Issue("localhost");
  const Certificate new_ = authority_.Issue("localhost");
  TemporaryFile chain_{old_.CertificatePem()};
  TemporaryFile key_{old_.KeyPem()};
  const CertificateFiles files_{.ca_setting = "--ca",
                                .certificate_setting = "--chain",
                                .private_key_setting = "--key",
                                .ca_file = authority_.file(),
                                .certificate_file = chain_.path(),
                                .private_key_file = key_.path()};
  KeptLog log_;
};

TEST_F(CertificateWatchTest, BeginsWithWhatIsThere) {
  EXPECT_EQ(Start()->newest()->chain(), old_.CertificatePem());
  EXPECT_THAT(log_.Lines(), IsEmpty());
}

TEST_F(CertificateWatchTest, DoesNotBeginWithWhatCannotBeUsed) {
  key_.Replace(new_.KeyPem());
  const auto watch = CertificateWatch::Start(files_, milliseconds(1), log_.logger());
  EXPECT_EQ(watch.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(watch.status().message(),
            "--key does not go with --chain, whose first certificate is of CN=localhost");
}

TEST_F(CertificateWatchTest, S5_TakesWhatReplacesIt) {
  const auto watch = Start();
  key_.Replace(new_.KeyPem());
  chain_.Replace(new_.CertificatePem());
  ASSERT_TRUE(WaitForLoads(1));
  EXPECT_EQ(watch->newest()->chain(), new_.CertificatePem());
  EXPECT_EQ(watch->newest()->private_key().Reveal(), new_.KeyPem());
  EXPECT_TRUE(log_.WaitFor(
      R"("level":"info","event":"certificates_loaded","message":"new connections use --ca, --chain, --key")"));
  EXPECT_EQ(Events("certificates_loaded"), 1);
}

TEST_F(CertificateWatchTest, S5_KeepsTheOldOnesForRubbishAndSaysSoOnce) {
  const auto watch = Start();
  const auto before = watch->newest();
  chain_.Replace("rubbish");
  ASSERT_TRUE(WaitForRejections(1));
  EXPECT_TRUE(log_.WaitFor(R"("level":"warning","event":"certificates_rejected")"));
  EXPECT_TRUE(log_.WaitFor("--chain names a file that cannot be used"));
  // A different reason is logged, which shows that the first one was not logged again before it.
  chain_.Replace(new_.CertificatePem());
  ASSERT_TRUE(WaitForRejections(2));
  EXPECT_TRUE(log_.WaitFor("--key does not go with --chain"));
  EXPECT_EQ(Events("certificates_rejected"), 2);
  EXPECT_EQ(watch->newest(), before);

  key_.Replace(new_.KeyPem());
  ASSERT_TRUE(WaitForLoads(1));
  EXPECT_EQ(watch->newest()->chain(), new_.CertificatePem());
  chain_.Replace("rubbish");
  EXPECT_TRUE(WaitForRejections(3)) << "it was mended in between";
}

TEST_F(CertificateWatchTest, S5_ReplacementsByTheSameAreNone) {
  const auto watch = Start();
  const auto before = watch->newest();
  chain_.Replace(old_.CertificatePem());
  chain_.Replace("rubbish");
  ASSERT_TRUE(WaitForRejections(1));
  chain_.Replace(old_.CertificatePem());
  key_.Replace("rubbish");
  ASSERT_TRUE(WaitForRejections(2));
  EXPECT_EQ(watch->newest(), before);
  EXPECT_EQ(Events("certificates_loaded"), 0);
}

TEST_F(CertificateWatchTest, NeverLogsAKey) {
  const auto watch = Start();
  key_.Replace("planted");
  ASSERT_TRUE(WaitForRejections(1));
  for (const std::string& line : log_.Lines()) EXPECT_THAT(line, Not(HasSubstr("planted")));
}

TEST_F(CertificateWatchTest, SaysAtTheStartAndLaterWhatIsWrongWithWhatItUses) {
  const Certificate expired = authority_.IssueExpired("localhost");
  chain_.Replace(expired.CertificatePem());
  key_.Replace(expired.KeyPem());
  const auto watch = Start();
  EXPECT_THAT(log_.Lines(), Contains(AllOf(HasSubstr(R"("level":"warning")"),
                                           HasSubstr(R"("event":"certificates_doubtful")"),
                                           HasSubstr("--chain has expired"))));
  key_.Replace(new_.KeyPem());
  chain_.Replace(authority_.IssueExpired("localhost").CertificatePem());
  chain_.Replace(new_.CertificatePem());
  ASSERT_TRUE(WaitForLoads(1));
  EXPECT_EQ(Events("has expired"), 1);
}

TEST(CertificateWatch, WithoutFilesHoldsNothing) {
  const KeptLog log;
  const auto watch = CertificateWatch::Start({}, milliseconds(1), log.logger()).value();
  EXPECT_EQ(*watch->newest(), Certificates());
}

TEST_F(CertificateWatchTest, S10_ReadsAtOnceWhenItIsAskedTo) {
  const auto watch = CertificateWatch::Start(files_, std::chrono::hours(24), log_.logger()).value();
  chain_.Replace(new_.CertificatePem());
  key_.Replace(new_.KeyPem());
  watch->Reload();
  EXPECT_TRUE(WaitForLoads(1));
  EXPECT_EQ(watch->newest()->chain(), new_.CertificatePem());
}

TEST_F(CertificateWatchTest, S11_AFifoInPlaceOfAFileHoldsNobodyUp) {
  auto watch = Start();
  std::remove(chain_.path().c_str());
  ASSERT_EQ(mkfifo(chain_.path().c_str(), 0600), 0);
  EXPECT_TRUE(WaitForRejections(1));
  EXPECT_EQ(watch->newest()->chain(), old_.CertificatePem());
  // The destructor ends its thread.
  watch.reset();
}

}  // namespace
}  // namespace docspace::gateway
