#include "server/rpc/held_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <numeric>
#include <optional>
#include <utility>

namespace docspace::gateway {
namespace {

class HeldBytesTest : public ::testing::Test {
 protected:
  HeldBytes all_{100};
  int told_first_ = 0;
  int told_second_ = 0;
  HeldBytes::Share first_{all_, [this] { ++told_first_; }};
  std::optional<HeldBytes::Share> second_{std::in_place, all_, [this] { ++told_second_; }};
};

TEST_F(HeldBytesTest, AShareMayHaveWhatOthersLeave) {
  first_.Add(90);
  second_->Add(10);
  EXPECT_FALSE(first_.IsTooGreat());
  EXPECT_FALSE(second_->IsTooGreat());
  EXPECT_EQ(told_first_ + told_second_, 0);
}

TEST_F(HeldBytesTest, TheGreatestIsToldToReduceItself) {
  first_.Add(80);
  second_->Add(30);
  EXPECT_EQ(told_first_, 1);
  EXPECT_TRUE(first_.IsTooGreat());
  EXPECT_FALSE(second_->IsTooGreat());
  first_.Remove(10);
  EXPECT_FALSE(first_.IsTooGreat());
  EXPECT_EQ(told_second_, 0);
}

TEST_F(HeldBytesTest, AShareThatExceedsTheLimitByItselfIsNotTold) {
  second_->Add(20);
  first_.Add(90);
  EXPECT_TRUE(first_.IsTooGreat());
  EXPECT_FALSE(second_->IsTooGreat());
  EXPECT_EQ(told_first_ + told_second_, 0);
}

TEST_F(HeldBytesTest, OfEqualSharesBothAreTooGreat) {
  first_.Add(60);
  second_->Add(60);
  EXPECT_TRUE(first_.IsTooGreat());
  EXPECT_TRUE(second_->IsTooGreat());
}

TEST_F(HeldBytesTest, AShareThatEndsLeavesItsBytes) {
  second_->Add(60);
  first_.Add(60);
  second_.reset();
  EXPECT_FALSE(first_.IsTooGreat());
  first_.Add(40);
  EXPECT_FALSE(first_.IsTooGreat());
  first_.Add(1);
  EXPECT_TRUE(first_.IsTooGreat());
}

// A loop that ends its oldest calls when it is told to, at its next turn.
class Loop {
 public:
  explicit Loop(HeldBytes& all) : share_(all, [this] { is_told_ = true; }) {}

  void Begin(std::size_t bytes) {
    calls_.push_back(bytes);
    share_.Add(bytes);
    End();
  }
  // Returns false if there was nothing to do.
  bool Turn() {
    if (!std::exchange(is_told_, false)) return false;
    End();
    return true;
  }
  std::size_t bytes() const {
    return std::accumulate(calls_.begin(), calls_.end(), std::size_t{0});
  }

 private:
  void End() {
    share_.Reduce([this] {
      if (calls_.empty()) return false;
      share_.Remove(calls_.front());
      calls_.pop_front();
      return true;
    });
  }

  HeldBytes::Share share_;
  bool is_told_ = false;
  std::deque<std::size_t> calls_;
};

TEST(HeldBytesOfManyLoopsTest, LargeCallsOfSmallLoopsDoNotExceedTheLimit) {
  constexpr std::size_t kLimit = 6400;
  HeldBytes all(kLimit);
  std::deque<Loop> loops;
  for (int i = 0; i < 16; ++i) loops.emplace_back(all);
  const auto settle = [&loops] {
    while (std::ranges::count_if(loops, [](Loop& loop) { return loop.Turn(); }) > 0) {
    }
    std::size_t held = 0;
    for (const Loop& loop : loops) held += loop.bytes();
    return held;
  };
  // Two loops have all of it, in small calls.
  while (loops[0].bytes() < kLimit / 2) loops[0].Begin(1);
  while (loops[1].bytes() < kLimit / 2) loops[1].Begin(1);
  for (int round = 0; round < 40; ++round) {
    for (std::size_t i = 2; i < loops.size(); ++i) {
      loops[i].Begin(100);
      ASSERT_LE(settle(), kLimit) << "round " << round << ", loop " << i;
    }
  }
}

}  // namespace
}  // namespace docspace::gateway
