#include "server/docspace/errors.h"

#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "server/base/utf8.h"
#include "server/docspace/status_details.h"
#include "server/rpc/rpc_status.h"

namespace docspace::gateway {

std::ostream& operator<<(std::ostream& out, Rpc rpc) { return out << RouteOf(rpc).name; }

namespace {

using absl::StatusCode;
using Kind = http::Failure::Kind;

constexpr Rpc kReads[] = {Rpc::kGetAllPermissions, Rpc::kGetApiKey, Rpc::kGetApiKeys};
constexpr Rpc kWrites[] = {Rpc::kCreateApiKey, Rpc::kDeleteApiKey, Rpc::kUpdateApiKey};
constexpr Rpc kAll[] = {Rpc::kCreateApiKey, Rpc::kDeleteApiKey, Rpc::kGetAllPermissions,
                        Rpc::kGetApiKey,    Rpc::kGetApiKeys,   Rpc::kUpdateApiKey};

// Error JSON in the portal's format. Its status is 503, for tests in which the body and the
// response must agree.
constexpr char kErrorJson[] =
    R"({"error":{"message":"The portal's own words","type":"System.Exception",)"
    R"("stack":"   at ASC.Internal","hresult":-2146233088},"status":1,"statusCode":503})";
constexpr char kNullReference[] =
    R"({"error":{"message":"Object reference not set to an instance of an object.",)"
    R"("type":"System.NullReferenceException","stack":"   at ASC.Internal"},"statusCode":500})";
constexpr char kProblemJson[] = R"({"type":"https://x","title":"Not Found","status":404})";
constexpr char kHtml[] = "<html><body><h1>nginx at 10.0.0.5</h1></body></html>";
constexpr char kValidationJson[] =
    R"({"response":{"title":"One or more validation errors occurred.","status":400,"errors":)"
    R"({"Name":["The Name field is required."],"ExpiresInDays":["Must be between 1 and 365"]}},)"
    R"("status":1,"statusCode":400})";

// The current time, to which dates are compared: Sun, 06 Nov 1994 08:49:37 GMT.
const absl::Time kNow = absl::FromUnixSeconds(784'111'777);

absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response) {
  return gateway::ErrorFromResponse(rpc, response, kNow);
}

std::string ErrorJson(std::string_view message, std::string_view type, int status) {
  return R"({"error":{"message":")" + std::string(message) + R"(","type":)" +
         (type.empty() ? "null" : "\"" + std::string(type) + "\"") +
         R"(,"stack":null,"hresult":0},"status":1,"statusCode":)" + std::to_string(status) + "}";
}

http::Response Answer(int status, std::string body = "", std::vector<http::Header> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

template <class Detail>
std::optional<Detail> DetailOf(const absl::Status& status) {
  const auto payload =
      status.GetPayload("type.googleapis.com/" + std::string(Detail::descriptor()->full_name()));
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

std::map<std::string, std::string> MetadataOf(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info) return {};
  return {info->metadata().begin(), info->metadata().end()};
}

std::optional<absl::Duration> RetryOf(const absl::Status& status) {
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  if (!retry) return std::nullopt;
  return absl::Seconds(retry->retry_delay().seconds()) +
         absl::Nanoseconds(retry->retry_delay().nanos());
}

// Expects the properties that every status of the gateway has.
void ExpectFitForACaller(const absl::Status& status) {
  ASSERT_FALSE(status.ok());
  EXPECT_FALSE(ReasonOf(status).empty());
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status)->domain(), "apikeys.docspace.onlyoffice.com");
  EXPECT_FALSE(status.message().empty());
  EXPECT_TRUE(IsValidUtf8(std::string(status.message())));
  const grpc::Status sent = ToGrpcStatus(status);
  EXPECT_LE(sent.error_message().size() + sent.error_details().size(), 4096U);
  for (const std::string_view internal : {"ASC.Internal", "<html", "10.0.0.5", "<h1"}) {
    EXPECT_EQ(sent.error_message().find(internal), std::string::npos);
    EXPECT_EQ(sent.error_details().find(internal), std::string::npos);
  }
}

struct Row {
  int http_status;
  StatusCode code;
  std::string_view reason;
};

void ExpectRow(Rpc rpc, const http::Response& response, StatusCode code, std::string_view reason) {
  SCOPED_TRACE(testing::Message() << rpc << " " << response.status << " " << response.body);
  const absl::Status status = ErrorFromResponse(rpc, response);
  ExpectFitForACaller(status);
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(ReasonOf(status), reason);
  EXPECT_EQ(MetadataOf(status)["http_status"], std::to_string(response.status));
}

TEST(ErrorFromResponse, R12MapsEachStatusWhateverTheBody) {
  constexpr Row kRows[] = {
      {307, StatusCode::kFailedPrecondition, "UPSTREAM_REDIRECT"},
      {308, StatusCode::kFailedPrecondition, "UPSTREAM_REDIRECT"},
      {401, StatusCode::kUnauthenticated, "UNAUTHENTICATED"},
      {402, StatusCode::kFailedPrecondition, "PAYMENT_REQUIRED"},
      {405, StatusCode::kUnimplemented, "NOT_IMPLEMENTED_BY_PORTAL"},
      {406, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {407, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {411, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {412, StatusCode::kFailedPrecondition, "CONFLICT"},
      {413, StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"},
      {414, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {415, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {418, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {421, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {422, StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {425, StatusCode::kUnavailable, "UPSTREAM_TIMEOUT"},
      {429, StatusCode::kResourceExhausted, "RATE_LIMITED"},
      {431, StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"},
      {451, StatusCode::kInternal, "UPSTREAM_REJECTED"},
      {500, StatusCode::kInternal, "UPSTREAM_ERROR"},
      {501, StatusCode::kUnimplemented, "NOT_IMPLEMENTED_BY_PORTAL"},
      {505, StatusCode::kInternal, "UPSTREAM_ERROR"},
      {507, StatusCode::kInternal, "UPSTREAM_ERROR"},
      {519, StatusCode::kInternal, "UPSTREAM_ERROR"},
      {521, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {522, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {523, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {525, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {526, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {531, StatusCode::kInternal, "UPSTREAM_ERROR"},
      {597, StatusCode::kInternal, "UPSTREAM_ERROR"},
  };
  for (const Rpc rpc : kAll) {
    for (const Row& row : kRows) {
      for (const std::string_view body : {"", kErrorJson, kProblemJson, kHtml, "text"}) {
        ExpectRow(rpc, Answer(row.http_status, std::string(body)), row.code, row.reason);
      }
    }
  }
}

// The outcome of a write is unknown without a proof, whatever the body.
TEST(ErrorFromResponse, R12R21R25NeverCallsAWriteRefusedWithoutAProof) {
  constexpr Row kReadRows[] = {
      {300, StatusCode::kFailedPrecondition, "UPSTREAM_REDIRECT"},
      {301, StatusCode::kFailedPrecondition, "UPSTREAM_REDIRECT"},
      {302, StatusCode::kFailedPrecondition, "UPSTREAM_REDIRECT"},
      {303, StatusCode::kFailedPrecondition, "UPSTREAM_REDIRECT"},
      {399, StatusCode::kFailedPrecondition, "UPSTREAM_REDIRECT"},
      {408, StatusCode::kUnavailable, "UPSTREAM_TIMEOUT"},
      {499, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {502, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {504, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {520, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {524, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {527, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {528, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {529, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {530, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {598, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {599, StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"},
  };
  const std::string reset =
      "upstream connect error or disconnect/reset before headers. reset reason: ";
  for (const Row& row : kReadRows) {
    for (const std::string& body : {std::string(), std::string(kErrorJson), std::string(kHtml),
                                    std::string("no healthy upstream"), reset + "overflow"}) {
      for (const Rpc rpc : kReads) {
        ExpectRow(rpc, Answer(row.http_status, body), row.code, row.reason);
      }
      for (const Rpc rpc : kWrites) {
        ExpectRow(rpc, Answer(row.http_status, body), StatusCode::kUnknown,
                  "WRITE_OUTCOME_UNKNOWN");
      }
    }
  }
}

TEST(ErrorFromResponse, R25CallsAWriteUnavailableOnlyIfA503ProvesIt) {
  const std::string reset =
      "upstream connect error or disconnect/reset before headers. reset reason: ";
  const std::pair<std::string, bool> bodies[] = {
      {kErrorJson, true},
      {ErrorJson("Maintenance", "", 503), true},
      {"no healthy upstream", true},
      {reset + "remote connection failure", true},
      {"<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this "
       "request.\n</body></html>\n",
       true},
      {"", false},
      {kHtml, false},
      {kProblemJson, false},
      {reset + "connection termination", false},
      // Error JSON of other servers.
      {R"({"error":{"message":"upstream timed out"}})", false},
      {R"({"error":{"code":"Timeout","message":"no response"},"statusCode":503})", false},
      {R"({"error":"There was a problem proxying the request"})", false},
      // Error JSON of a portal, for another response.
      {ErrorJson("Maintenance", "", 500), false},
      {R"({"error":{"message":"Maintenance","type":null,"stack":null,"hresult":0}})", false},
  };
  for (const auto& [body, is_proof] : bodies) {
    for (const Rpc rpc : kReads) {
      ExpectRow(rpc, Answer(503, body), StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE");
    }
    for (const Rpc rpc : kWrites) {
      ExpectRow(rpc, Answer(503, body), is_proof ? StatusCode::kUnavailable : StatusCode::kUnknown,
                is_proof ? "UPSTREAM_UNAVAILABLE" : "WRITE_OUTCOME_UNKNOWN");
    }
  }
}

TEST(ErrorFromResponse, R14TellsARedirectedWriteFromOneThatMayHaveBeenDone) {
  const auto reason = [](Rpc rpc, int status, const std::string& location) {
    return ReasonOf(ErrorFromResponse(rpc, Answer(status, kHtml, {{"Location", location}})));
  };
  const std::string keys = "https://portal.example/api/2.0/keys";
  const std::string one_key = keys + "/3fa85f64-5717-4562-b3fc-2c963f66afa6";
  for (const int status : {301, 302}) {
    EXPECT_EQ(reason(Rpc::kCreateApiKey, status, keys), "UPSTREAM_REDIRECT");
    EXPECT_EQ(reason(Rpc::kCreateApiKey, status, keys + "?a=b#c"), "UPSTREAM_REDIRECT");
    EXPECT_EQ(reason(Rpc::kCreateApiKey, status, one_key), "WRITE_OUTCOME_UNKNOWN");
    EXPECT_EQ(reason(Rpc::kDeleteApiKey, status, one_key), "UPSTREAM_REDIRECT");
    EXPECT_EQ(reason(Rpc::kUpdateApiKey, status, one_key), "UPSTREAM_REDIRECT");
    EXPECT_EQ(reason(Rpc::kUpdateApiKey, status, keys), "WRITE_OUTCOME_UNKNOWN");
    for (const std::string location : {"https://login.example/", "/down.html", "/", ""}) {
      EXPECT_EQ(reason(Rpc::kCreateApiKey, status, location), "WRITE_OUTCOME_UNKNOWN");
      EXPECT_EQ(reason(Rpc::kGetApiKeys, status, location), "UPSTREAM_REDIRECT");
    }
  }
  EXPECT_EQ(reason(Rpc::kCreateApiKey, 303, keys), "WRITE_OUTCOME_UNKNOWN");
  auto metadata =
      MetadataOf(ErrorFromResponse(Rpc::kCreateApiKey, Answer(303, "", {{"Location", one_key}})));
  EXPECT_EQ(metadata["location"], one_key);
}

TEST(ErrorFromResponse, TellsTheFiveMeaningsOf403Apart) {
  const std::string busy = R"({"type":"https://x","title":"Forbidden","status":403,"traceId":"0"})";
  for (const Rpc rpc : kAll) {
    const bool is_write = RouteOf(rpc).is_write;
    // The credential's scope or the user's role forbids the call, with and without a type.
    ExpectRow(rpc, Answer(403), StatusCode::kPermissionDenied, "ACCESS_DENIED");
    for (const char* type : {"", "System.Security.SecurityException", "System.Exception",
                             "System.UnauthorizedAccessException"}) {
      ExpectRow(rpc, Answer(403, ErrorJson("Access denied", type, 403)),
                StatusCode::kPermissionDenied, "ACCESS_DENIED");
    }
    // A failure in the portal.
    for (const char* type : {"System.InvalidOperationException", "System.ObjectDisposedException",
                             "Npgsql.NpgsqlOperationInProgressException"}) {
      ExpectRow(rpc, Answer(403, ErrorJson("It failed", type, 403)), StatusCode::kInternal,
                "UPSTREAM_ERROR");
    }
    // A portal that is being restored or moved.
    ExpectRow(rpc, Answer(403, busy), StatusCode::kUnavailable, "PORTAL_BUSY");
    // An address that is not on the portal's list.
    for (const char* body : {"Your IP is not allowed", R"("Your IP is not allowed")"}) {
      ExpectRow(rpc, Answer(403, body), StatusCode::kPermissionDenied, "ADDRESS_NOT_ALLOWED");
    }
    // A proxy that inspects requests only, and one that may inspect responses.
    ExpectRow(rpc, Answer(403, "RBAC: access denied"), StatusCode::kPermissionDenied,
              "ACCESS_DENIED");
    for (const char* body : {kHtml, "{}", kProblemJson, R"({"message":"Forbidden"})"}) {
      ExpectRow(rpc, Answer(403, body),
                is_write ? StatusCode::kUnknown : StatusCode::kPermissionDenied,
                is_write ? "WRITE_OUTCOME_UNKNOWN" : "ACCESS_DENIED");
    }
  }
  const auto message = [](const std::string& body) {
    return std::string(ErrorFromResponse(Rpc::kGetApiKeys, Answer(403, body)).message());
  };
  EXPECT_NE(message("Not from there").find("gateway's address"), std::string::npos);
  EXPECT_NE(message("Not from there").find("Not from there"), std::string::npos);
  EXPECT_NE(message("").find("OAuth2"), std::string::npos);
}

TEST(ErrorFromResponse, TellsWhatOlderPortalsSayBy500) {
  for (const Rpc rpc : kAll) {
    ExpectRow(rpc,
              Answer(500, ErrorJson("Access denied", "System.UnauthorizedAccessException", 500)),
              StatusCode::kPermissionDenied, "ACCESS_DENIED");
    ExpectRow(
        rpc,
        Answer(500, ErrorJson("Could not resolve current tenant :-(.", "System.Exception", 500)),
        StatusCode::kNotFound, "PORTAL_OR_ROUTE_NOT_FOUND");
    ExpectRow(rpc, Answer(500, "Could not resolve current tenant :-(."), StatusCode::kInternal,
              "UPSTREAM_ERROR");
  }
}

TEST(ErrorFromResponse, TellsAMalformedTokenFromABadRequest) {
  const std::string body =
      ErrorJson("IDX12741: JWT must have three segments",
                "Microsoft.IdentityModel.Tokens.SecurityTokenMalformedException", 400);
  for (const Rpc rpc : kAll) {
    ExpectRow(rpc, Answer(400, body), StatusCode::kUnauthenticated, "UNAUTHENTICATED");
    EXPECT_EQ(std::string(ErrorFromResponse(rpc, Answer(400, body)).message()).find("IDX"),
              std::string::npos);
  }
}

TEST(ErrorFromResponse, TellsALongHeaderFromABadRequest) {
  for (const Rpc rpc : kAll) {
    ExpectRow(rpc,
              Answer(400,
                     "<html><head><title>400 Request Header Or Cookie Too Large</title></head>"
                     "</html>"),
              StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE");
  }
}

TEST(ErrorFromResponse, MapsABadRequest) {
  for (const Rpc rpc : kAll) {
    if (rpc == Rpc::kGetApiKey) continue;
    ExpectRow(rpc, Answer(400, kErrorJson), StatusCode::kInvalidArgument, "INVALID_REQUEST");
    ExpectRow(rpc, Answer(400), StatusCode::kInvalidArgument, "INVALID_REQUEST");
  }
  for (const std::string_view body : {"", kErrorJson, kProblemJson}) {
    ExpectRow(Rpc::kGetApiKey, Answer(400, std::string(body)), StatusCode::kFailedPrecondition,
              "CREDENTIAL_IS_NOT_AN_API_KEY");
  }
  // The page of a proxy that received plain HTTP on its HTTPS port.
  ExpectRow(Rpc::kGetApiKey, Answer(400, kHtml), StatusCode::kInvalidArgument, "INVALID_REQUEST");
}

TEST(ErrorFromResponse, MapsANullReferenceByWhatWasAskedFor) {
  constexpr char kWithoutType[] =
      R"({"error":{"message":"Object reference not set to an instance of an object."}})";
  for (const std::string_view body : {kNullReference, kWithoutType}) {
    const http::Response response = Answer(500, std::string(body));
    ExpectRow(Rpc::kUpdateApiKey, response, StatusCode::kNotFound, "KEY_NOT_FOUND");
    ExpectRow(Rpc::kDeleteApiKey, response, StatusCode::kNotFound, "KEY_NOT_FOUND");
    ExpectRow(Rpc::kGetApiKey, response, StatusCode::kFailedPrecondition,
              "CREDENTIAL_IS_NOT_AN_API_KEY");
    ExpectRow(Rpc::kCreateApiKey, response, StatusCode::kInternal, "UPSTREAM_ERROR");
    ExpectRow(Rpc::kGetApiKeys, response, StatusCode::kInternal, "UPSTREAM_ERROR");
    ExpectRow(Rpc::kGetAllPermissions, response, StatusCode::kInternal, "UPSTREAM_ERROR");
  }
  EXPECT_EQ(MetadataOf(ErrorFromResponse(Rpc::kDeleteApiKey, Answer(500, kNullReference))),
            (std::map<std::string, std::string>{
                {"http_status", "500"}, {"upstream_type", "System.NullReferenceException"}}));
}

TEST(ErrorFromResponse, TellsAMissingPortalFromAMissingThing) {
  for (const Rpc rpc : kAll) {
    for (const int status : {404, 410}) {
      for (const std::string_view body : {"", kProblemJson, kHtml, "{}"}) {
        ExpectRow(rpc, Answer(status, std::string(body)), StatusCode::kNotFound,
                  "PORTAL_OR_ROUTE_NOT_FOUND");
      }
      ExpectRow(rpc, Answer(status, kErrorJson), StatusCode::kNotFound, "NOT_FOUND");
    }
  }
}

TEST(ErrorFromResponse, MapsAConflictByTheRpc) {
  for (const Rpc rpc : kAll) {
    ExpectRow(rpc, Answer(409, kErrorJson),
              rpc == Rpc::kCreateApiKey ? StatusCode::kAlreadyExists : StatusCode::kAborted,
              "CONFLICT");
  }
}

TEST(ErrorFromResponse, R7R12TakesNoOtherStatusForAnAnswer) {
  for (const int status : {-1, 0, 99, 100, 101, 103, 199, 204, 304, 600, 999, 1000}) {
    for (const Rpc rpc : kReads) {
      ExpectRow(rpc, Answer(status), StatusCode::kInternal, "UPSTREAM_MALFORMED");
    }
    for (const Rpc rpc : kWrites) {
      ExpectRow(rpc, Answer(status), StatusCode::kUnknown, "UPSTREAM_MALFORMED");
    }
  }
}

TEST(ErrorFromResponse, R11R12IsFitForACallerWhateverTheStatusAndTheBody) {
  const std::string bodies[] = {
      "",
      "{}",
      "[]",
      kErrorJson,
      kNullReference,
      kProblemJson,
      kValidationJson,
      kHtml,
      "\"text\"",
      R"({"error":{"message":")" + std::string(65536, 'm') + R"("}})",
      R"({"error":{"message":"short","stack":")" + std::string(65536, 's') + R"("}})",
      std::string("\x00\xFF", 2),
      std::string(10'000, '['),
  };
  for (int status = 300; status <= 599; ++status) {
    for (const std::string& body : bodies) {
      for (const Rpc rpc : {Rpc::kCreateApiKey, Rpc::kGetApiKey}) {
        const absl::Status error = ErrorFromResponse(rpc, Answer(status, body));
        ExpectFitForACaller(error);
        if (error.code() == StatusCode::kUnavailable && RouteOf(rpc).is_write) {
          constexpr int kMayProve[] = {425, 503, 521, 522, 523, 525, 526};
          EXPECT_NE(std::ranges::find(kMayProve, status), std::end(kMayProve)) << status;
        }
      }
    }
  }
}

TEST(ErrorFromResponse, SpeaksInThePortalsWords) {
  const auto message = [](int status, std::string_view body) {
    return std::string(
        ErrorFromResponse(Rpc::kCreateApiKey, Answer(status, std::string(body))).message());
  };
  for (const int status : {400, 403, 404, 409, 412, 422}) {
    EXPECT_EQ(message(status, kErrorJson), "The portal's own words") << status;
  }
  EXPECT_EQ(message(400, kValidationJson), "The Name field is required.");
  // Problem JSON repeats the status, and a failure's message is an internal of the portal.
  EXPECT_EQ(message(404, kProblemJson), message(404, ""));
  EXPECT_EQ(message(500, kErrorJson), message(500, ""));
}

TEST(ErrorFromResponse, NamesTheFieldsOfTheProto) {
  for (const int status : {400, 422}) {
    const auto bad_request = DetailOf<google::rpc::BadRequest>(
        ErrorFromResponse(Rpc::kCreateApiKey, Answer(status, kValidationJson)));
    ASSERT_TRUE(bad_request.has_value());
    ASSERT_EQ(bad_request->field_violations_size(), 2);
    EXPECT_EQ(bad_request->field_violations(0).field(), "name");
    EXPECT_EQ(bad_request->field_violations(0).description(), "The Name field is required.");
    EXPECT_EQ(bad_request->field_violations(1).field(), "expires_in_days");
  }
}

TEST(ErrorFromResponse, R22TellsWhenToRetry) {
  const auto retry = [](Rpc rpc, int status, const std::string& value) {
    return RetryOf(ErrorFromResponse(rpc, Answer(status, kErrorJson, {{"Retry-After", value}})));
  };
  for (const Rpc rpc : kAll) {
    EXPECT_EQ(retry(rpc, 429, "7"), absl::Seconds(7));
    EXPECT_EQ(retry(rpc, 503, "7"), absl::Seconds(7));
    EXPECT_EQ(retry(rpc, 521, "7"), absl::Seconds(7));
    EXPECT_EQ(retry(rpc, 429, "999999"), absl::Hours(24));
    EXPECT_EQ(retry(rpc, 429, "Sun, 06 Nov 1994 08:50:07 GMT"), absl::Seconds(30));
    EXPECT_EQ(retry(rpc, 429, "soon"), std::nullopt);
    for (const int status : {301, 400, 401, 403, 408, 413, 431, 500}) {
      EXPECT_EQ(retry(rpc, status, "7"), std::nullopt) << status;
    }
  }
  EXPECT_EQ(retry(Rpc::kGetApiKeys, 502, "7"), absl::Seconds(7));
  EXPECT_EQ(retry(Rpc::kGetApiKeys, 504, "7"), absl::Seconds(7));
  EXPECT_EQ(retry(Rpc::kCreateApiKey, 502, "7"), std::nullopt);
}

TEST(ErrorFromResponse, DerivesTheWaitFromTheLimitWhereThePortalNamesNone) {
  const auto wait = [](const std::string& limit, const std::string& retry_after = "") {
    std::vector<http::Header> headers = {{"X-RateLimit-Limit", limit},
                                         {"X-RateLimit-Remaining", "0"}};
    if (!retry_after.empty()) headers.push_back({"Retry-After", retry_after});
    return RetryOf(ErrorFromResponse(Rpc::kCreateApiKey, Answer(429, "", std::move(headers))));
  };
  EXPECT_EQ(wait("5"), absl::Minutes(15));
  EXPECT_EQ(wait("15"), absl::Seconds(1));
  EXPECT_EQ(wait("50"), absl::Seconds(1));
  EXPECT_EQ(wait("1500"), absl::Minutes(1));
  EXPECT_EQ(wait("10000"), absl::Hours(24));
  EXPECT_EQ(wait("10000", "3600"), absl::Hours(1));
  EXPECT_EQ(wait("5", "soon"), absl::Minutes(15));
  for (const char* other : {"", "6", "05", "5 ", "5;w=900", "five"}) {
    EXPECT_EQ(wait(other), std::nullopt) << other;
  }
}

TEST(ErrorFromResponse, TellsTheQuota) {
  const auto quota = [](std::vector<http::Header> headers) {
    const auto failure = DetailOf<google::rpc::QuotaFailure>(
        ErrorFromResponse(Rpc::kCreateApiKey, Answer(429, "", std::move(headers))));
    return failure ? failure->violations(0).description() : "";
  };
  EXPECT_EQ(quota({{"x-ratelimit-limit", "5"},
                   {"X-RateLimit-Remaining", "0"},
                   {"X-RATELIMIT-RESET", "1781519400"}}),
            "limit 5, remaining 0, reset 1781519400");
  EXPECT_EQ(quota({{"X-RateLimit-Limit", "5"}}), "limit 5");
  EXPECT_EQ(quota({}), "");
  EXPECT_EQ(quota({{"X-RateLimit-Limit", "5\r\nx"}}), "");
  EXPECT_EQ(quota({{"X-RateLimit-Limit", "\xFF"}}), "");
  EXPECT_EQ(quota({{"X-RateLimit-Limit", std::string(65, '5')}}), "");
}

TEST(ErrorFromResponse, R14ShowsWhereARedirectLeadsWithoutSecrets) {
  const std::string longest = "https://portal/" + std::string(1024 - 15, 'p');
  const std::pair<std::string, std::string> cases[] = {
      {"https://portal.example/api/2.0/keys", "https://portal.example/api/2.0/keys"},
      {"http://portal.example:8080", "http://portal.example:8080"},
      {"/login", "/login"},
      {"//portal.example/login", "//portal.example/login"},
      {"https://portal.example/?token=SECRET#SECRET", "https://portal.example/"},
      {"https://portal.example?token=SECRET", "https://portal.example"},
      {"/login#SECRET", "/login"},
      {"https://ann:SECRET@portal.example/x", "https://portal.example/x"},
      {"https://ann:SECRET@SECRET@portal.example/x@y", "https://portal.example/x@y"},
      {"//ann:SECRET@portal.example/x", "//portal.example/x"},
      {longest, longest},
      {longest + "p", ""},
      {"https:\\\\ann:SECRET@portal.example", ""},
      {"https:ann:SECRET@portal.example", ""},
      {"ann:SECRET@portal.example", ""},
      {"file:///etc/passwd", ""},
      {"javascript:alert(1)", ""},
      {"https://portal.example/\r\nx", ""},
      {"https://portal.example/é", ""},
      {"https://portal.example/ x", ""},
      {"", ""},
  };
  for (const auto& [location, shown] : cases) {
    const absl::Status status =
        ErrorFromResponse(Rpc::kGetApiKeys, Answer(302, "", {{"Location", location}}));
    auto metadata = MetadataOf(status);
    EXPECT_EQ(metadata["location"], shown) << location;
    EXPECT_EQ(status.ToString().find("SECRET"), std::string::npos) << location;
  }
  EXPECT_EQ(MetadataOf(ErrorFromResponse(Rpc::kGetApiKeys, Answer(302, ""))).count("location"), 0U);
}

TEST(ErrorFromMalformed, IsUnknownForAWriteOnly) {
  for (const Rpc rpc : kAll) {
    const absl::Status status = ErrorFromMalformed(rpc, 200, "`response` is missing");
    ExpectFitForACaller(status);
    EXPECT_EQ(status.code(), RouteOf(rpc).is_write ? StatusCode::kUnknown : StatusCode::kInternal);
    EXPECT_EQ(ReasonOf(status), "UPSTREAM_MALFORMED");
    EXPECT_EQ(MetadataOf(status)["http_status"], "200");
    EXPECT_NE(std::string(status.message()).find("`response` is missing"), std::string::npos);
  }
}

TEST(ErrorFromFailure, MapsEachKind) {
  const struct {
    Kind kind;
    bool sent;
    StatusCode read;
    std::string_view read_reason;
    StatusCode write;
    std::string_view write_reason;
  } rows[] = {
      {Kind::kUnreachable, false, StatusCode::kUnavailable, "UPSTREAM_UNREACHABLE",
       StatusCode::kUnavailable, "UPSTREAM_UNREACHABLE"},
      {Kind::kUnreachable, true, StatusCode::kUnavailable, "UPSTREAM_UNREACHABLE",
       StatusCode::kUnknown, "WRITE_OUTCOME_UNKNOWN"},
      {Kind::kProxy, false, StatusCode::kUnavailable, "PROXY_UNREACHABLE", StatusCode::kUnavailable,
       "PROXY_UNREACHABLE"},
      {Kind::kProxy, true, StatusCode::kUnavailable, "PROXY_UNREACHABLE", StatusCode::kUnknown,
       "WRITE_OUTCOME_UNKNOWN"},
      {Kind::kConnectionLost, false, StatusCode::kUnavailable, "UPSTREAM_UNREACHABLE",
       StatusCode::kUnavailable, "UPSTREAM_UNREACHABLE"},
      {Kind::kConnectionLost, true, StatusCode::kUnavailable, "UPSTREAM_UNREACHABLE",
       StatusCode::kUnknown, "WRITE_OUTCOME_UNKNOWN"},
      {Kind::kMalformed, true, StatusCode::kInternal, "UPSTREAM_MALFORMED", StatusCode::kUnknown,
       "UPSTREAM_MALFORMED"},
      {Kind::kDeadline, false, StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
       StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
      {Kind::kDeadline, true, StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
       StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
      {Kind::kCancelled, true, StatusCode::kCancelled, "CANCELLED", StatusCode::kCancelled,
       "CANCELLED"},
      {Kind::kOverloaded, false, StatusCode::kResourceExhausted, "GATEWAY_OVERLOADED",
       StatusCode::kResourceExhausted, "GATEWAY_OVERLOADED"},
      {Kind::kOverloaded, true, StatusCode::kResourceExhausted, "GATEWAY_OVERLOADED",
       StatusCode::kUnknown, "WRITE_OUTCOME_UNKNOWN"},
  };
  for (const auto& row : rows) {
    for (const Rpc rpc : kAll) {
      const bool write = RouteOf(rpc).is_write;
      SCOPED_TRACE(testing::Message()
                   << rpc << " " << static_cast<int>(row.kind) << " " << row.sent);
      const absl::Status status =
          ErrorFromFailure(rpc, {.kind = row.kind, .sent = row.sent, .detail = "the detail"});
      ExpectFitForACaller(status);
      EXPECT_EQ(status.code(), write ? row.write : row.read);
      EXPECT_EQ(ReasonOf(status), write ? row.write_reason : row.read_reason);
      EXPECT_NE(std::string(status.message()).find("the detail"), std::string::npos);
      EXPECT_EQ(RetryOf(status), ReasonOf(status) == "GATEWAY_OVERLOADED"
                                     ? std::optional(absl::Seconds(1))
                                     : std::nullopt);
    }
  }
}

TEST(ErrorFromFailure, ARefusalOfTheProxyIsNeverOneOfTheCaller) {
  for (const int refusal : {401, 403, 407, 429, 502}) {
    for (const Rpc rpc : kAll) {
      const absl::Status status = ErrorFromFailure(
          rpc,
          {.kind = Kind::kProxy, .sent = false, .detail = "the detail", .proxy_status = refusal});
      ExpectFitForACaller(status);
      EXPECT_EQ(status.code(), StatusCode::kUnavailable);
      EXPECT_EQ(ReasonOf(status), "PROXY_REFUSED");
      EXPECT_EQ(MetadataOf(status)["proxy_status"], std::to_string(refusal));
      EXPECT_FALSE(MetadataOf(status).contains("http_status"));
      EXPECT_EQ(RetryOf(status), std::nullopt);
    }
  }
}

TEST(ErrorFromFailure, TellsWhetherAWriteWasSentBeforeTheDeadline) {
  for (const bool sent : {true, false}) {
    for (const Rpc rpc : kWrites) {
      EXPECT_EQ(MetadataOf(ErrorFromFailure(rpc, {Kind::kDeadline, sent, ""}))["write_sent"],
                sent ? "true" : "false");
    }
    for (const Rpc rpc : kReads) {
      EXPECT_EQ(MetadataOf(ErrorFromFailure(rpc, {Kind::kDeadline, sent, ""})).count("write_sent"),
                0U);
    }
  }
}

}  // namespace
}  // namespace docspace::gateway
