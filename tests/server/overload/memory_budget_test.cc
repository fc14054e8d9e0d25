#include "server/overload/memory_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

constexpr std::size_t kShare = MemoryBudget::kShare;

TEST(MemoryBudget, ChargesTheRequestAndAShareUntilTheCallEnds) {
  MemoryBudget budget(10 * kShare);
  {
    const auto charge = budget.Begin(1000);
    EXPECT_TRUE(charge);
    EXPECT_EQ(budget.charged(), kShare + 1000);
  }
  EXPECT_EQ(budget.charged(), 0U);
}

TEST(MemoryBudget, RefusesACallThatDoesNotFitUntilAnotherEnds) {
  MemoryBudget budget(2 * kShare);
  std::optional<MemoryBudget::Charge> first(budget.Begin(0));
  EXPECT_FALSE(budget.Begin(kShare + 1));
  const auto second = budget.Begin(0);
  EXPECT_TRUE(second);
  EXPECT_FALSE(budget.Begin(0));
  EXPECT_EQ(budget.charged(), 2 * kShare);
  first.reset();
  EXPECT_TRUE(budget.Begin(0));
}

TEST(MemoryBudget, TheShareCoversASmallAnswerHoweverFullItIs) {
  MemoryBudget budget(kShare);
  auto charge = budget.Begin(0);
  EXPECT_TRUE(charge.HoldAnswer(kShare));
  EXPECT_TRUE(charge.HoldAnswer(1));
  EXPECT_FALSE(charge.HoldAnswer(kShare + 1));
  EXPECT_EQ(budget.charged(), kShare);
}

TEST(MemoryBudget, FollowsALargeAnswerAsItGrowsAndShrinks) {
  MemoryBudget budget(100 * kShare);
  auto charge = budget.Begin(10);
  for (const std::size_t size : {2 * kShare, 5 * kShare, 3 * kShare, kShare, 4 * kShare}) {
    EXPECT_TRUE(charge.HoldAnswer(size));
    EXPECT_EQ(budget.charged(), size + 10);
  }
  EXPECT_TRUE(charge.HoldAnswer(0));
  EXPECT_EQ(budget.charged(), kShare + 10);
}

TEST(MemoryBudget, KeepsItsLastQuarterForTheSharesOfCallsToCome) {
  MemoryBudget budget(8 * kShare);
  auto large = budget.Begin(0);
  EXPECT_FALSE(large.HoldAnswer(6 * kShare + 1));
  EXPECT_TRUE(large.HoldAnswer(6 * kShare));
  EXPECT_FALSE(large.HoldAnswer(7 * kShare));
  EXPECT_EQ(budget.charged(), 6 * kShare) << "a refusal changes nothing";
  const auto seventh = budget.Begin(0);
  const auto eighth = budget.Begin(0);
  EXPECT_TRUE(seventh);
  EXPECT_TRUE(eighth);
  EXPECT_FALSE(budget.Begin(0));
  EXPECT_TRUE(large.HoldAnswer(2 * kShare)) << "shrinking needs no room";
}

TEST(MemoryBudget, AChargeThatIsMovedCountsOnce) {
  MemoryBudget budget(4 * kShare);
  {
    auto charge = budget.Begin(0);
    EXPECT_TRUE(charge.HoldAnswer(2 * kShare));
    const MemoryBudget::Charge moved(std::move(charge));
    EXPECT_TRUE(moved);
    EXPECT_EQ(budget.charged(), 2 * kShare);
  }
  EXPECT_EQ(budget.charged(), 0U);
}

TEST(MemoryBudget, AnImpossibleSizeIsRefused) {
  constexpr std::size_t kMost = static_cast<std::size_t>(-1);
  MemoryBudget budget(4 * kShare);
  EXPECT_FALSE(budget.Begin(kMost - kShare));
  auto charge = budget.Begin(0);
  EXPECT_FALSE(charge.HoldAnswer(kMost));
}

TEST(MemoryBudget, HoldsItsBoundFromManyThreads) {
  constexpr std::size_t kBytes = 10 * kShare;
  MemoryBudget budget(kBytes);
  std::atomic<int> grown = 0;
  std::atomic<bool> exceeded = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 2000; ++j) {
          auto charge = budget.Begin(1);
          if (charge && charge.HoldAnswer(4 * kShare)) ++grown;
          if (budget.charged() > kBytes) exceeded = true;
        }
      });
    }
  }
  EXPECT_GT(grown, 0);
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(budget.charged(), 0U);
}

}  // namespace
}  // namespace docspace::gateway
