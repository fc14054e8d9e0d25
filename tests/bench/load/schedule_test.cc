#include "bench/load/schedule.h"

#include <gtest/gtest.h>

namespace docspace::bench {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ScheduleTest, StartsAtARateLieOnAGrid) {
  const Clock::time_point before = Clock::now();
  Schedule schedule(1000, seconds(2));
  const auto first = schedule.Next();
  ASSERT_TRUE(first.has_value());
  EXPECT_GE(*first, before);
  EXPECT_LE(*first, Clock::now());
  int starts = 1;
  while (const auto start = schedule.Next()) {
    EXPECT_EQ(*start, *first + starts * milliseconds(1));
    ++starts;
  }
  EXPECT_EQ(starts, 2000);
}

TEST(ScheduleTest, AStartThatWasMissedIsGivenAllTheSame) {
  Schedule schedule(1e9, std::chrono::microseconds(1));
  while (Clock::now() <= schedule.end()) continue;
  int starts = 0;
  while (schedule.Next()) ++starts;
  EXPECT_EQ(starts, 1000);
}

TEST(ScheduleTest, WithoutARateACallStartsWhenItIsAskedFor) {
  Schedule schedule(0, hours(1));
  for (int i = 0; i < 3; ++i) {
    const Clock::time_point before = Clock::now();
    const auto start = schedule.Next();
    ASSERT_TRUE(start.has_value());
    EXPECT_GE(*start, before);
    EXPECT_LE(*start, Clock::now());
  }
}

TEST(ScheduleTest, NoCallStartsAfterTheEnd) {
  Schedule closed(0, seconds(0));
  EXPECT_FALSE(closed.Next().has_value());
  Schedule open(1000, seconds(0));
  EXPECT_FALSE(open.Next().has_value());
}

}  // namespace
}  // namespace docspace::bench
