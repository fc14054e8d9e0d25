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

struct SafetyRow {
  const char* what;
  ApiKeysError error;
  bool read;
  bool write;
};

TEST(IsSafeToRetry, HoldsForWhatCannotApplyAWriteTwice) {
  ApiKeysError of_another_domain = Error(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE");
  of_another_domain.domain = "proxy.example.com";
  const SafetyRow kRows[] = {
      {"the portal is down, says the gateway",
       Error(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"), true, true},
      {"the portal is down until later",
       Error(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", seconds(2)), true, true},
      {"the connection to the gateway was lost", Error(StatusCode::UNAVAILABLE, ""), true, false},
      {"something in between is down", of_another_domain, true, false},
      {"rate limited, until a known time",
       Error(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED", seconds(1)), true, true},
      {"rate limited, without a delay", Error(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED"), true,
       true},
      {"the gateway is full, without a delay",
       Error(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"), true, true},
      {"the gateway is full",
       Error(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED", seconds(1)), true, true},
      {"too large, which no wait mends",
       Error(StatusCode::RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE", seconds(1)), false, false},
      {"too large for this client", Error(StatusCode::RESOURCE_EXHAUSTED, ""), false, false},
      {"a write that may have been applied", Error(StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"),
       false, false},
      {"a write that may have been applied, with a delay",
       Error(StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN", seconds(1)), false, false},
      {"the deadline", Error(StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"), false, false},
      {"cancelled", Error(StatusCode::CANCELLED, ""), false, false},
      {"aborted", Error(StatusCode::ABORTED, "CONFLICT"), false, false},
      {"internal", Error(StatusCode::INTERNAL, "UPSTREAM_ERROR"), false, false},
      {"unauthenticated", Error(StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED"), false, false},
      {"denied", Error(StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"), false, false},
      {"invalid", Error(StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"), false, false},
      {"not found", Error(StatusCode::NOT_FOUND, "KEY_NOT_FOUND"), false, false},
      {"precondition", Error(StatusCode::FAILED_PRECONDITION, "PAYMENT_REQUIRED"), false, false},
  };
  for (const SafetyRow& row : kRows) {
    EXPECT_EQ(IsSafeToRetry(Access::kRead, row.error), row.read) << row.what;
    EXPECT_EQ(IsSafeToRetry(Access::kWrite, row.error), row.write) << row.what;
  }
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
      {"the tries are bounded", 6, {}, seconds(30), 0.5, std::nullopt},
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
    EXPECT_EQ(NextDelay(policy, Access::kWrite, error, row.attempts, row.remaining, row.jitter),
              row.delay)
        << row.what;
  }
}

TEST(NextDelay, BacksOffFromARateLimitThatSaysNoDelay) {
  const ApiKeysError limited = Error(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED");
  const auto delay = [&](int attempts, double jitter) {
    return NextDelay({}, Access::kWrite, limited, attempts, seconds(30), jitter);
  };
  EXPECT_EQ(delay(1, 0), milliseconds(500));
  EXPECT_EQ(delay(1, 0.5), milliseconds(750));
  EXPECT_EQ(delay(2, 0), milliseconds(1000));
  EXPECT_EQ(delay(3, 0), milliseconds(2000));
  EXPECT_EQ(delay(4, 0), std::nullopt);
}

TEST(NextDelay, IsNoneForWhatIsNotSafe) {
  EXPECT_EQ(NextDelay({}, Access::kWrite, Error(StatusCode::UNAVAILABLE, ""), 1, seconds(30), 0),
            std::nullopt);
}

TEST(NextDelay, IsNoneWhereThePolicyAllowsOneTry) {
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
  // Together with a delay of a year, which is the longest that DecodeError reads.
  EXPECT_EQ(
      NextDelay(endless, Access::kRead, Error(StatusCode::UNAVAILABLE, "", std::chrono::years(1)),
                999, std::chrono::nanoseconds::max(), 1.0),
      std::chrono::years(1) + std::chrono::days(365));
}

}  // namespace
}  // namespace docspace::apikeys
