#include "server/overload/memory_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

constexpr std::size_t kMinimumPerCall = MemoryBudget::kMinimumPerCall;

TEST(MemoryBudget, ChargesTheRequestAndAShareUntilTheCallEnds) {
  MemoryBudget budget(10 * kMinimumPerCall);
  {
    const auto reservation = budget.ReserveForCall(1000);
    EXPECT_TRUE(reservation);
    EXPECT_EQ(budget.reserved(), kMinimumPerCall + 1000);
  }
  EXPECT_EQ(budget.reserved(), 0U);
}

TEST(MemoryBudget, RefusesACallThatDoesNotFitUntilAnotherEnds) {
  MemoryBudget budget(2 * kMinimumPerCall);
  std::optional<MemoryBudget::Reservation> first(budget.ReserveForCall(0));
  EXPECT_FALSE(budget.ReserveForCall(kMinimumPerCall + 1));
  const auto second = budget.ReserveForCall(0);
  EXPECT_TRUE(second);
  EXPECT_FALSE(budget.ReserveForCall(0));
  EXPECT_EQ(budget.reserved(), 2 * kMinimumPerCall);
  first.reset();
  EXPECT_TRUE(budget.ReserveForCall(0));
}

TEST(MemoryBudget, TheShareCoversASmallAnswerHoweverFullItIs) {
  MemoryBudget budget(kMinimumPerCall);
  auto reservation = budget.ReserveForCall(0);
  EXPECT_TRUE(reservation.ReserveResponse(kMinimumPerCall));
  EXPECT_TRUE(reservation.ReserveResponse(1));
  EXPECT_FALSE(reservation.ReserveResponse(kMinimumPerCall + 1));
  EXPECT_EQ(budget.reserved(), kMinimumPerCall);
}

TEST(MemoryBudget, FollowsALargeAnswerAsItGrowsAndShrinks) {
  MemoryBudget budget(100 * kMinimumPerCall);
  auto reservation = budget.ReserveForCall(10);
  for (const std::size_t size : {2 * kMinimumPerCall, 5 * kMinimumPerCall, 3 * kMinimumPerCall,
                                 kMinimumPerCall, 4 * kMinimumPerCall}) {
    EXPECT_TRUE(reservation.ReserveResponse(size));
    EXPECT_EQ(budget.reserved(), size + 10);
  }
  EXPECT_TRUE(reservation.ReserveResponse(0));
  EXPECT_EQ(budget.reserved(), kMinimumPerCall + 10);
}

TEST(MemoryBudget, KeepsItsLastQuarterForTheSharesOfCallsToCome) {
  MemoryBudget budget(8 * kMinimumPerCall);
  auto large = budget.ReserveForCall(0);
  EXPECT_FALSE(large.ReserveResponse(6 * kMinimumPerCall + 1));
  EXPECT_TRUE(large.ReserveResponse(6 * kMinimumPerCall));
  EXPECT_FALSE(large.ReserveResponse(7 * kMinimumPerCall));
  EXPECT_EQ(budget.reserved(), 6 * kMinimumPerCall) << "a refusal changes nothing";
  const auto seventh = budget.ReserveForCall(0);
  const auto eighth = budget.ReserveForCall(0);
  EXPECT_TRUE(seventh);
  EXPECT_TRUE(eighth);
  EXPECT_FALSE(budget.ReserveForCall(0));
  EXPECT_TRUE(large.ReserveResponse(2 * kMinimumPerCall)) << "shrinking needs no room";
}

TEST(MemoryBudget, AChargeThatIsMovedCountsOnce) {
  MemoryBudget budget(4 * kMinimumPerCall);
  {
    auto reservation = budget.ReserveForCall(0);
    EXPECT_TRUE(reservation.ReserveResponse(2 * kMinimumPerCall));
    const MemoryBudget::Reservation moved(std::move(reservation));
    EXPECT_TRUE(moved);
    EXPECT_EQ(budget.reserved(), 2 * kMinimumPerCall);
  }
  EXPECT_EQ(budget.reserved(), 0U);
}

TEST(MemoryBudget, AnImpossibleSizeIsRefused) {
  constexpr std::size_t kMost = static_cast<std::size_t>(-1);
  MemoryBudget budget(4 * kMinimumPerCall);
  EXPECT_FALSE(budget.ReserveForCall(kMost - kMinimumPerCall));
  auto reservation = budget.ReserveForCall(0);
  EXPECT_FALSE(reservation.ReserveResponse(kMost));
}

TEST(MemoryBudget, HoldsItsBoundFromManyThreads) {
  constexpr std::size_t kBytes = 10 * kMinimumPerCall;
  MemoryBudget budget(kBytes);
  std::atomic<int> grown = 0;
  std::atomic<bool> exceeded = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 2000; ++j) {
          auto reservation = budget.ReserveForCall(1);
          if (reservation && reservation.ReserveResponse(4 * kMinimumPerCall)) ++grown;
          if (budget.reserved() > kBytes) exceeded = true;
        }
      });
    }
  }
  EXPECT_GT(grown, 0);
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(budget.reserved(), 0U);
}

}  // namespace
}  // namespace docspace::gateway
