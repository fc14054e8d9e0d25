#include "server/overload/memory_returner.h"

#include <gtest/gtest.h>

namespace docspace::gateway {
namespace {

class MemoryReturnerTest : public ::testing::Test {
 protected:
  MemoryReturner::CpuTime cpu_time_ = 20 * MemoryReturner::kWork;
  int trims_ = 0;
  MemoryReturner returner_{[this] { return cpu_time_; },
                           [this] {
                             ++trims_;
                             cpu_time_ += 10 * MemoryReturner::kWork;
                           }};
};

TEST_F(MemoryReturnerTest, TrimsAtTheSecondQuietTick) {
  returner_.Tick(0);
  EXPECT_EQ(trims_, 0);
  returner_.Tick(0);
  EXPECT_EQ(trims_, 1);
}

TEST_F(MemoryReturnerTest, DoesNotTrimWhileACallIsInFlight) {
  for (int i = 0; i < 10; ++i) {
    returner_.Tick(1);
    returner_.Tick(0);
  }
  EXPECT_EQ(trims_, 0);
}

TEST_F(MemoryReturnerTest, DoesNotTrimAgainUntilTheProcessHasWorked) {
  for (int i = 0; i < 10; ++i) returner_.Tick(0);
  EXPECT_EQ(trims_, 1);
  cpu_time_ += MemoryReturner::kWork - MemoryReturner::CpuTime(1);
  returner_.Tick(0);
  EXPECT_EQ(trims_, 1);
}

// Such as connections that close slowly after the last call, or calls that begin and end between
// two ticks.
TEST_F(MemoryReturnerTest, TrimsAgainAfterWorkThatNoTickSaw) {
  returner_.Tick(0);
  returner_.Tick(0);
  cpu_time_ += MemoryReturner::kWork;
  returner_.Tick(0);
  EXPECT_EQ(trims_, 2);
}

TEST(ProcessCpuTime, Grows) {
  const MemoryReturner::CpuTime before = ProcessCpuTime();
  EXPECT_GT(before, MemoryReturner::CpuTime(0));
  while (ProcessCpuTime() == before) {
  }
  EXPECT_GT(ProcessCpuTime(), before);
}

}  // namespace
}  // namespace docspace::gateway
