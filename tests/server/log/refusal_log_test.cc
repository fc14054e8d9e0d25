#include "server/log/refusal_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testkit/gateway_under_test.h"

namespace docspace::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(RefusalLogTest, StatesTheReasonAndThePeer) {
  testkit::KeptLog kept;
  RefusalLog log(kept.logger());
  log.Write("192.0.2.1:50000", "certificate has expired");
  log.Write("", "certificate has expired");
  ASSERT_THAT(kept.Lines(), SizeIs(2));
  EXPECT_THAT(kept.Lines()[0],
              HasSubstr(R"("level":"info","event":"caller_refused",)"
                        R"("message":"certificate has expired","peer":"192.0.2.1:50000"})"));
  EXPECT_THAT(kept.Lines()[1], Not(HasSubstr("peer")));
}

TEST(RefusalLogTest, WritesTenLinesOfEachReason) {
  testkit::KeptLog kept;
  RefusalLog log(kept.logger());
  for (int i = 0; i < 25; ++i) log.Write("192.0.2.1:50000", "certificate has expired");
  EXPECT_THAT(kept.Lines(), SizeIs(10));
  log.Write("192.0.2.1:50000", "no certificate was presented");
  EXPECT_THAT(kept.Lines(), SizeIs(11));
}

}  // namespace
}  // namespace docspace::gateway
