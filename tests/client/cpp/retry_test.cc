#include "client/cpp/retry.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::apikeys {
namespace {

using grpc::StatusCode;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

ApiKeysError Error(StatusCode code, const std::string& reason,
                   std::optional<nanoseconds> retry_delay = std::nullopt) {
  ApiKeysError error;
  error.code = code;
  error.reason = reason;
  if (!reason.empty()) error.domain = kErrorDomain;
  error.retry_delay = retry_delay;
  return error;
}

struct DelayRow {
  const char* what;
  int attempts;
  std::optional<nanoseconds> retry_delay;
  nanoseconds remaining;
  double jitter;
  std::optional<nanoseconds> delay;
};

TEST(NextDelay, GrowsExponentiallyWithFullJitterWithinTheDeadline) {
  const RetryPolicy policy{
      .max_attempts = 6, .initial_backoff = milliseconds(200), .max_backoff = milliseconds(1000)};
  const DelayRow kRows[] = {
      {"at once with the least jitter", 1, {}, seconds(30), 0.0, seconds(0)},
      {"half of the first ceiling", 1, {}, seconds(30), 0.5, milliseconds(100)},
      {"the ceiling doubles", 2, {}, seconds(30), 0.5, milliseconds(200)},
      {"and again", 3, {}, seconds(30), 0.5, milliseconds(400)},
      {"up to the limit", 4, {}, seconds(30), 0.5, milliseconds(500)},
      {"and not over it", 5, {}, seconds(30), 0.5, milliseconds(500)},
      {"the attempts are bounded", 6, {}, seconds(30), 0.5, std::nullopt},
      {"the gateway's delay comes first", 1, seconds(3), seconds(30), 0.0, seconds(3)},
      {"with jitter on top", 1, seconds(3), seconds(30), 0.5, milliseconds(3100)},
      {"a delay that just fits", 1, seconds(3), milliseconds(3001), 0.0, seconds(3)},
      {"a delay as long as what remains", 1, seconds(3), seconds(3), 0.0, std::nullopt},
      {"jitter that does not fit", 1, seconds(3), milliseconds(3050), 0.5, std::nullopt},
      {"back-off that does not fit", 1, {}, milliseconds(50), 0.5, std::nullopt},
      {"no time left", 1, {}, seconds(0), 0.0, std::nullopt},
      {"past the deadline", 1, {}, seconds(-1), 0.0, std::nullopt},
  };
  for (const DelayRow& row : kRows) {
    const ApiKeysError error =
        Error(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", row.retry_delay);
    EXPECT_EQ(NextDelay(policy, Access::kRead, error, row.attempts, row.remaining, row.jitter),
              row.delay)
        << row.what;
  }
}

TEST(Delay, BacksOffFromARateLimitThatStatesNoDelay) {
  const ApiKeysError limited = Error(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED");
  const auto delay = [&](int attempts, double jitter) {
    return Delay({}, limited, attempts, jitter);
  };
  EXPECT_EQ(delay(1, 0), milliseconds(500));
  EXPECT_EQ(delay(1, 0.5), milliseconds(750));
  EXPECT_EQ(delay(2, 0), milliseconds(1000));
  EXPECT_EQ(delay(3, 0), milliseconds(2000));
  EXPECT_EQ(delay(4, 0), milliseconds(2500));
}

TEST(Backoff, WaitsForTheGatewaysDelayAndUpTo30Seconds) {
  const ApiKeysError limited = Error(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED");
  const ApiKeysError down = Error(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", seconds(7));
  for (int i = 0; i < 100; ++i) {
    EXPECT_GE(Backoff(limited, 1000), seconds(15));
    EXPECT_LT(Backoff(limited, 1000), seconds(30));
    EXPECT_GE(Backoff(down, 1), seconds(7));
    EXPECT_LT(Backoff(down, 1), milliseconds(7200));
  }
}

TEST(NextDelay, IsOnlyForReadsThatFailedWithUnavailable) {
  const ApiKeysError down = Error(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE");
  const ApiKeysError lost = Error(StatusCode::UNAVAILABLE, "");
  const ApiKeysError limited = Error(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED");
  const ApiKeysError unknown = Error(StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN");
  const auto delay = [](Access access, const ApiKeysError& error) {
    return NextDelay({}, access, error, 1, seconds(30), 0.5);
  };
  EXPECT_EQ(delay(Access::kRead, down), milliseconds(100));
  EXPECT_EQ(delay(Access::kRead, lost), milliseconds(100));
  EXPECT_EQ(delay(Access::kRead, limited), std::nullopt);
  EXPECT_EQ(delay(Access::kRead, unknown), std::nullopt);
  for (const ApiKeysError& error : {down, lost, limited, unknown}) {
    EXPECT_EQ(delay(Access::kWrite, error), std::nullopt) << error.reason;
  }
}

TEST(NextDelay, IsNoneIfThePolicyAllowsOneAttempt) {
  const RetryPolicy once{.max_attempts = 1};
  EXPECT_EQ(NextDelay(once, Access::kRead, Error(StatusCode::UNAVAILABLE, ""), 1, seconds(30), 0),
            std::nullopt);
}

TEST(NextDelay, TakesABackOffOfAnyLength) {
  const RetryPolicy endless{.max_attempts = 1000,
                            .initial_backoff = std::chrono::hours(1),
                            .max_backoff = std::chrono::nanoseconds::max()};
  EXPECT_EQ(
      NextDelay(endless, Access::kRead, Error(StatusCode::UNAVAILABLE, ""), 999, seconds(30), 0.99),
      std::nullopt);
  // In addition to a delay of a year, which is the longest that DecodeError accepts.
  EXPECT_EQ(
      NextDelay(endless, Access::kRead, Error(StatusCode::UNAVAILABLE, "", std::chrono::years(1)),
                999, std::chrono::nanoseconds::max(), 1.0),
      std::chrono::years(1) + std::chrono::days(365));
}

}  // namespace
}  // namespace docspace::apikeys
