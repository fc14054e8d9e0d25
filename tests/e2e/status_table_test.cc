// The status table: the response of the portal → the result of each of the six RPCs.
#include <gmock/gmock.h>

#include <optional>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/error_matchers.h"

namespace docspace::gateway::testkit {
namespace {

using emulator::Fault;
using grpc::StatusCode;
using Body = emulator::Fault::Body;

struct Expected {
  StatusCode code;
  const char* reason;
};

struct Row {
  std::string name;
  Fault fault;
  Expected read;
  // The result of writes, if it differs from that of reads.
  std::optional<Expected> write{};
  // The result of one RPC that differs from both.
  std::optional<std::pair<Rpc, Expected>> exception{};
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

Expected ExpectedOf(const Row& row, Rpc rpc) {
  if (row.exception && row.exception->first == rpc) return row.exception->second;
  return row.write && RouteOf(rpc).is_write ? *row.write : row.read;
}

constexpr Expected kUnavailable{StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"};
constexpr Expected kOutcomeUnknown{StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"};
constexpr Expected kMalformedRead{StatusCode::INTERNAL, "UPSTREAM_MALFORMED"};
constexpr Expected kMalformedWrite{StatusCode::UNKNOWN, "UPSTREAM_MALFORMED"};
constexpr Expected kUpstreamError{StatusCode::INTERNAL, "UPSTREAM_ERROR"};
constexpr Expected kRejected{StatusCode::INTERNAL, "UPSTREAM_REJECTED"};
constexpr Expected kNoPortal{StatusCode::NOT_FOUND, "PORTAL_OR_ROUTE_NOT_FOUND"};
constexpr Expected kInvalid{StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"};
constexpr Expected kNotAnApiKey{StatusCode::FAILED_PRECONDITION, "CREDENTIAL_IS_NOT_AN_API_KEY"};
constexpr Expected kConflict{StatusCode::ABORTED, "CONFLICT"};
constexpr Expected kNotImplemented{StatusCode::UNIMPLEMENTED, "NOT_IMPLEMENTED_BY_PORTAL"};
constexpr Expected kTooLarge{StatusCode::RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE"};
constexpr Expected kTimeout{StatusCode::UNAVAILABLE, "UPSTREAM_TIMEOUT"};
constexpr Expected kRedirect{StatusCode::FAILED_PRECONDITION, "UPSTREAM_REDIRECT"};
constexpr Expected kDenied{StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"};
constexpr Expected kBusy{StatusCode::UNAVAILABLE, "PORTAL_BUSY"};
constexpr Expected kWrongAddress{StatusCode::PERMISSION_DENIED, "ADDRESS_NOT_ALLOWED"};

constexpr const char* kNullReference =
    R"({"error": {"message": "Object reference not set to an instance of an object.",
        "type": "System.NullReferenceException", "stack": "   at ASC.People.Api", "hresult": -1},
        "status": 1, "statusCode": 500})";

Row Answers(const std::string& name, int status, const std::string& body, Expected read,
            std::optional<Expected> write) {
  return {.name = name,
          .fault = {.status = status, .body = Body::kVerbatim, .text = body},
          .read = read,
          .write = write};
}

std::vector<Row> Rows() {
  std::vector<Row> rows = {
      {"BadRequest",
       {.status = 400, .body = Body::kErrorJson},
       kInvalid,
       {},
       {{Rpc::kGetApiKey, kNotAnApiKey}}},
      {"UnprocessableContent", {.status = 422, .body = Body::kErrorJson}, kInvalid},
      {"Unauthorized", {.status = 401}, {StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED"}},
      {"PaymentRequired",
       {.status = 402, .body = Body::kProblemJson},
       {StatusCode::FAILED_PRECONDITION, "PAYMENT_REQUIRED"}},
      {"Forbidden", {.status = 403}, kDenied},
      {"ForbiddenErrorJson", {.status = 403, .body = Body::kErrorJson}, kDenied},
      {"ForbiddenProblem", {.status = 403, .body = Body::kProblemJson}, kBusy},
      {"ForbiddenText", {.status = 403, .body = Body::kText}, kWrongAddress},
      {"ForbiddenString", {.status = 403, .body = Body::kBareString}, kWrongAddress},
      {"ForbiddenHtml", {.status = 403, .body = Body::kHtml}, kDenied, kOutcomeUnknown},
      {"NotFoundEmpty", {.status = 404}, kNoPortal},
      {"NotFoundProblem", {.status = 404, .body = Body::kProblemJson}, kNoPortal},
      {"NotFoundHtml", {.status = 404, .body = Body::kHtml}, kNoPortal},
      {"NotFoundErrorJson",
       {.status = 404, .body = Body::kErrorJson},
       {StatusCode::NOT_FOUND, "NOT_FOUND"}},
      {"GoneEmpty", {.status = 410}, kNoPortal},
      {"MethodNotAllowed", {.status = 405}, kNotImplemented},
      {"NotImplemented", {.status = 501, .body = Body::kHtml}, kNotImplemented},
      {"RequestTimeout", {.status = 408}, kTimeout, kOutcomeUnknown},
      {"TooEarly", {.status = 425}, kTimeout},
      {"Conflict",
       {.status = 409, .body = Body::kErrorJson},
       kConflict,
       {},
       {{Rpc::kCreateApiKey, {StatusCode::ALREADY_EXISTS, "CONFLICT"}}}},
      {"PreconditionFailed",
       {.status = 412, .body = Body::kErrorJson},
       {StatusCode::FAILED_PRECONDITION, "CONFLICT"}},
      {"ContentTooLarge", {.status = 413, .body = Body::kHtml}, kTooLarge},
      {"HeaderFieldsTooLarge", {.status = 431, .body = Body::kHtml}, kTooLarge},
      {"ProxyAuthenticationRequired", {.status = 407}, kRejected},
      {"UnsupportedMediaType", {.status = 415, .body = Body::kProblemJson}, kRejected},
      {"Teapot", {.status = 418}, kRejected},
      {"LegalReasons", {.status = 451, .body = Body::kHtml}, kRejected},
      {"TooManyRequests", {.status = 429}, {StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED"}},
      {"MovedPermanently",
       {.status = 301, .body = Body::kHtml, .headers = {{"Location", "https://login.example/"}}},
       kRedirect,
       kOutcomeUnknown},
      {"Found",
       {.status = 302, .body = Body::kHtml, .headers = {{"Location", "https://login.example/"}}},
       kRedirect,
       kOutcomeUnknown},
      {"SeeOther", {.status = 303}, kRedirect, kOutcomeUnknown},
      {"TemporaryRedirect", {.status = 307, .body = Body::kHtml}, kRedirect},
      {"PermanentRedirect", {.status = 308, .body = Body::kHtml}, kRedirect},
      {"InternalServerError", {.status = 500, .body = Body::kErrorJson}, kUpstreamError},
      {"InternalServerErrorEmpty", {.status = 500}, kUpstreamError},
      {"OtherServerError", {.status = 507, .body = Body::kHtml}, kUpstreamError},
      {"ServiceUnavailable", {.status = 503, .body = Body::kErrorJson}, kUnavailable},
      {"ServiceUnavailableHtml",
       {.status = 503, .body = Body::kHtml},
       kUnavailable,
       kOutcomeUnknown},
      {"ServiceUnavailableEmpty", {.status = 503}, kUnavailable, kOutcomeUnknown},
      {"BadGateway", {.status = 502, .body = Body::kHtml}, kUnavailable, kOutcomeUnknown},
      {"GatewayTimeout", {.status = 504, .body = Body::kHtml}, kUnavailable, kOutcomeUnknown},
  };
  // A 2xx response that cannot be decoded.
  for (const auto& [name, body] : {std::pair("Html", "<html><body>Welcome</body></html>"),
                                   {"Empty", ""},
                                   {"Text", "OK"},
                                   {"CutJson", R"({"response": {"id": "0f8f)"},
                                   {"EmptyObject", "{}"},
                                   {"WrongType", R"({"response": 7})"},
                                   {"TrailingGarbage", R"({"response": true} x)"},
                                   {"List", "[]"}}) {
    rows.push_back(Answers(std::string("Ok") + name, 200, body, kMalformedRead, kMalformedWrite));
  }
  rows.push_back({"NoContent", {.status = 204}, kMalformedRead, kMalformedWrite});
  return rows;
}

class StatusTableTest : public EndToEndTest, public ::testing::WithParamInterface<Row> {};

TEST_P(StatusTableTest, R12_MapsForEachRpc) {
  const Row& row = GetParam();
  for (const Rpc rpc : kRpcs) {
    SCOPED_TRACE(RouteOf(rpc).name);
    portal().ClearFaults();
    portal().ForgetRequests();
    portal().FailNext(row.fault);
    const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
    const Expected expected = ExpectedOf(row, rpc);
    EXPECT_THAT(outcome, IsError(expected.code, expected.reason));
    EXPECT_THAT(outcome, ::testing::Not(HasDetail<google::rpc::RetryInfo>()));
    EXPECT_EQ(outcome.metadata("http_status"), std::to_string(row.fault.status));
    EXPECT_EQ(portal().Requests().size(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, StatusTableTest, ::testing::ValuesIn(Rows()),
                         [](const auto& test) { return test.param.name; });

using StatusesTest = EndToEndTest;

TEST_F(StatusesTest, R14_SaysWhereARedirectLeadsButNotWhatItCarries) {
  portal().FailNext(
      {.status = 302, .headers = {{"Location", "https://other.example/login?token=planted#x"}}});
  EXPECT_EQ(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).metadata("location"),
            "https://other.example/login");
  ForbidInOutput("planted");
  portal().FailNext(
      {.status = 302, .headers = {{"Location", "https://me:planted@other.example/"}}});
  EXPECT_EQ(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).metadata("location"),
            "https://other.example/");
}

TEST_F(StatusesTest, PassesOnWhenToTryAgain) {
  for (const int status : {429, 503}) {
    portal().FailNext(
        {.status = status, .body = Body::kErrorJson, .retry_after = std::chrono::seconds(7)});
    const CallResult outcome = Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
    const auto retry = outcome.Find<google::rpc::RetryInfo>();
    ASSERT_TRUE(retry) << outcome;
    EXPECT_EQ(retry->retry_delay().seconds(), 7);
    EXPECT_EQ(outcome.Find<google::rpc::QuotaFailure>().has_value(), status == 429);
    EXPECT_EQ(outcome.trailer("retry-after"), "7");
    EXPECT_EQ(outcome.trailer("grpc-retry-pushback-ms"), "7000");
    EXPECT_EQ(outcome.trailer("x-ratelimit-limit"), status == 429 ? "10000" : "");
  }
}

TEST_F(StatusesTest, R11_AHugeMessageIsCutToFit) {
  const std::string huge = "It failed: " + std::string(64 * 1024, 'm');
  for (const auto body : {Body::kErrorJson, Body::kValidationJson, Body::kText}) {
    for (const int status : {400, 403, 500}) {
      portal().FailNext({.status = status, .body = body, .text = huge});
      const CallResult outcome = Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
      EXPECT_FALSE(outcome.ok());
      EXPECT_NE(outcome.trailer("x-request-id"), "");  // EndToEndTest checks the size.
    }
  }
}

class SmallAnswersTest : public EndToEndTest {
  void Configure(Config& config) override { config.portal.client.response.body_bytes = 2048; }
};

TEST_F(SmallAnswersTest, R8_AnAnswerBeyondTheLimitIsMalformed) {
  portal().SeedKeys(Role::kOwner, 20);
  const CallResult read = Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(read, IsError(StatusCode::INTERNAL, "UPSTREAM_MALFORMED"));
  portal().FailNext({.status = 200, .body = Body::kVerbatim, .text = std::string(4096, ' ')});
  const CallResult write = Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(write, IsError(StatusCode::UNKNOWN, "UPSTREAM_MALFORMED"));
}

}  // namespace
}  // namespace docspace::gateway::testkit
