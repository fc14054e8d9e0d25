#include "server/rpc/time_left.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <random>

namespace docspace::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

gpr_timespec At(std::int64_t seconds, std::int32_t nanoseconds = 0) {
  return {.tv_sec = seconds, .tv_nsec = nanoseconds, .clock_type = GPR_CLOCK_REALTIME};
}

TEST(TimeLeft, IsExactBetweenItsBounds) {
  const gpr_timespec now = At(1'800'000'000, 999'999'999);
  EXPECT_EQ(TimeLeft(At(1'800'000'001), now, 30s), 1ns);
  EXPECT_EQ(TimeLeft(At(1'800'000'002, 500'000'000), now, 30s), 1s + 500'000'001ns);
  EXPECT_EQ(TimeLeft(At(1'800'000'031), now, 1500ms), 1500ms);
  EXPECT_EQ(TimeLeft(At(1'800'000'002), now, 1500ms), 1s + 1ns);
}

TEST(TimeLeft, G14_ADeadlineAtTheEndsOfItsTypeIsClamped) {
  const gpr_timespec now = At(1'800'000'000, 5);
  for (const std::int64_t hours : {2'562'047, 2'562'048, 5'124'096, 99'999'999}) {
    EXPECT_EQ(TimeLeft(At(now.tv_sec + hours * 3600, 5), now, 30s), 30s) << hours;
  }
  for (const std::int64_t seconds : {kMost, kMost - 1, kMost - now.tv_sec}) {
    EXPECT_EQ(TimeLeft(At(seconds, 999'999'999), now, 24h), 24h) << seconds;
  }
  for (const std::int64_t seconds :
       {kLeast, kLeast + 1, kLeast + now.tv_sec, std::int64_t{0}, now.tv_sec - 1, now.tv_sec}) {
    EXPECT_EQ(TimeLeft(At(seconds), now, 30s), 0s) << seconds;
  }
  EXPECT_EQ(TimeLeft(gpr_inf_future(GPR_CLOCK_REALTIME), now, 30s), 30s);
  EXPECT_EQ(TimeLeft(gpr_inf_past(GPR_CLOCK_REALTIME), now, 30s), 0s);
}

TEST(TimeLeft, G14_OfAnyDeadlineIsWithinItsBounds) {
  std::mt19937_64 random(14);
  for (int i = 0; i < 100'000; ++i) {
    const gpr_timespec now = At(static_cast<std::int64_t>(random() % 4'000'000'000),
                                static_cast<std::int32_t>(random() % 1'000'000'000));
    // Values of every magnitude and of both signs.
    const auto seconds = static_cast<std::int64_t>(random()) >> (random() % 64);
    const auto deadline = At(seconds, static_cast<std::int32_t>(random() % 1'000'000'000));
    const std::chrono::nanoseconds at_most(random() % 86'400'000'000'000);
    const std::chrono::nanoseconds left = TimeLeft(deadline, now, at_most);
    ASSERT_GE(left, 0ns);
    ASSERT_LE(left, at_most);
    if (seconds < now.tv_sec) {
      ASSERT_EQ(left, 0ns);
    }
    if (seconds > now.tv_sec + 86'401) {
      ASSERT_EQ(left, at_most);
    }
  }
}

}  // namespace
}  // namespace docspace::gateway
