#include "server/overload/admission.h"

#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

using Refusal = Admission::Refusal;

constexpr CredentialTag kOne = 0x0123'4567'89AB'CDEF;
constexpr CredentialTag kOther = 0xFEDC'BA98'7654'3210;
constexpr bool kRead = false;
constexpr bool kWrite = true;

// What `admission` lets in of so many reads of a credential.
std::list<Admission::Ticket> Fill(Admission& admission, CredentialTag tag, std::size_t calls) {
  std::list<Admission::Ticket> tickets;
  for (std::size_t i = 0; i < calls; ++i) {
    Admission::Ticket ticket = admission.Enter(tag, kRead);
    if (ticket) tickets.push_back(std::move(ticket));
  }
  return tickets;
}

TEST(Admission, RefusesBeyondTheLimitUntilATicketGoes) {
  Admission admission({.limit = 2});
  std::optional<Admission::Ticket> first(admission.Enter(kOne, kRead));
  const auto second = admission.Enter(kOther, kRead);
  EXPECT_TRUE(*first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(admission.Enter(3, kRead));
  EXPECT_EQ(admission.Enter(3, kRead).refusal(), Refusal::kInFlight);
  EXPECT_EQ(admission.in_flight(), 2U);
  first.reset();
  EXPECT_TRUE(admission.Enter(3, kRead));
  EXPECT_EQ(admission.in_flight(), 1U);
}

TEST(Admission, ATicketThatIsMovedCountsOnce) {
  Admission admission({.limit = 1});
  {
    auto ticket = admission.Enter(kOne, kRead);
    const Admission::Ticket moved(std::move(ticket));
    EXPECT_TRUE(moved);
    EXPECT_EQ(admission.in_flight(), 1U);
  }
  EXPECT_EQ(admission.in_flight(), 0U);
}

TEST(Admission, NeverAdmitsMoreThanTheLimitsAtATime) {
  constexpr std::size_t kLimit = 3;
  constexpr std::size_t kWrites = 2;
  Admission admission({.limit = kLimit, .writes_per_credential = kWrites});
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
          const auto ticket = admission.Enter(kOne, is_write);
          if (!ticket) continue;
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
  EXPECT_EQ(admission.in_flight(), 0U);
  EXPECT_EQ(Fill(admission, kOne, kLimit).size(), kLimit);
}

TEST(Admission, LetsNobodyInOnceClosed) {
  Admission admission({.limit = 2});
  const auto before = admission.Enter(kOne, kRead);
  admission.Close();
  EXPECT_EQ(admission.Enter(kOther, kRead).refusal(), Refusal::kClosed);
  EXPECT_TRUE(admission.closed());
  EXPECT_EQ(admission.in_flight(), 1U);
}

TEST(Admission, G15_ACredentialAloneMayHoldAllPermits) {
  Admission admission({.limit = 20});
  const auto tickets = Fill(admission, kOne, 60);
  EXPECT_EQ(tickets.size(), 20U);
  EXPECT_EQ(admission.Enter(kOne, kRead).refusal(), Refusal::kInFlight);
}

TEST(Admission, G15_BesideOthersACredentialHoldsHalf) {
  Admission admission({.limit = 20});
  const auto other = admission.Enter(kOther, kRead);
  const auto tickets = Fill(admission, kOne, 60);
  EXPECT_EQ(tickets.size(), 10U);
  EXPECT_EQ(admission.Enter(kOne, kRead).refusal(), Refusal::kShare);
  EXPECT_EQ(admission.Enter(kOne, kWrite).refusal(), Refusal::kShare);
  EXPECT_EQ(Fill(admission, kOther, 60).size(), 9U);
}

TEST(Admission, G15_TheFirstCallOfAnotherIsTakenThoughOneHoldsAll) {
  Admission admission({.limit = 20});
  auto tickets = Fill(admission, kOne, 60);
  auto others = Fill(admission, kOther, 60);
  // An eighth and one more.
  EXPECT_EQ(others.size(), 3U);
  // What the first one gives back is the other's, until each has half.
  for (int i = 0; i < 20; ++i) {
    if (tickets.size() > 10) tickets.pop_back();
    EXPECT_FALSE(tickets.size() >= 10 && admission.Enter(kOne, kRead));
    others.splice(others.end(), Fill(admission, kOther, 1));
  }
  EXPECT_EQ(tickets.size(), 10U);
  EXPECT_EQ(others.size(), 10U);
  EXPECT_EQ(admission.in_flight(), 20U);
}

TEST(Admission, G15_ReadsAndWritesOfACredentialHaveLimitsOfTheirOwn) {
  Admission admission({.limit = 100, .reads_per_credential = 3, .writes_per_credential = 2});
  const auto reads = Fill(admission, kOne, 10);
  EXPECT_EQ(reads.size(), 3U);
  EXPECT_EQ(admission.Enter(kOne, kRead).refusal(), Refusal::kReads);
  const auto write = admission.Enter(kOne, kWrite);
  std::optional<Admission::Ticket> last(admission.Enter(kOne, kWrite));
  EXPECT_EQ(admission.Enter(kOne, kWrite).refusal(), Refusal::kWrites);
  EXPECT_TRUE(admission.Enter(kOther, kRead));
  EXPECT_TRUE(admission.Enter(kOther, kWrite));
  last.reset();
  EXPECT_TRUE(admission.Enter(kOne, kWrite));
}

TEST(Admission, AdaptiveStartsLowAndStaysBelowTheLimit) {
  Admission admission({.limit = 100, .adaptive = true});
  EXPECT_LT(admission.limit(), 100U);
  EXPECT_EQ(Admission({.limit = 3, .adaptive = true}).limit(), 3U);
  Admission fixed({.limit = 100});
  fixed.Observe(std::chrono::seconds(10));
  EXPECT_EQ(fixed.limit(), 100U);
}

TEST(Admission, G15_AnAdaptiveLimitGrowsThoughOneCredentialIsHeldToItsHalf) {
  Admission admission({.limit = 100, .adaptive = true});
  const std::size_t at_first = admission.limit();
  const auto other = admission.Enter(kOther, kRead);
  const auto tickets = Fill(admission, kOne, at_first);
  ASSERT_LT(admission.in_flight(), at_first);
  for (int i = 0; i < 20; ++i) admission.Observe(std::chrono::milliseconds(1));
  EXPECT_GT(admission.limit(), at_first);
}

}  // namespace
}  // namespace docspace::gateway
