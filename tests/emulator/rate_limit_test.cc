#include "tests/emulator/rate_limit.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kNow{seconds(1'000'000)};

TEST(RateLimit, RefusesTheCallBeyondTheLimitAndSaysWhenToComeBack) {
  RateLimit limit(2, minutes(15));
  EXPECT_FALSE(limit.Count("a", kNow));
  EXPECT_FALSE(limit.Count("a", kNow + seconds(10)));
  const auto refusal = limit.Count("a", kNow + seconds(20));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->status, 429);
  EXPECT_EQ(refusal->body, "");
  EXPECT_EQ(refusal->Find("Retry-After"), "880");
  EXPECT_EQ(refusal->Find("X-RateLimit-Limit"), "2");
  EXPECT_EQ(refusal->Find("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(refusal->Find("X-RateLimit-Reset"), "1000900");
}

TEST(RateLimit, OpensAgainAtTheTimeItSaid) {
  RateLimit limit(1, seconds(60));
  EXPECT_FALSE(limit.Count("a", kNow));
  EXPECT_TRUE(limit.Count("a", kNow + seconds(59)));
  EXPECT_FALSE(limit.Count("a", kNow + seconds(60)));
}

TEST(RateLimit, RoundsTheWaitUp) {
  RateLimit limit(1, seconds(60));
  limit.Count("a", kNow);
  EXPECT_EQ(limit.Count("a", kNow + Ticks(1))->Find("Retry-After"), "60");
}

TEST(RateLimit, CountsEachCallerForItself) {
  RateLimit limit(1, seconds(60));
  EXPECT_FALSE(limit.Count("a", kNow));
  EXPECT_FALSE(limit.Count("b", kNow));
}

TEST(RateLimit, IsOffAtZero) {
  RateLimit limit(0, seconds(60));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limit.Count("a", kNow));
}

}  // namespace
}  // namespace docspace::emulator
