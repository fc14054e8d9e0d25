#include "server/overload/adaptive_concurrency.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace docspace::gateway {
namespace {

using namespace std::chrono_literals;

// A portal that serves `capacity` concurrent calls in `service_time` and queues the others. The
// callers always offer more calls than the limit admits.
class QueueingPortal {
 public:
  QueueingPortal(double capacity, std::chrono::duration<double> service_time)
      : capacity_(capacity), service_time_(service_time) {}

  void Run(AdaptiveConcurrency& adaptive, std::chrono::steady_clock::duration time) {
    for (const auto end = now_ + time; now_ < end; now_ += 5ms) {
      const double queueing = std::max(1.0, static_cast<double>(limit_) / capacity_);
      limit_ = adaptive.Record(
          std::chrono::duration_cast<AdaptiveConcurrency::Duration>(service_time_ * queueing),
          limit_, now_);
    }
  }

  std::size_t limit_ = 8;

 private:
  const double capacity_;
  const std::chrono::duration<double> service_time_;
  AdaptiveConcurrency::TimePoint now_;
};

TEST(AdaptiveConcurrency, FindsThePortalsCapacity) {
  AdaptiveConcurrency adaptive({.max = 2000});
  QueueingPortal portal(100, 20ms);
  portal.Run(adaptive, 30s);
  EXPECT_GE(portal.limit_, 100U) << "the portal idles";
  EXPECT_LE(portal.limit_, 260U) << "calls queue at the portal";
}

TEST(AdaptiveConcurrency, ReachesItsMaximumWhereNothingQueues) {
  AdaptiveConcurrency adaptive({.max = 2000});
  QueueingPortal portal(10'000, 20ms);
  portal.Run(adaptive, 30s);
  EXPECT_EQ(portal.limit_, 2000U);
}

TEST(AdaptiveConcurrency, NeverFallsBelowItsMinimum) {
  AdaptiveConcurrency adaptive({.min = 8, .max = 2000});
  QueueingPortal portal(1, 20ms);
  portal.Run(adaptive, 10s);
  EXPECT_GE(portal.limit_, 8U);
  EXPECT_LT(portal.limit_, 20U);
}

TEST(AdaptiveConcurrency, DoesNotGrowWhileTheLimitIsNotInUse) {
  AdaptiveConcurrency adaptive({.max = 2000});
  QueueingPortal portal(100, 20ms);
  portal.Run(adaptive, 30s);
  auto now = AdaptiveConcurrency::TimePoint(1h);
  const auto run = [&](int calls) {
    std::size_t limit = 0;
    for (int i = 0; i < calls; ++i) limit = adaptive.Record(20ms, 3, now += 5ms);
    return limit;
  };
  const std::size_t found = run(100);
  const std::size_t limit = run(1000);
  EXPECT_EQ(limit, found);
}

}  // namespace
}  // namespace docspace::gateway
