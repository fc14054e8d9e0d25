#include "server/rpc_status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

google::rpc::Status RichOf(const grpc::Status& status) {
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  return rich;
}

TEST(ToGrpcStatus, OkIsOkWithoutDetails) {
  const grpc::Status status = ToGrpcStatus(absl::OkStatus());
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.error_details(), "");
}

TEST(ToGrpcStatus, KeepsEveryCode) {
  for (int code = 1; code <= 16; ++code) {
    const grpc::Status status =
        ToGrpcStatus(absl::Status(static_cast<absl::StatusCode>(code), "why"));
    EXPECT_EQ(static_cast<int>(status.error_code()), code);
    EXPECT_EQ(RichOf(status).code(), code);
    EXPECT_EQ(status.error_message(), "why");
  }
}

TEST(ToGrpcStatus, PacksPayloadsErrorInfoFirst) {
  const grpc::Status status = ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument, "no name",
                                                     {.reason = "INVALID_REQUEST",
                                                      .violations = {{"name", "is required"}},
                                                      .retry_after = absl::Seconds(3),
                                                      .quota = "limit 5"}));
  const google::rpc::Status rich = RichOf(status);
  ASSERT_EQ(rich.details_size(), 4);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(rich.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "INVALID_REQUEST");
  EXPECT_EQ(rich.message(), "no name");
}

TEST(ToGrpcStatus, CutsALongMessageBetweenCharacters) {
  std::string message = "x";
  while (message.size() < 5000) message += "ключ🔑";
  const grpc::Status status = ToGrpcStatus(absl::InternalError(message));
  EXPECT_LE(status.error_message().size(), 1024U);
  EXPECT_GE(status.error_message().size(), 1021U);
  EXPECT_TRUE(message.starts_with(status.error_message()));
  const auto next = static_cast<unsigned char>(message[status.error_message().size()]);
  EXPECT_NE(next & 0xC0, 0x80) << "cut inside a character";
}

TEST(ToGrpcStatus, LeavesOutWhatDoesNotFitButNeverErrorInfo) {
  ErrorDetails details{.reason = "INVALID_REQUEST"};
  for (int i = 0; i < 16; ++i) details.violations.push_back({"name", std::string(256, 'v')});
  details.retry_after = absl::Seconds(1);
  const grpc::Status status =
      ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument, std::string(1024, 'm'), details));
  const google::rpc::Status rich = RichOf(status);
  EXPECT_LE(status.error_message().size() + status.error_details().size(), 4096U);
  ASSERT_GE(rich.details_size(), 2);
  EXPECT_TRUE(rich.details(0).Is<google::rpc::ErrorInfo>());
  EXPECT_TRUE(rich.details(1).Is<google::rpc::RetryInfo>());
}

}  // namespace
}  // namespace docspace::gateway
