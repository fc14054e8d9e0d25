// What a portal may say by its status: rows R9, R11, R12, R14, R21, R22 and R25 of the fault
// matrix.
#include <gmock/gmock.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/faults/fault_test.h"

namespace docspace::gateway::testkit {
namespace {

using namespace std::string_literals;
using grpc::StatusCode;

class StatusTest : public FaultTest, public ::testing::WithParamInterface<FaultyResponse> {};

TEST_P(StatusTest, IsAnsweredByTheTable) { ExpectResultOf(GetParam()); }

std::string NameOf(const ::testing::TestParamInfo<FaultyResponse>& test) { return test.param.name; }

// R9 and R11: bodies that are not what the status or the type promises.

constexpr Expected kUnavailable{{StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"},
                                {StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"}};
constexpr Expected kProxyGaveUp{{StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"},
                                {StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"}};
constexpr Expected kDenied{{StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"},
                           {StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"}};
// By a page that only a proxy writes.
constexpr Expected kDeniedByAProxy{{StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"},
                                   {StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"}};
constexpr Expected kWrongAddress{{StatusCode::PERMISSION_DENIED, "ADDRESS_NOT_ALLOWED"},
                                 {StatusCode::PERMISSION_DENIED, "ADDRESS_NOT_ALLOWED"}};
constexpr Expected kPortalFailed{{StatusCode::INTERNAL, "UPSTREAM_ERROR"},
                                 {StatusCode::INTERNAL, "UPSTREAM_ERROR"}};

FaultyResponse Typed(const std::string& name, const std::string& status, const std::string& type,
                     const std::string& body, const Expected& expected) {
  return {.name = name,
          .head = "HTTP/1.1 " + status + "\r\n" + type + "Content-Length: $SIZE\r\n",
          .body = body,
          .expected = expected,
          .fate = Fate::kReused};
}

constexpr const char* kHtml = "Content-Type: text/html; charset=utf-8\r\n";
constexpr const char* kPage =
    "<html>\r\n<head><title>openresty</title></head>\r\n<body>Welcome</body>\r\n</html>\r\n";

INSTANTIATE_TEST_SUITE_P(
    R9, StatusTest,
    ::testing::Values(
        Typed("HtmlOk", "200 OK", kHtml, kPage, kMalformed),
        Typed("HtmlBadGateway", "502 Bad Gateway", kHtml, kPage, kProxyGaveUp),
        Typed("HtmlServiceUnavailable", "503 Service Unavailable", kHtml, kPage, kProxyGaveUp),
        Typed("HtmlGatewayTimeout", "504 Gateway Timeout", kHtml, kPage, kProxyGaveUp),
        Typed("TextOk", "200 OK", "Content-Type: text/plain\r\n", "OK", kMalformed),
        Typed("TextDenied", "403 Forbidden", "Content-Type: text/plain\r\n", "No", kWrongAddress),
        Typed("HtmlDenied", "403 Forbidden", kHtml, kPage, kDeniedByAProxy),
        Typed("JsonAsText", "200 OK", "Content-Type: text/plain\r\n", "$JSON", kAnswered),
        Typed("JsonAsHtml", "200 OK", kHtml, "$JSON", kAnswered),
        Typed("JsonAsOctets", "200 OK", "Content-Type: application/octet-stream\r\n", "$JSON",
              kAnswered),
        Typed("JsonOfAnotherCharset", "200 OK",
              "Content-Type: application/json; charset=windows-1251\r\n", "$JSON", kAnswered),
        Typed("JsonOfNoType", "200 OK", "", "$JSON", kAnswered)),
    NameOf);

std::vector<FaultyResponse> Errors() {
  const std::string huge(std::size_t{64} * 1024, 'm');
  std::vector<FaultyResponse> errors;
  for (const auto& [name, body, denied] :
       std::initializer_list<std::tuple<std::string, std::string, Expected>>{
           {"WithAHugeMessage", R"({"error":{"message":")" + huge + R"("}})", kDenied},
           {"WithAHugeStack",
            R"({"error":{"message":"Failed","type":"System.Exception",)"
            R"("stack":"   at ASC.)" +
                huge + R"("},"statusCode":500})",
            kDenied},
           {"WithAHugeText", huge, kWrongAddress},
           {"WithAnEmptyObject", "{}", kDeniedByAProxy},
           {"WithAList", "[]", kDeniedByAProxy},
           {"WithNull", "null", kWrongAddress},
           {"WithCutJson", R"({"error":{"message":"Fail)", kDenied},
           {"WithNothing", "", kDenied}}) {
    errors.push_back(Typed("Denied" + name, "403 Forbidden", "", body, denied));
    errors.push_back(Typed("Failed" + name, "500 Internal Server Error", "", body, kPortalFailed));
  }
  return errors;
}

INSTANTIATE_TEST_SUITE_P(R11, StatusTest, ::testing::ValuesIn(Errors()), NameOf);

// R12: every status.

// By the table of the design, for GetApiKeys and CreateApiKey.
Expected OfStatus(int status) {
  const auto both = [](StatusCode code, const char* reason) {
    return Expected{{code, reason}, {code, reason}};
  };
  switch (status) {
    case 400:
    case 422:
      return both(StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST");
    case 401:
      return both(StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
    case 402:
      return both(StatusCode::FAILED_PRECONDITION, "PAYMENT_REQUIRED");
    case 403:
      return kDenied;
    case 404:
    case 410:
      return both(StatusCode::NOT_FOUND, "NOT_FOUND");
    case 405:
    case 501:
      return both(StatusCode::UNIMPLEMENTED, "NOT_IMPLEMENTED_BY_PORTAL");
    case 408:
      return {{StatusCode::UNAVAILABLE, "UPSTREAM_TIMEOUT"},
              {StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"}};
    case 425:
      return both(StatusCode::UNAVAILABLE, "UPSTREAM_TIMEOUT");
    case 409:
      return {{StatusCode::ABORTED, "CONFLICT"}, {StatusCode::ALREADY_EXISTS, "CONFLICT"}};
    case 412:
      return both(StatusCode::FAILED_PRECONDITION, "CONFLICT");
    case 413:
    case 431:
      return both(StatusCode::RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE");
    case 429:
      return both(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED");
    case 521:
    case 522:
    case 523:
    case 525:
    case 526:
      return kUnavailable;
    case 499:
    case 502:
    case 503:
    case 504:
    case 598:
    case 599:
      return kProxyGaveUp;
    default:
      break;
  }
  // These have no body, whatever is sent.
  if (status < 200 || status == 204 || status == 304) return kMalformed;
  if (status < 300) return both(StatusCode::OK, "");
  if (status == 307 || status == 308) {
    return both(StatusCode::FAILED_PRECONDITION, "UPSTREAM_REDIRECT");
  }
  if (status < 400) {
    return {{StatusCode::FAILED_PRECONDITION, "UPSTREAM_REDIRECT"},
            {StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"}};
  }
  if (status >= 520 && status <= 530) return kProxyGaveUp;
  if (status < 500) return both(StatusCode::INTERNAL, "UPSTREAM_REJECTED");
  return kPortalFailed;
}

using EveryStatusTest = FaultTest;

TEST_F(EveryStatusTest, R12_EveryStatusIsAnsweredByTheTable) {
  for (int status = 100; status <= 599; ++status) {
    SCOPED_TRACE(status);
    for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
      const std::size_t requests = portal().connections();
      const std::string body = status < 300 ? PortalJson(rpc) : R"({"error":{"message":"No"}})";
      portal().Next(
          Script()
              .ReadRequest()
              .Send(absl::StrCat("HTTP/1.1 ", status, " As it is\r\nConnection: close\r\n",
                                 "Content-Length: ", body.size(), "\r\n\r\n", body))
              .Close());
      Expect(OfStatus(status), rpc, Call(rpc));
      EXPECT_EQ(portal().connections(), requests + 1);
    }
  }
}

FaultyResponse Status(const std::string& name, const std::string& status) {
  return {.name = name, .head = "HTTP/1.1 " + status + "\r\nContent-Length: $SIZE\r\n"};
}

INSTANTIATE_TEST_SUITE_P(
    R12, StatusTest,
    ::testing::Values(Status("Status000", "000 None"), Status("Status099", "099 Early"),
                      Status("Status600", "600 Late"), Status("Status999", "999 Denied"),
                      Status("StatusOfFourDigits", "2000 OK"), Status("StatusOfTwoDigits", "20 OK"),
                      Status("NegativeStatus", "-20 OK"), Status("SignedStatus", "+20 OK"),
                      Status("HexStatus", "0xc8 OK"), Status("StatusWithALetter", "2O0 OK"),
                      Status("StatusInWords", "OK"), Status("NoStatus", "")),
    NameOf);

// R21: what clouds in front of a portal say.

TEST_F(EveryStatusTest, R21_SaysThatAWriteWasNotSentOnlyIfTheCloudDoes) {
  const std::string page = "<html><body>cloudflare</body></html>";
  for (const Rpc rpc : kRpcs) {
    for (const int status :
         {499, 520, 521, 522, 523, 524, 525, 526, 527, 528, 529, 530, 598, 599}) {
      SCOPED_TRACE(absl::StrCat(std::string(RouteOf(rpc).name), " ", status));
      const std::size_t requests = portal().requests();
      portal().Next(Script()
                        .ReadRequest()
                        .Send(absl::StrCat("HTTP/1.1 ", status, " \r\nConnection: close\r\n",
                                           "Server: cloudflare\r\nContent-Length: ", page.size(),
                                           "\r\n\r\n", page))
                        .Close());
      Expect(OfStatus(status), rpc, Call(rpc));
      EXPECT_EQ(portal().requests(), requests + 1);
    }
  }
}

// R22: when to try again.

TEST_F(EveryStatusTest, R22_RetryAfterMayBeADateAndIsClamped) {
  const auto date = [](absl::Duration from_now) {
    return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now() + from_now,
                            absl::UTCTimeZone());
  };
  constexpr std::int64_t kDay = 86'400;
  // At most so many seconds, and not fewer than a minute less: a call takes less than that.
  const std::tuple<std::string, std::optional<std::int64_t>> rows[] = {
      {"0", 0},
      {"7", 7},
      {"86400", kDay},
      {"999999999999999999999", kDay},
      {date(absl::Hours(2)), 7200},
      {date(-absl::Hours(2)), 0},
      {date(absl::Hours(24 * 365 * 100)), kDay},
      {"soon", std::nullopt},
      {"-1", std::nullopt},
  };
  for (const auto& [value, most] : rows) {
    SCOPED_TRACE(value);
    for (const char* status : {"429 Too Many Requests", "521 Web Server Is Down"}) {
      portal().Next(Script()
                        .ReadRequest()
                        .Send(absl::StrCat("HTTP/1.1 ", status, "\r\nRetry-After: ", value,
                                           "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
                        .Close());
      const CallResponse<std::string> answer = Call(Rpc::kCreateApiKey);
      const auto retry = answer.Find<google::rpc::RetryInfo>();
      ASSERT_EQ(retry.has_value(), most.has_value()) << answer;
      if (!most) continue;
      EXPECT_LE(retry->retry_delay().seconds(), *most);
      EXPECT_GE(retry->retry_delay().seconds(), *most - 60);
      EXPECT_GE(retry->retry_delay().seconds(), 0);
    }
  }
}

// R25: what proxies say. tests/proxies has the proxies themselves.

TEST_F(EveryStatusTest, R25_AWriteIsUnavailableOnlyIfAProxySaysThatItReachedNoServer) {
  const std::string reset =
      "upstream connect error or disconnect/reset before headers. reset reason: ";
  const std::pair<std::string, Expected> bodies[] = {
      {"no healthy upstream", kUnavailable},
      {reset + "overflow", kUnavailable},
      {reset + "remote connection failure", kUnavailable},
      {"<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this "
       "request.\n</body></html>\n",
       kUnavailable},
      {R"({"error":{"message":"Stopping","type":null,"stack":null,"hresult":0},"status":1,)"
       R"("statusCode":503})",
       kUnavailable},
      {reset + "connection termination", kProxyGaveUp},
      {"upstream connect error or disconnect/reset before headers. retried and the latest reset "
       "reason: remote connection failure",
       kProxyGaveUp},
      {kPage, kProxyGaveUp},
      {"", kProxyGaveUp},
  };
  for (const Rpc rpc : kRpcs) {
    for (const auto& [body, expected] : bodies) {
      SCOPED_TRACE(absl::StrCat(std::string(RouteOf(rpc).name), " ", body));
      const std::size_t requests = portal().requests();
      portal().Next(
          Script()
              .ReadRequest()
              .Send(absl::StrCat("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n",
                                 "Content-Length: ", body.size(), "\r\n\r\n", body))
              .Close());
      Expect(expected, rpc, Call(rpc));
      EXPECT_EQ(portal().requests(), requests + 1);
    }
  }
}

// R14: redirects.

using RedirectTest = FaultTest;

TEST_F(RedirectTest, R14_IsNotFollowedAndTheCredentialGoesNowhere) {
  ScriptedUpstream elsewhere;
  elsewhere.Always(Serve(Rpc::kGetApiKeys));
  const std::string there = absl::StrCat("localhost:", elsewhere.port(), "/api/2.0/keys");
  const std::string itself = absl::StrCat("localhost:", portal().port(), "/api/2.0/keys");
  for (const std::string& location :
       {"http://" + there, "https://" + there, "//" + there, "http://me:secret@" + there,
        "http://" + itself, "/api/2.0/keys"s, "file:///etc/passwd"s, ""s}) {
    for (const int status : {301, 302, 303, 307, 308}) {
      SCOPED_TRACE(absl::StrCat(status, " to ", location));
      for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
        const std::size_t connections = portal().connections();
        portal().Next(
            Script()
                .ReadRequest()
                .Send(absl::StrCat("HTTP/1.1 ", status, " Elsewhere\r\nLocation: ", location,
                                   "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
                .Close());
        const CallResponse<std::string> answer = Call(rpc);
        // A server that has the very request made elsewhere has not carried it out.
        const bool same_call = location.ends_with("/api/2.0/keys") && status < 303;
        Expect(same_call ? OfStatus(308) : OfStatus(status), rpc, answer);
        EXPECT_EQ(answer.metadata("http_status"), std::to_string(status));
        EXPECT_EQ(portal().connections(), connections + 1);
      }
    }
  }
  ForbidInOutput("me:secret");
  EXPECT_EQ(elsewhere.connections(), 0U);
}

}  // namespace
}  // namespace docspace::gateway::testkit
