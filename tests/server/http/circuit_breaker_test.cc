#include "server/http/circuit_breaker.h"

#include <gtest/gtest.h>

namespace docspace::gateway::http {
namespace {

using State = CircuitBreaker::State;
using std::chrono::milliseconds;

const CircuitBreaker::TimePoint kStart{std::chrono::hours(1)};
constexpr CircuitBreakerOptions kOptions{.failures = 3, .open_for = milliseconds(500)};

void Fail(CircuitBreaker& breaker, CircuitBreaker::TimePoint now) {
  auto permit = breaker.TryAcquire(now);
  ASSERT_TRUE(permit);
  permit.Failed(now);
}

void Succeed(CircuitBreaker& breaker, CircuitBreaker::TimePoint now) {
  auto permit = breaker.TryAcquire(now);
  ASSERT_TRUE(permit);
  permit.Succeeded();
}

void Open(CircuitBreaker& breaker) {
  for (int i = 0; i < 3; ++i) Fail(breaker, kStart);
  ASSERT_EQ(breaker.state(), State::kOpen);
}

TEST(CircuitBreakerTest, OpensAfterConsecutiveFailures) {
  CircuitBreaker breaker(kOptions);
  Fail(breaker, kStart);
  Fail(breaker, kStart);
  EXPECT_EQ(breaker.state(), State::kClosed);
  Fail(breaker, kStart);
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_EQ(breaker.opened(), 1u);
  EXPECT_FALSE(breaker.TryAcquire(kStart));
  EXPECT_FALSE(breaker.TryAcquire(kStart + milliseconds(499)));
}

TEST(CircuitBreakerTest, CountsFromZeroAfterASuccess) {
  CircuitBreaker breaker(kOptions);
  for (int i = 0; i < 10; ++i) {
    Fail(breaker, kStart);
    Fail(breaker, kStart);
    Succeed(breaker, kStart);
  }
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, LetsOneProbeThroughAndClosesWhenItSucceeds) {
  CircuitBreaker breaker(kOptions);
  Open(breaker);
  const auto later = kStart + milliseconds(500);
  auto probe = breaker.TryAcquire(later);
  ASSERT_TRUE(probe);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  EXPECT_FALSE(breaker.TryAcquire(later));
  probe.Succeeded();
  EXPECT_EQ(breaker.state(), State::kClosed);
  EXPECT_TRUE(breaker.TryAcquire(later));
}

TEST(CircuitBreakerTest, StaysOpenForAnotherWhileWhenTheProbeFails) {
  CircuitBreaker breaker(kOptions);
  Open(breaker);
  const auto later = kStart + milliseconds(500);
  Fail(breaker, later);
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_FALSE(breaker.TryAcquire(later + milliseconds(499)));
  EXPECT_TRUE(breaker.TryAcquire(later + milliseconds(500)));
}

TEST(CircuitBreakerTest, AnAbandonedProbeMakesRoomForAnother) {
  CircuitBreaker breaker(kOptions);
  Open(breaker);
  const auto later = kStart + milliseconds(500);
  { const auto probe = breaker.TryAcquire(later); }
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_TRUE(breaker.TryAcquire(later));
}

TEST(CircuitBreakerTest, AnAbandonedAttemptChangesNothing) {
  CircuitBreaker breaker(kOptions);
  for (int i = 0; i < 10; ++i) const auto permit = breaker.TryAcquire(kStart);
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, AStragglersFailureDoesNotEndTheProbe) {
  CircuitBreaker breaker(kOptions);
  auto straggler = breaker.TryAcquire(kStart);
  Open(breaker);
  const auto later = kStart + milliseconds(500);
  auto probe = breaker.TryAcquire(later);
  straggler.Failed(later);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  EXPECT_FALSE(breaker.TryAcquire(later));
  probe.Succeeded();
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, AStragglersSuccessClosesTheCircuit) {
  CircuitBreaker breaker(kOptions);
  auto straggler = breaker.TryAcquire(kStart);
  Open(breaker);
  straggler.Succeeded();
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, AnEarlierProbeDoesNotEndALaterOne) {
  CircuitBreaker breaker(kOptions);
  auto straggler = breaker.TryAcquire(kStart);
  Open(breaker);
  const auto later = kStart + milliseconds(500);
  {
    auto early_probe = breaker.TryAcquire(later);
    ASSERT_TRUE(early_probe);
    straggler.Succeeded();
    for (int i = 0; i < 3; ++i) Fail(breaker, later);
    auto late_probe = breaker.TryAcquire(later + milliseconds(500));
    ASSERT_TRUE(late_probe);
    early_probe.Failed(later + milliseconds(500));
    EXPECT_EQ(breaker.state(), State::kHalfOpen);
    late_probe.Succeeded();
    EXPECT_EQ(breaker.state(), State::kClosed);
  }
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, NeverOpensWhereItIsTurnedOff) {
  CircuitBreaker breaker({.failures = 0, .open_for = milliseconds(500)});
  for (int i = 0; i < 1'000; ++i) Fail(breaker, kStart);
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, CountsHowOftenItOpened) {
  CircuitBreaker breaker(kOptions);
  Open(breaker);
  Succeed(breaker, kStart + milliseconds(500));
  Open(breaker);
  EXPECT_EQ(breaker.opened(), 2u);
}

}  // namespace
}  // namespace docspace::gateway::http
