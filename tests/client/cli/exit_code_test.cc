#include "client/cli/exit_code.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::apikeys::cli {
namespace {

using grpc::StatusCode;

struct ExitRow {
  StatusCode code;
  int exit;
};

TEST(ExitCodeOf, GoesByKindOfFailure) {
  const ExitRow kRows[] = {
      {StatusCode::UNAUTHENTICATED, 3},
      {StatusCode::PERMISSION_DENIED, 4},
      {StatusCode::NOT_FOUND, 5},
      {StatusCode::INVALID_ARGUMENT, 6},
      {StatusCode::FAILED_PRECONDITION, 6},
      {StatusCode::RESOURCE_EXHAUSTED, 7},
      {StatusCode::UNAVAILABLE, 8},
      {StatusCode::DEADLINE_EXCEEDED, 8},
      {StatusCode::INTERNAL, 1},
      {StatusCode::CANCELLED, 1},
      {StatusCode::ABORTED, 1},
      {StatusCode::ALREADY_EXISTS, 1},
      {StatusCode::UNIMPLEMENTED, 1},
      {StatusCode::DATA_LOSS, 1},
  };
  for (const ExitRow& row : kRows) {
    ApiKeysError error;
    error.code = row.code;
    EXPECT_EQ(static_cast<int>(ExitCodeOf(error, Access::kRead)), row.exit) << row.code;
  }
}

TEST(ExitCodeOf, TellsOfAWriteThatMayHaveBeenMade) {
  ApiKeysError error;
  for (const StatusCode code : {StatusCode::UNAVAILABLE, StatusCode::DEADLINE_EXCEEDED}) {
    error.code = code;
    EXPECT_EQ(ExitCodeOf(error, Access::kWrite), ExitCode::kOutcomeUnknown) << code;
  }
  error.domain = kErrorDomain;
  error.metadata = {{"write_sent", "true"}};
  EXPECT_EQ(ExitCodeOf(error, Access::kWrite), ExitCode::kOutcomeUnknown);
  error.metadata = {{"write_sent", "false"}};
  EXPECT_EQ(ExitCodeOf(error, Access::kWrite), ExitCode::kUnavailable);
  error.code = StatusCode::UNAVAILABLE;
  error.metadata.clear();
  EXPECT_EQ(ExitCodeOf(error, Access::kWrite), ExitCode::kUnavailable);
}

TEST(ExitCodeOf, TakesUnknownForAWriteOfUnknownOutcomeOnlyFromTheGateway) {
  ApiKeysError error;
  error.code = StatusCode::UNKNOWN;
  EXPECT_EQ(ExitCodeOf(error, Access::kWrite), ExitCode::kOther);
  error.domain = kErrorDomain;
  error.reason = "WRITE_OUTCOME_UNKNOWN";
  EXPECT_EQ(ExitCodeOf(error, Access::kWrite), ExitCode::kOutcomeUnknown);
}

}  // namespace
}  // namespace docspace::apikeys::cli
