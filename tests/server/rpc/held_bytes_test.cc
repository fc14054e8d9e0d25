#include "server/rpc/held_bytes.h"

#include <gtest/gtest.h>

#include <optional>

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

}  // namespace
}  // namespace docspace::gateway
