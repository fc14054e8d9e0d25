#include "server/access/access_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/temporary_file.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using testkit::KeptLog;
using testkit::TemporaryFile;
using testkit::WaitUntil;

class AccessWatchTest : public ::testing::Test {
 protected:
  std::unique_ptr<AccessWatch> Start(
      std::chrono::steady_clock::duration refresh = std::chrono::milliseconds(1)) {
    return AccessWatch::Start({{"a", {.proxy_credential_file = "", .headers_file = a_.path()}},
                               {"none", {}},
                               {"b", {.proxy_credential_file = b_.path(), .headers_file = ""}}},
                              refresh, log_.logger())
        .value();
  }
  static std::string Header(const http::AccessSecretsSource& source) {
    const auto secrets = source();
    return secrets->headers.empty() ? "" : std::string(secrets->headers[0].value.Reveal());
  }
  long Events(std::string_view event) const {
    return std::ranges::count_if(log_.Lines(), [event](const std::string& line) {
      return line.find(event) != std::string::npos;
    });
  }

  TemporaryFile a_{"X-Token: planted-old"};
  TemporaryFile b_{"user:planted-password"};
  KeptLog log_;
};

TEST_F(AccessWatchTest, EachPortalHasItsOwn) {
  const auto watch = Start();
  const auto sources = watch->Sources();
  ASSERT_EQ(sources.size(), 3U);
  EXPECT_EQ(Header(sources[0]), "planted-old");
  EXPECT_EQ(sources[0]()->proxy_authorization.Reveal(), "");
  EXPECT_EQ(sources[1], nullptr);
  EXPECT_NE(sources[2]()->proxy_authorization.Reveal(), "");
}

TEST_F(AccessWatchTest, AReplacedFileIsUsed) {
  const auto watch = Start();
  const auto source = watch->Sources()[0];
  a_.Replace("X-Token: planted-new");
  EXPECT_TRUE(WaitUntil([&] { return Header(source) == "planted-new"; }));
  EXPECT_TRUE(WaitUntil([&] { return Events("access_loaded") == 1; }));
}

TEST_F(AccessWatchTest, AFileIsReadAtOnceOnRequest) {
  const auto watch = Start(std::chrono::hours(24));
  const auto source = watch->Sources()[0];
  a_.Replace("X-Token: planted-new");
  watch->Reload();
  EXPECT_TRUE(WaitUntil([&] { return Header(source) == "planted-new"; }));
}

TEST_F(AccessWatchTest, AWrongFileLeavesTheOldContentAndOtherPortalsAlone) {
  const auto watch = Start();
  const auto sources = watch->Sources();
  a_.Replace("Host: planted");
  EXPECT_TRUE(log_.WaitFor("access_rejected"));
  b_.Replace("user:planted-other");
  EXPECT_TRUE(log_.WaitFor("access_loaded"));
  EXPECT_EQ(Header(sources[0]), "planted-old");
  EXPECT_EQ(Events("access_rejected"), 1);
  EXPECT_THAT(log_.Lines(), Contains(HasSubstr("has in line 1 a header")));
  EXPECT_THAT(log_.Lines(), Each(Not(HasSubstr("planted"))));
}

TEST_F(AccessWatchTest, AWrongFileAtTheStartIsRefused) {
  a_.Replace("nonsense");
  const auto started =
      AccessWatch::Start({{"a", {.proxy_credential_file = "", .headers_file = a_.path()}}},
                         std::chrono::hours(1), log_.logger());
  ASSERT_FALSE(started.ok());
  EXPECT_TRUE(absl::IsInvalidArgument(started.status()));
  EXPECT_THAT(std::string(started.status().message()), HasSubstr(a_.path() + " has in line 1"));
}

}  // namespace
}  // namespace docspace::gateway
