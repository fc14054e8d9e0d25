#include "server/log/repeat_limit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace docspace::gateway {
namespace {

using std::chrono::seconds;

const RepeatLimit::What kWhat{.method = "GetApiKeys", .code = "UNAVAILABLE", .reason = "R"};
constexpr RepeatLimit::Clock::time_point kStart{};

TEST(RepeatLimit, AdmitsSoManyInAWindow) {
  RepeatLimit limit({.lines = 2, .window = seconds(10)});
  EXPECT_TRUE(limit.Admits(kWhat, kStart));
  EXPECT_TRUE(limit.Admits(kWhat, kStart + seconds(9)));
  EXPECT_FALSE(limit.Admits(kWhat, kStart + seconds(9)));
  EXPECT_TRUE(limit.Admits(kWhat, kStart + seconds(10)));
  EXPECT_TRUE(limit.Admits(kWhat, kStart + seconds(19)));
  EXPECT_FALSE(limit.Admits(kWhat, kStart + seconds(19)));
}

TEST(RepeatLimit, CountsTheOthersOnce) {
  RepeatLimit limit({.lines = 1, .window = seconds(10)});
  EXPECT_FALSE(limit.any());
  for (int i = 0; i < 8; ++i) limit.Admits(kWhat, kStart);
  EXPECT_TRUE(limit.any());
  EXPECT_TRUE(limit.TakeEnded(kStart + seconds(9)).empty());
  const auto ended = limit.TakeEnded(kStart + seconds(10));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].what, kWhat);
  EXPECT_EQ(ended[0].count, 7U);
  EXPECT_TRUE(limit.TakeAll().empty());
  EXPECT_FALSE(limit.any());
}

TEST(RepeatLimit, KeepsTheCountOfAWindowThatNobodyTook) {
  RepeatLimit limit({.lines = 1, .window = seconds(10)});
  for (int i = 0; i < 3; ++i) limit.Admits(kWhat, kStart);
  for (int i = 0; i < 3; ++i) limit.Admits(kWhat, kStart + seconds(10));
  const auto ended = limit.TakeAll();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].count, 4U);
}

TEST(RepeatLimit, HasNothingToSayOfAWindowThatWasNotExceeded) {
  RepeatLimit limit({.lines = 1, .window = seconds(10)});
  limit.Admits(kWhat, kStart);
  EXPECT_TRUE(limit.TakeAll().empty());
}

TEST(RepeatLimit, LosesNothingBetweenThreads) {
  RepeatLimit limit({.lines = 10, .window = std::chrono::hours(1)});
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) admitted += limit.Admits(kWhat, kStart) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(admitted, 10);
  EXPECT_EQ(limit.TakeAll().at(0).count, 3990U);
}

}  // namespace
}  // namespace docspace::gateway
