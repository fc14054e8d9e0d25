#include "server/overload/concurrency_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

using Refusal = ConcurrencyLimiter::Refusal;

constexpr CredentialTag kOne = 0x0123'4567'89AB'CDEF;
constexpr CredentialTag kOther = 0xFEDC'BA98'7654'3210;
constexpr bool kRead = false;
constexpr bool kWrite = true;

// Returns the permits that `limiter` gives for `calls` reads of a credential.
std::list<ConcurrencyLimiter::Permit> Fill(ConcurrencyLimiter& limiter, CredentialTag tag,
                                           std::size_t calls) {
  std::list<ConcurrencyLimiter::Permit> permits;
  for (std::size_t i = 0; i < calls; ++i) {
    ConcurrencyLimiter::Permit permit = limiter.TryAcquire(tag, kRead);
    if (permit) permits.push_back(std::move(permit));
  }
  return permits;
}

TEST(ConcurrencyLimiter, RefusesBeyondTheLimitUntilATicketGoes) {
  ConcurrencyLimiter limiter({.limit = 2});
  std::optional<ConcurrencyLimiter::Permit> first(limiter.TryAcquire(kOne, kRead));
  const auto second = limiter.TryAcquire(kOther, kRead);
  EXPECT_TRUE(*first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(limiter.TryAcquire(3, kRead));
  EXPECT_EQ(limiter.TryAcquire(3, kRead).refusal(), Refusal::kInFlight);
  EXPECT_EQ(limiter.in_flight(), 2U);
  first.reset();
  EXPECT_TRUE(limiter.TryAcquire(3, kRead));
  EXPECT_EQ(limiter.in_flight(), 1U);
}

TEST(ConcurrencyLimiter, ATicketThatIsMovedCountsOnce) {
  ConcurrencyLimiter limiter({.limit = 1});
  {
    auto permit = limiter.TryAcquire(kOne, kRead);
    const ConcurrencyLimiter::Permit moved(std::move(permit));
    EXPECT_TRUE(moved);
    EXPECT_EQ(limiter.in_flight(), 1U);
  }
  EXPECT_EQ(limiter.in_flight(), 0U);
}

TEST(ConcurrencyLimiter, NeverAdmitsMoreThanTheLimitsAtATime) {
  constexpr std::size_t kLimit = 3;
  constexpr std::size_t kWrites = 2;
  ConcurrencyLimiter limiter({.limit = kLimit, .writes_per_credential = kWrites});
  std::atomic<std::size_t> inside = 0;
  std::atomic<std::size_t> writing = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<std::size_t> most_writing = 0;
  std::atomic<int> admitted = 0;
  const auto raise = [](std::atomic<std::size_t>& most_seen, std::size_t now) {
    std::size_t seen = most_seen;
    while (now > seen && !most_seen.compare_exchange_weak(seen, now)) continue;
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, is_write = i % 2 == 0] {
        for (int j = 0; j < 2000; ++j) {
          const auto permit = limiter.TryAcquire(kOne, is_write);
          if (!permit) continue;
          ++admitted;
          raise(most, ++inside);
          if (is_write) raise(most_writing, ++writing);
          if (is_write) --writing;
          --inside;
        }
      });
    }
  }
  EXPECT_GT(admitted, 0);
  EXPECT_LE(most, kLimit);
  EXPECT_LE(most_writing, kWrites);
  EXPECT_EQ(limiter.in_flight(), 0U);
  EXPECT_EQ(Fill(limiter, kOne, kLimit).size(), kLimit);
}

TEST(ConcurrencyLimiter, LetsNobodyInOnceClosed) {
  ConcurrencyLimiter limiter({.limit = 2});
  const auto before = limiter.TryAcquire(kOne, kRead);
  limiter.Close();
  EXPECT_EQ(limiter.TryAcquire(kOther, kRead).refusal(), Refusal::kClosed);
  EXPECT_TRUE(limiter.closed());
  EXPECT_EQ(limiter.in_flight(), 1U);
}

TEST(ConcurrencyLimiter, G15_ACredentialAloneMayHoldAllPermits) {
  ConcurrencyLimiter limiter({.limit = 20});
  const auto permits = Fill(limiter, kOne, 60);
  EXPECT_EQ(permits.size(), 20U);
  EXPECT_EQ(limiter.TryAcquire(kOne, kRead).refusal(), Refusal::kInFlight);
}

TEST(ConcurrencyLimiter, G15_BesideOthersACredentialHoldsHalf) {
  ConcurrencyLimiter limiter({.limit = 20});
  const auto other = limiter.TryAcquire(kOther, kRead);
  const auto permits = Fill(limiter, kOne, 60);
  EXPECT_EQ(permits.size(), 10U);
  EXPECT_EQ(limiter.TryAcquire(kOne, kRead).refusal(), Refusal::kShare);
  EXPECT_EQ(limiter.TryAcquire(kOne, kWrite).refusal(), Refusal::kShare);
  EXPECT_EQ(Fill(limiter, kOther, 60).size(), 9U);
}

TEST(ConcurrencyLimiter, G15_TheFirstCallOfAnotherIsTakenThoughOneHoldsAll) {
  ConcurrencyLimiter limiter({.limit = 20});
  auto permits = Fill(limiter, kOne, 60);
  auto others = Fill(limiter, kOther, 60);
  // The second credential gets an eighth of the limit and one more.
  EXPECT_EQ(others.size(), 3U);
  // The permits that the first credential releases go to the other, until each has half.
  for (int i = 0; i < 20; ++i) {
    if (permits.size() > 10) permits.pop_back();
    EXPECT_FALSE(permits.size() >= 10 && limiter.TryAcquire(kOne, kRead));
    others.splice(others.end(), Fill(limiter, kOther, 1));
  }
  EXPECT_EQ(permits.size(), 10U);
  EXPECT_EQ(others.size(), 10U);
  EXPECT_EQ(limiter.in_flight(), 20U);
}

TEST(ConcurrencyLimiter, G15_ReadsAndWritesOfACredentialHaveLimitsOfTheirOwn) {
  ConcurrencyLimiter limiter({.limit = 100, .reads_per_credential = 3, .writes_per_credential = 2});
  const auto reads = Fill(limiter, kOne, 10);
  EXPECT_EQ(reads.size(), 3U);
  EXPECT_EQ(limiter.TryAcquire(kOne, kRead).refusal(), Refusal::kReads);
  const auto write = limiter.TryAcquire(kOne, kWrite);
  std::optional<ConcurrencyLimiter::Permit> last(limiter.TryAcquire(kOne, kWrite));
  EXPECT_EQ(limiter.TryAcquire(kOne, kWrite).refusal(), Refusal::kWrites);
  EXPECT_TRUE(limiter.TryAcquire(kOther, kRead));
  EXPECT_TRUE(limiter.TryAcquire(kOther, kWrite));
  last.reset();
  EXPECT_TRUE(limiter.TryAcquire(kOne, kWrite));
}

TEST(ConcurrencyLimiter, AdaptiveStartsLowAndStaysBelowTheLimit) {
  ConcurrencyLimiter limiter({.limit = 100, .adaptive = true});
  EXPECT_LT(limiter.limit(), 100U);
  EXPECT_EQ(ConcurrencyLimiter({.limit = 3, .adaptive = true}).limit(), 3U);
  ConcurrencyLimiter fixed({.limit = 100});
  fixed.RecordLatency(std::chrono::seconds(10));
  EXPECT_EQ(fixed.limit(), 100U);
}

TEST(ConcurrencyLimiter, G15_AnAdaptiveLimitGrowsThoughOneCredentialIsHeldToItsHalf) {
  ConcurrencyLimiter limiter({.limit = 100, .adaptive = true});
  const std::size_t at_first = limiter.limit();
  const auto other = limiter.TryAcquire(kOther, kRead);
  const auto permits = Fill(limiter, kOne, at_first);
  ASSERT_LT(limiter.in_flight(), at_first);
  for (int i = 0; i < 20; ++i) limiter.RecordLatency(std::chrono::milliseconds(1));
  EXPECT_GT(limiter.limit(), at_first);
}

}  // namespace
}  // namespace docspace::gateway
