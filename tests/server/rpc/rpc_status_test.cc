#include "server/rpc/rpc_status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "server/base/utf8.h"
#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

constexpr std::size_t kLimit = 4096;

google::rpc::Status RichOf(const grpc::Status& status) {
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  return rich;
}

template <class Detail>
Detail DetailOf(const google::rpc::Status& rich) {
  Detail detail;
  for (const auto& any : rich.details()) {
    if (any.Is<Detail>()) {
      EXPECT_TRUE(any.UnpackTo(&detail));
    }
  }
  return detail;
}

std::vector<FieldViolation> Violations(std::size_t count, std::size_t size) {
  std::vector<FieldViolation> violations;
  for (std::size_t i = 0; i < count; ++i) {
    violations.push_back({"permissions", std::to_string(i) + std::string(size, 'v')});
  }
  return violations;
}

TEST(ToGrpcStatus, KeepsOkOk) {
  const grpc::Status status = ToGrpcStatus(absl::OkStatus());
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(status.error_details().empty());
}

TEST(ToGrpcStatus, KeepsEachCode) {
  for (int code = 1; code <= 16; ++code) {
    const grpc::Status status =
        ToGrpcStatus(absl::Status(static_cast<absl::StatusCode>(code), "why"));
    EXPECT_EQ(static_cast<int>(status.error_code()), code);
    EXPECT_EQ(status.error_message(), "why");
    EXPECT_EQ(RichOf(status).code(), code);
    EXPECT_EQ(RichOf(status).message(), "why");
  }
}

TEST(ToGrpcStatus, PacksEachDetailOnceAndErrorInfoFirst) {
  const google::rpc::Status rich = RichOf(
      ToGrpcStatus(MakeError(absl::StatusCode::kResourceExhausted, "slow down",
                             {.reason = ErrorReason::kRateLimited,
                              .metadata = {{"http_status", "429"}, {"upstream_type", "T"}},
                              .violations = {{"name", "is required"}, {"expires_in_days", "is 0"}},
                              .retry_after = absl::Milliseconds(1500),
                              .quota = "limit 5"})));

  ASSERT_EQ(rich.details_size(), 4);
  EXPECT_EQ(rich.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  const auto info = DetailOf<google::rpc::ErrorInfo>(rich);
  EXPECT_EQ(info.reason(), "RATE_LIMITED");
  EXPECT_EQ(info.domain(), "apikeys.docspace.onlyoffice.com");
  EXPECT_EQ(info.metadata().at("http_status"), "429");
  EXPECT_EQ(info.metadata().at("upstream_type"), "T");
  const auto bad_request = DetailOf<google::rpc::BadRequest>(rich);
  ASSERT_EQ(bad_request.field_violations_size(), 2);
  EXPECT_EQ(bad_request.field_violations(1).field(), "expires_in_days");
  EXPECT_EQ(bad_request.field_violations(1).description(), "is 0");
  const auto retry = DetailOf<google::rpc::RetryInfo>(rich);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  EXPECT_EQ(DetailOf<google::rpc::QuotaFailure>(rich).violations(0).description(), "limit 5");
}

TEST(ToGrpcStatus, StaysUnderItsLimitWhateverItIsGiven) {
  for (const std::size_t message : {0, 10, 1000, 5000, 70000}) {
    for (const std::size_t violations : {0, 1, 16, 1000}) {
      for (const std::size_t metadata : {1, 500, 3500}) {
        std::string text(message, 'm');
        if (message > 1000) text.replace(700, 400, std::string(400, '\x01'));
        const grpc::Status status = ToGrpcStatus(
            MakeError(absl::StatusCode::kInvalidArgument, text,
                      {.reason = ErrorReason::kInvalidRequest,
                       .metadata = {{"http_status", "400"}, {"x", std::string(metadata, 'x')}},
                       .violations = Violations(violations, 256)}));
        EXPECT_LE(status.error_message().size() + status.error_details().size(), kLimit);
        EXPECT_EQ(RichOf(status).code(), 3);
      }
    }
  }
}

TEST(ToGrpcStatus, ShortensTheMessageBetweenCharacters) {
  std::string message = "x";
  for (int i = 0; i < 3000; ++i) message += "€";
  const grpc::Status status = ToGrpcStatus(absl::InternalError(message));
  EXPECT_LE(status.error_message().size(), 1024U);
  EXPECT_GT(status.error_message().size(), 1000U);
  EXPECT_TRUE(IsValidUtf8(status.error_message()));
  EXPECT_EQ(RichOf(status).message(), status.error_message());
}

TEST(ToGrpcStatus, DropsTheLastViolationsOnly) {
  const google::rpc::Status rich =
      RichOf(ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument, std::string(2000, 'm'),
                                    {.reason = ErrorReason::kInvalidRequest,
                                     .metadata = {{"http_status", "400"}},
                                     .violations = Violations(16, 256),
                                     .retry_after = absl::Seconds(3)})));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(rich).reason(), "INVALID_REQUEST");
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(rich).retry_delay().seconds(), 3);
  const auto bad_request = DetailOf<google::rpc::BadRequest>(rich);
  ASSERT_GE(bad_request.field_violations_size(), 3);
  EXPECT_LT(bad_request.field_violations_size(), 16);
  EXPECT_EQ(bad_request.field_violations(0).description()[0], '0');
}

TEST(StatusDetails, AddTheRequestId) {
  const absl::Status status = WithRequestId(
      MakeError(absl::StatusCode::kInternal, "why", {.reason = ErrorReason::kUpstreamError}),
      "r-1");
  const google::rpc::Status rich = RichOf(ToGrpcStatus(status));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(rich).metadata().at("request_id"), "r-1");
  EXPECT_EQ(ReasonOf(status), "UPSTREAM_ERROR");
  EXPECT_EQ(WithRequestId(absl::OkStatus(), "r-1"), absl::OkStatus());
}

TEST(StatusDetails, TellTheRetryPushbackInMilliseconds) {
  const auto with = [](std::optional<absl::Duration> delay) {
    return RetryPushbackOf(
        MakeError(absl::StatusCode::kUnavailable, "why",
                  {.reason = ErrorReason::kUpstreamUnavailable, .retry_after = delay}));
  };
  EXPECT_EQ(with(std::nullopt), std::nullopt);
  EXPECT_EQ(with(absl::ZeroDuration()), "0");
  EXPECT_EQ(with(absl::Milliseconds(1250)), "1250");
  EXPECT_EQ(with(absl::Hours(1)), "3600000");
  EXPECT_EQ(RetryPushbackOf(absl::OkStatus()), std::nullopt);
}

}  // namespace
}  // namespace docspace::gateway
