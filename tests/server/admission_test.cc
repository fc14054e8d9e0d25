#include "server/admission.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

TEST(Admission, RefusesBeyondTheLimitUntilATicketGoes) {
  Admission admission(2);
  std::optional<Admission::Ticket> first(admission.Enter());
  const auto second = admission.Enter();
  EXPECT_TRUE(*first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(admission.Enter());
  EXPECT_EQ(admission.in_flight(), 2U);
  first.reset();
  EXPECT_TRUE(admission.Enter());
  EXPECT_EQ(admission.in_flight(), 1U);
}

TEST(Admission, ATicketThatIsMovedCountsOnce) {
  Admission admission(1);
  {
    auto ticket = admission.Enter();
    const Admission::Ticket moved(std::move(ticket));
    EXPECT_TRUE(moved);
    EXPECT_EQ(admission.in_flight(), 1U);
  }
  EXPECT_EQ(admission.in_flight(), 0U);
}

TEST(Admission, NeverAdmitsMoreThanTheLimitAtATime) {
  constexpr std::size_t kLimit = 3;
  Admission admission(kLimit);
  std::atomic<std::size_t> inside = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 2000; ++j) {
          const auto ticket = admission.Enter();
          if (!ticket) continue;
          ++admitted;
          const std::size_t now = ++inside;
          std::size_t seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) continue;
          --inside;
        }
      });
    }
  }
  EXPECT_GT(admitted, 0);
  EXPECT_LE(most, kLimit);
  EXPECT_EQ(admission.in_flight(), 0U);
}

TEST(Admission, LetsNobodyInOnceClosed) {
  Admission admission(2);
  const auto before = admission.Enter();
  admission.Close();
  EXPECT_FALSE(admission.Enter());
  EXPECT_TRUE(admission.closed());
  EXPECT_EQ(admission.in_flight(), 1U);
}

TEST(Admission, AdaptiveStartsLowAndStaysBelowTheLimit) {
  Admission admission(100, /*adaptive=*/true);
  EXPECT_LT(admission.limit(), 100U);
  EXPECT_EQ(Admission(3, /*adaptive=*/true).limit(), 3U);
  Admission fixed(100);
  fixed.Observe(std::chrono::seconds(10));
  EXPECT_EQ(fixed.limit(), 100U);
}

}  // namespace
}  // namespace docspace::gateway
