#include "tests/emulator/rate_limit.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kNow{seconds(1'000'000)};

TEST(WindowLimit, RefusesTheCallBeyondTheLimitAndSaysWhenToComeBack) {
  WindowLimit limit(2, minutes(15));
  EXPECT_FALSE(limit.Count("a", kNow));
  EXPECT_FALSE(limit.Count("a", kNow + seconds(10)));
  EXPECT_EQ(limit.Count("a", kNow + seconds(20)), seconds(880));
}

TEST(WindowLimit, OpensAgainAtTheTimeItSaid) {
  WindowLimit limit(1, seconds(60));
  EXPECT_FALSE(limit.Count("a", kNow));
  EXPECT_TRUE(limit.Count("a", kNow + seconds(59)));
  EXPECT_FALSE(limit.Count("a", kNow + seconds(60)));
}

TEST(WindowLimit, RoundsTheWaitUp) {
  WindowLimit limit(1, seconds(60));
  limit.Count("a", kNow);
  EXPECT_EQ(limit.Count("a", kNow + Ticks(1)), seconds(60));
}

TEST(WindowLimit, CountsEachCallerForItself) {
  WindowLimit limit(1, seconds(60));
  EXPECT_FALSE(limit.Count("a", kNow));
  EXPECT_FALSE(limit.Count("b", kNow));
}

TEST(WindowLimit, IsOffAtZero) {
  WindowLimit limit(0, seconds(60));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limit.Count("a", kNow));
}

TEST(PlaceLimit, HasSoManyPlacesForEachCaller) {
  PlaceLimit limit(2);
  const std::shared_ptr<void> first = limit.Take("a");
  std::shared_ptr<void> second = limit.Take("a");
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(limit.Take("a"));
  EXPECT_TRUE(limit.Take("b"));
  second.reset();
  EXPECT_TRUE(limit.Take("a"));
}

TEST(PlaceLimit, IsOffAtZero) {
  PlaceLimit limit(0);
  std::vector<std::shared_ptr<void>> places;
  for (int i = 0; i < 100; ++i) {
    places.push_back(limit.Take("a"));
    EXPECT_TRUE(places.back());
  }
}

TEST(PlaceLimit, MayBeGoneBeforeItsPlaces) {
  std::shared_ptr<void> place = PlaceLimit(1).Take("a");
  place.reset();
}

class CloudLimitsTest : public ::testing::Test {
 protected:
  // Returns how many successive calls are admitted, and the response to the next one.
  std::pair<int, Response> Exhaust(std::string_view method, seconds apart) {
    for (int admitted = 0;; ++admitted) {
      auto outcome = limiter_.Admit("a", method, now_);
      if (auto* refusal = std::get_if<Response>(&outcome)) return {admitted, std::move(*refusal)};
      now_ += apart;
    }
  }

  static void ExpectLimit(const Response& refusal, const char* limit) {
    EXPECT_EQ(refusal.status, 429);
    EXPECT_EQ(refusal.body, "");
    EXPECT_EQ(refusal.Find("X-RateLimit-Limit"), limit);
    EXPECT_EQ(refusal.Find("X-RateLimit-Remaining"), "0");
  }

  RateLimiter limiter_{Limits::Cloud()};
  Time now_ = kNow;
};

TEST_F(CloudLimitsTest, AllowFiveCreationsInAQuarterOfAnHour) {
  const auto [admitted, refusal] = Exhaust("POST", seconds(1));
  EXPECT_EQ(admitted, 5);
  ExpectLimit(refusal, "5");
  EXPECT_EQ(refusal.Find("Retry-After"), "");
  EXPECT_EQ(refusal.Find("X-RateLimit-Reset"), "");
}

TEST_F(CloudLimitsTest, AllowFifteenHundredCallsAMinute) {
  const auto [admitted, refusal] = Exhaust("GET", seconds(0));
  EXPECT_EQ(admitted, 1500);
  ExpectLimit(refusal, "1500");
  EXPECT_EQ(refusal.Find("Retry-After"), "");
  EXPECT_EQ(Exhaust("DELETE", seconds(0)).first, 0);
}

TEST_F(CloudLimitsTest, AllowTenThousandChangesADayAndSayWhenToComeBack) {
  const auto [admitted, refusal] = Exhaust("PUT", seconds(1));
  EXPECT_EQ(admitted, 10'000);
  ExpectLimit(refusal, "10000");
  EXPECT_EQ(refusal.Find("Retry-After"), "76400");
  EXPECT_EQ(refusal.Find("X-RateLimit-Reset"), "1086400");
  EXPECT_TRUE(std::holds_alternative<Response>(limiter_.Admit("a", "POST", now_)));
  EXPECT_FALSE(std::holds_alternative<Response>(limiter_.Admit("a", "DELETE", now_)));
  now_ += hours(24);
  EXPECT_FALSE(std::holds_alternative<Response>(limiter_.Admit("a", "PUT", now_)));
}

TEST_F(CloudLimitsTest, AllowFiftyReadsAndFifteenWritesAtATime) {
  std::vector<std::shared_ptr<void>> places;
  for (int i = 0; i < 50; ++i) {
    places.push_back(std::get<std::shared_ptr<void>>(limiter_.Admit("a", "GET", now_)));
  }
  ExpectLimit(std::get<Response>(limiter_.Admit("a", "GET", now_)), "50");
  for (int i = 0; i < 15; ++i) {
    places.push_back(std::get<std::shared_ptr<void>>(limiter_.Admit("a", "DELETE", now_)));
  }
  ExpectLimit(std::get<Response>(limiter_.Admit("a", "DELETE", now_)), "15");
  EXPECT_FALSE(std::holds_alternative<Response>(limiter_.Admit("b", "GET", now_)));
}

TEST(RateLimiter, IsOffByDefault) {
  RateLimiter limiter{Limits()};
  for (int i = 0; i < 2000; ++i) {
    EXPECT_FALSE(std::holds_alternative<Response>(limiter.Admit("a", "POST", kNow)));
  }
}

}  // namespace
}  // namespace docspace::emulator
