#include "client/cpp/error.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/client/cpp/fake_gateway.h"

namespace docspace::apikeys {
namespace {

using grpc::StatusCode;

// Returns the delay that the client decodes from a RetryInfo with this delay.
std::optional<std::chrono::nanoseconds> DecodeDelay(std::int64_t seconds, std::int32_t nanos) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(nanos);
  google::rpc::Status details;
  EXPECT_TRUE(details.add_details()->PackFrom(info));
  return DecodeError({StatusCode::UNAVAILABLE, "down", details.SerializeAsString()}).retry_delay;
}

TEST(DecodeError, ReadsEveryDetail) {
  ApiKeysError sent = GatewayError(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED", "Too many");
  sent.metadata = {{"http_status", "429"}, {"request_id", "r-1"}, {"upstream_type", "T"}};
  sent.field_violations = {{"name", "is long"}, {"expires_in_days", "is negative"}};
  sent.quota_violations = {{"user", "5 in 15 minutes"}};
  sent.retry_delay = std::chrono::milliseconds(1500);

  const ApiKeysError error = DecodeError(StatusOf(sent));

  EXPECT_EQ(error.code, StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(error.message, "Too many");
  EXPECT_EQ(error.reason, "RATE_LIMITED");
  EXPECT_TRUE(error.IsFromGateway());
  EXPECT_EQ(error.http_status, 429);
  EXPECT_EQ(error.request_id, "r-1");
  EXPECT_EQ(error.metadata, sent.metadata);
  ASSERT_EQ(error.field_violations.size(), 2U);
  EXPECT_EQ(error.field_violations[1].field, "expires_in_days");
  EXPECT_EQ(error.field_violations[1].description, "is negative");
  ASSERT_EQ(error.quota_violations.size(), 1U);
  EXPECT_EQ(error.quota_violations[0].subject, "user");
  EXPECT_EQ(error.quota_violations[0].description, "5 in 15 minutes");
  EXPECT_EQ(error.retry_delay, std::chrono::milliseconds(1500));
}

TEST(DecodeError, KeepsCodeAndMessageWithoutDetails) {
  const ApiKeysError error = DecodeError({StatusCode::UNAVAILABLE, "connection refused"});
  EXPECT_EQ(error.code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(error.message, "connection refused");
  EXPECT_TRUE(error.reason.empty());
  EXPECT_FALSE(error.IsFromGateway());
  EXPECT_EQ(error.http_status, 0);
}

TEST(DecodeError, PassesOverDetailsThatCannotBeRead) {
  google::rpc::Status details;
  details.add_details()->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  details.mutable_details(0)->set_value("\xFF\xFF");
  details.add_details()->set_type_url("type.googleapis.com/google.rpc.NotKnownYet");
  for (const std::string& bytes : {std::string("\xFF"), details.SerializeAsString()}) {
    const ApiKeysError error = DecodeError({StatusCode::NOT_FOUND, "no such key", bytes});
    EXPECT_EQ(error.code, StatusCode::NOT_FOUND);
    EXPECT_EQ(error.message, "no such key");
    EXPECT_FALSE(error.IsFromGateway());
  }
}

TEST(DecodeError, DoesNotTakeAnotherDomainForTheGateway) {
  ApiKeysError sent = GatewayError(StatusCode::UNAVAILABLE, "DOWN", "");
  sent.domain = "proxy.example.com";
  const ApiKeysError error = DecodeError(StatusOf(sent));
  EXPECT_EQ(error.reason, "DOWN");
  EXPECT_FALSE(error.IsFromGateway());
}

TEST(DecodeError, TakesADelayOfYearsForAYearAndIgnoresANegativeOne) {
  ApiKeysError sent = GatewayError(StatusCode::UNAVAILABLE, "DOWN", "");
  sent.retry_delay = std::chrono::years(200);
  EXPECT_EQ(DecodeError(StatusOf(sent)).retry_delay, std::chrono::years(1));
  sent.retry_delay = std::chrono::seconds(-1);
  EXPECT_EQ(DecodeError(StatusOf(sent)).retry_delay, std::nullopt);
}

TEST(DecodeError, G14_ADelayAtTheEndsOfItsTypeIsAYearOrNone) {
  for (const std::int64_t seconds :
       {std::int64_t{31'556'952}, std::int64_t{9'223'372'037}, std::int64_t{315'576'000'000},
        std::numeric_limits<std::int64_t>::max() / 1000,
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(DecodeDelay(seconds, 999'999'999), std::chrono::years(1)) << seconds;
  }
  EXPECT_EQ(DecodeDelay(0, std::numeric_limits<std::int32_t>::max()),
            std::chrono::nanoseconds(std::numeric_limits<std::int32_t>::max()));
  EXPECT_EQ(DecodeDelay(std::numeric_limits<std::int64_t>::min(), 0), std::nullopt);
  EXPECT_EQ(DecodeDelay(0, std::numeric_limits<std::int32_t>::min()), std::nullopt);
}

struct SafetyRow {
  StatusCode code;
  const char* reason;
  bool safe;
};

TEST(IsSafeToRetry, HoldsIfAnotherAttemptCannotApplyAWriteTwice) {
  const SafetyRow kRows[] = {
      {StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", true},
      {StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED", true},
      {StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED", true},
      {StatusCode::RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE", false},
      {StatusCode::RESOURCE_EXHAUSTED, "", false},
      {StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN", false},
      {StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", false},
      {StatusCode::CANCELLED, "CANCELLED", false},
      {StatusCode::ABORTED, "CONFLICT", false},
      {StatusCode::INTERNAL, "UPSTREAM_ERROR", false},
      {StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED", false},
      {StatusCode::PERMISSION_DENIED, "ACCESS_DENIED", false},
      {StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", false},
      {StatusCode::NOT_FOUND, "KEY_NOT_FOUND", false},
      {StatusCode::FAILED_PRECONDITION, "PAYMENT_REQUIRED", false},
  };
  for (const SafetyRow& row : kRows) {
    ApiKeysError error = GatewayError(row.code, row.reason, "");
    for (const auto delay : {std::optional<std::chrono::nanoseconds>(),
                             std::optional<std::chrono::nanoseconds>(std::chrono::seconds(1))}) {
      error.retry_delay = delay;
      EXPECT_EQ(error.IsSafeToRetry(), row.safe) << row.code << ' ' << row.reason;
      EXPECT_EQ(error.IsKnownNotApplied(), row.safe) << row.code << ' ' << row.reason;
    }
    error.domain = "proxy.example.com";
    EXPECT_FALSE(error.IsSafeToRetry()) << row.code;
    EXPECT_FALSE(error.IsKnownNotApplied()) << row.code;
  }
}

TEST(IsKnownNotApplied, HoldsIfTheGatewayDidNotSendTheWrite) {
  ApiKeysError error = GatewayError(StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "");
  error.metadata["write_sent"] = "false";
  EXPECT_TRUE(error.IsKnownNotApplied());
  EXPECT_FALSE(error.IsSafeToRetry());
  error.metadata["write_sent"] = "true";
  EXPECT_FALSE(error.IsKnownNotApplied());
  error.metadata["write_sent"] = "false";
  error.domain = "proxy.example.com";
  EXPECT_FALSE(error.IsKnownNotApplied());
}

TEST(CodeName, IsTheOneOfTheSpecification) {
  EXPECT_EQ(CodeName(StatusCode::NOT_FOUND), "NOT_FOUND");
  EXPECT_EQ(CodeName(StatusCode::UNKNOWN), "UNKNOWN");
  EXPECT_EQ(CodeName(static_cast<StatusCode>(77)), "77");
}

}  // namespace
}  // namespace docspace::apikeys
