#include "client/cli/error_report.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace docspace::apikeys::cli {
namespace {

using grpc::StatusCode;

std::string Report(const ApiKeysError& error, Access access, bool colour = false,
                   std::string_view proxy = "") {
  std::ostringstream err;
  ReportError(error, access, proxy, colour, err);
  return err.str();
}

ApiKeysError FromGateway(StatusCode code, const std::string& reason) {
  ApiKeysError error;
  error.code = code;
  error.reason = reason;
  error.domain = kErrorDomain;
  return error;
}

TEST(ReportError, ShowsAllThereIs) {
  ApiKeysError error = FromGateway(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED");
  error.message = "Too many keys were created.";
  error.field_violations = {{"name", "is long"}, {"", "is odd"}};
  error.quota_violations = {{"user", "5 in 15 minutes"}};
  error.http_status = 429;
  error.request_id = "r-1";
  error.retry_delay = std::chrono::milliseconds(1500);
  EXPECT_EQ(Report(error, Access::kWrite),
            "error: Too many keys were created.\n"
            "  code         RESOURCE_EXHAUSTED\n"
            "  reason       RATE_LIMITED\n"
            "  field        name: is long\n"
            "  field        is odd\n"
            "  quota        user: 5 in 15 minutes\n"
            "  http status  429\n"
            "  request id   r-1\n"
            "  retry after  1.5 s\n"
            "hint: try again after the delay, or after a minute if there is none; the portal "
            "limits above all the creation of keys\n");
}

TEST(ReportError, ShowsTheCodeWhereThereIsNoMessage) {
  EXPECT_EQ(Report(FromGateway(StatusCode::ABORTED, "CONFLICT"), Access::kWrite),
            "error: ABORTED\n"
            "  code    ABORTED\n"
            "  reason  CONFLICT\n");
}

TEST(ReportError, EscapesWhatComesFromAfar) {
  ApiKeysError error = FromGateway(StatusCode::NOT_FOUND, "\x1b[2J");
  error.message = "\x1b]0;owned\x07";
  error.request_id = "r\n1";
  error.field_violations = {{"\x1b", "\x1b"}};
  error.quota_violations = {{"\x1b", "\x1b"}};
  EXPECT_EQ(Report(error, Access::kRead).find_first_of("\x1b\x07"), std::string::npos);
}

TEST(ReportError, ColoursWhereItMay) {
  const ApiKeysError error = FromGateway(StatusCode::NOT_FOUND, "KEY_NOT_FOUND");
  EXPECT_NE(Report(error, Access::kRead, true).find("\033[31merror:\033[0m"), std::string::npos);
  EXPECT_EQ(Report(error, Access::kRead, false).find('\033'), std::string::npos);
}

TEST(ReportError, NamesTheProxyThatMayBeToBlame) {
  ApiKeysError lost;
  lost.code = StatusCode::UNAVAILABLE;
  const std::string report = Report(lost, Access::kRead, false, "https_proxy (proxy.example:3128)");
  EXPECT_NE(report.find("through the proxy of https_proxy (proxy.example:3128)"),
            std::string::npos);
  EXPECT_NE(report.find("NO_PROXY"), std::string::npos);
  EXPECT_EQ(Report(lost, Access::kRead).find("proxy"), std::string::npos);
  EXPECT_EQ(Report(FromGateway(StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"), Access::kRead,
                   false, "https_proxy (proxy.example:3128)")
                .find("proxy"),
            std::string::npos);
}

TEST(HintFor, WarnsThatAWriteMayHaveBeenMade) {
  ApiKeysError lost;
  lost.code = StatusCode::UNAVAILABLE;
  const ApiKeysError kMayHaveBeenMade[] = {
      FromGateway(StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"),
      FromGateway(StatusCode::UNKNOWN, "UPSTREAM_MALFORMED"),
      FromGateway(StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
      lost,
  };
  for (const ApiKeysError& error : kMayHaveBeenMade) {
    EXPECT_NE(HintFor(error, Access::kWrite).find("may have been made"), std::string::npos);
  }
  EXPECT_EQ(HintFor(lost, Access::kRead).find("may have been made"), std::string::npos);
  ApiKeysError unsent = FromGateway(StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
  unsent.metadata = {{"write_sent", "false"}};
  EXPECT_EQ(HintFor(unsent, Access::kWrite).find("may have been made"), std::string::npos);
  EXPECT_EQ(HintFor(FromGateway(StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"), Access::kWrite)
                .find("may have been made"),
            std::string::npos);
}

TEST(HintFor, GoesByTheReasonOfTheGatewayOnly) {
  ApiKeysError error = FromGateway(StatusCode::FAILED_PRECONDITION, "CREDENTIAL_IS_NOT_AN_API_KEY");
  EXPECT_NE(HintFor(error, Access::kRead).find("DOCSPACE_API_KEY"), std::string::npos);
  error.domain = "proxy.example.com";
  EXPECT_EQ(HintFor(error, Access::kRead), "");
}

}  // namespace
}  // namespace docspace::apikeys::cli
