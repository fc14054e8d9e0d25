#include "server/log/log_rate_limiter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace docspace::gateway {
namespace {

using std::chrono::seconds;

const LogRateLimiter::Key kKey{.method = "GetApiKeys", .code = "UNAVAILABLE", .reason = "R"};
constexpr LogRateLimiter::Clock::time_point kStart{};

TEST(LogRateLimiter, AdmitsSoManyInAWindow) {
  LogRateLimiter limit({.lines = 2, .window = seconds(10)});
  EXPECT_TRUE(limit.ShouldLog(kKey, kStart));
  EXPECT_TRUE(limit.ShouldLog(kKey, kStart + seconds(9)));
  EXPECT_FALSE(limit.ShouldLog(kKey, kStart + seconds(9)));
  EXPECT_TRUE(limit.ShouldLog(kKey, kStart + seconds(10)));
  EXPECT_TRUE(limit.ShouldLog(kKey, kStart + seconds(19)));
  EXPECT_FALSE(limit.ShouldLog(kKey, kStart + seconds(19)));
}

TEST(LogRateLimiter, CountsTheOthersOnce) {
  LogRateLimiter limit({.lines = 1, .window = seconds(10)});
  EXPECT_FALSE(limit.any());
  for (int i = 0; i < 8; ++i) limit.ShouldLog(kKey, kStart);
  EXPECT_TRUE(limit.any());
  EXPECT_TRUE(limit.TakeEnded(kStart + seconds(9)).empty());
  const auto ended = limit.TakeEnded(kStart + seconds(10));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].key, kKey);
  EXPECT_EQ(ended[0].count, 7U);
  EXPECT_TRUE(limit.TakeAll().empty());
  EXPECT_FALSE(limit.any());
}

TEST(LogRateLimiter, KeepsTheCountOfAWindowThatNobodyTook) {
  LogRateLimiter limit({.lines = 1, .window = seconds(10)});
  for (int i = 0; i < 3; ++i) limit.ShouldLog(kKey, kStart);
  for (int i = 0; i < 3; ++i) limit.ShouldLog(kKey, kStart + seconds(10));
  const auto ended = limit.TakeAll();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].count, 4U);
}

TEST(LogRateLimiter, HasNothingToSayOfAWindowThatWasNotExceeded) {
  LogRateLimiter limit({.lines = 1, .window = seconds(10)});
  limit.ShouldLog(kKey, kStart);
  EXPECT_TRUE(limit.TakeAll().empty());
}

TEST(LogRateLimiter, LosesNothingBetweenThreads) {
  LogRateLimiter limit({.lines = 10, .window = std::chrono::hours(1)});
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) admitted += limit.ShouldLog(kKey, kStart) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(admitted, 10);
  EXPECT_EQ(limit.TakeAll().at(0).count, 3990U);
}

}  // namespace
}  // namespace docspace::gateway
