#include "server/http/retry_budget.h"

#include <gtest/gtest.h>

namespace docspace::gateway::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const RetryBudget::TimePoint kStart{std::chrono::hours(1000)};

int WithdrawAll(RetryBudget& budget, RetryBudget::TimePoint now) {
  int retries = 0;
  while (retries < 10'000 && budget.Withdraw(now)) ++retries;
  return retries;
}

TEST(RetryBudgetTest, AllowsAFewRetriesWhereThereAreFewCalls) {
  RetryBudget budget;
  budget.CountCall(kStart);
  EXPECT_EQ(WithdrawAll(budget, kStart), 3);
}

TEST(RetryBudgetTest, AllowsATenthOfTheCalls) {
  RetryBudget budget;
  for (int i = 0; i < 1'005; ++i) budget.CountCall(kStart);
  EXPECT_EQ(WithdrawAll(budget, kStart), 100);
}

TEST(RetryBudgetTest, CountsTheCallsAndRetriesOfTenSeconds) {
  RetryBudget budget;
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 100; ++i) budget.CountCall(kStart + seconds(second));
  }
  EXPECT_EQ(WithdrawAll(budget, kStart + seconds(9)), 100);
  // A second later, the first 100 calls no longer count, and the retries still do.
  EXPECT_EQ(WithdrawAll(budget, kStart + seconds(10)), 0);
  // When the retries no longer count, the calls neither do.
  EXPECT_EQ(WithdrawAll(budget, kStart + seconds(19)), 3);
}

TEST(RetryBudgetTest, ForgetsAPauseOfAnyLength) {
  RetryBudget budget;
  for (int i = 0; i < 1'000; ++i) budget.CountCall(kStart);
  EXPECT_EQ(WithdrawAll(budget, kStart), 100);
  // The same slots, many windows later.
  EXPECT_EQ(WithdrawAll(budget, kStart + seconds(1'000'000)), 3);
}

TEST(RetryBudgetTest, NeverExceedsATenthUnderSteadyLoad) {
  RetryBudget budget;
  int retries = 0;
  int calls = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto now = kStart + milliseconds(i);
    budget.CountCall(now);
    ++calls;
    if (budget.Withdraw(now)) ++retries;
  }
  EXPECT_LE(retries, calls / 10);
  EXPECT_GE(retries, calls / 20);
}

}  // namespace
}  // namespace docspace::gateway::http
