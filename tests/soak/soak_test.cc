#include "tests/soak/soak.h"

#include <gtest/gtest.h>

namespace docspace::gateway::testkit {
namespace {

TEST(SoakTest, S7_NeverLiesAboutAWriteNorMixesAnswersUpWhateverTheNetworkDoes) {
  const SoakReport report = RunSoak({.duration = std::chrono::seconds(5)});
  EXPECT_TRUE(report.Passed()) << report;
  EXPECT_GE(report.faults.size(), 12U);
  for (const auto& [fault, count] : report.faults) EXPECT_GT(count, 0U) << fault;
}

}  // namespace
}  // namespace docspace::gateway::testkit
