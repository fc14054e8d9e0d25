#include "tests/emulator/faults.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <stdexcept>

namespace docspace::emulator {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Request kRequest{
    .method = "GET", .target = "/api/2.0/keys", .headers = {{"Host", "portal.example"}}};
constexpr Time kNow{seconds(1'000'000)};

Response Rendered(const Fault& fault) { return Render(fault, kRequest, kNow); }

struct BodyRow {
  const char* name;
  const char* content_type;
  const char* part;
};

TEST(Render, HasEveryBodyOfTheContract) {
  const BodyRow rows[] = {
      {"empty", "", ""},
      {"error", "application/json; charset=utf-8", R"("error":{"message":"Why")"},
      {"validation", "application/problem+json; charset=utf-8", R"("errors":{"Name":["Why"]})"},
      {"problem", "application/problem+json; charset=utf-8", R"("title":"Why")"},
      {"text", "text/plain; charset=utf-8", "Why"},
      {"bare-string", "application/json; charset=utf-8", R"("Why")"},
      {"html", "text/html", "<title>403 Why</title>"},
      {"verbatim", "application/json; charset=utf-8", "Why"}};
  for (const BodyRow& row : rows) {
    const Response response = Rendered(
        ParseFault(R"({"status":403,"text":"Why","body":")" + std::string(row.name) + R"("})"));
    EXPECT_EQ(response.status, 403) << row.name;
    EXPECT_EQ(response.Find("Content-Type"), row.content_type) << row.name;
    EXPECT_NE(response.body.find(row.part), std::string::npos) << response.body;
    EXPECT_EQ(response.chunked,
              std::string_view(row.content_type).find("json") != std::string_view::npos)
        << row.name;
  }
  EXPECT_EQ(Rendered({}).body, "");
}

TEST(Render, NamesTheTypeOfAnException) {
  const auto type_of = [](const std::string& fault) {
    return boost::json::parse(Rendered(ParseFault(fault)).body).at("error").at("type");
  };
  EXPECT_EQ(type_of(R"({"status":403,"body":"error"})"), "System.Exception");
  EXPECT_EQ(type_of(R"({"status":403,"body":"error","type":"System.InvalidOperationException"})"),
            "System.InvalidOperationException");
  EXPECT_EQ(type_of(R"({"status":403,"body":"error","type":null})"), nullptr);
}

TEST(Render, MakesJsonThatCannotBeParsed) {
  boost::system::error_code error;
  boost::json::parse(Rendered({.status = 200, .body = Fault::Body::kMalformedJson}).body, error);
  EXPECT_TRUE(error);
}

TEST(Render, TellsWhenToComeBack) {
  const Response unavailable = Rendered({.status = 503, .retry_after = seconds(7)});
  EXPECT_EQ(unavailable.Find("Retry-After"), "7");
  EXPECT_EQ(unavailable.Find("X-RateLimit-Limit"), "");
  const Response limited = Rendered({.status = 429, .retry_after = seconds(7)});
  EXPECT_EQ(limited.Find("Retry-After"), "7");
  EXPECT_EQ(limited.Find("X-RateLimit-Limit"), "10000");
  EXPECT_EQ(limited.Find("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(limited.Find("X-RateLimit-Reset"), "1000007");
}

TEST(Render, GivesARedirectALocation) {
  EXPECT_EQ(Rendered({.status = 308}).Find("Location"), "https://portal.example/api/2.0/keys");
  EXPECT_EQ(Rendered({.status = 302, .headers = {{"Location", "/login"}}}).Find("Location"),
            "/login");
}

TEST(ParseFault, ReadsEveryMember) {
  const Fault fault = ParseFault(R"({"status": 502, "body": "html", "text": "x",
      "headers": {"X-A": "1"}, "retryAfter": 3, "delayMs": 100, "truncateAfter": 20,
      "drop": "reset", "applied": true, "times": 2, "method": "GET", "target": "/api"})");
  EXPECT_EQ(fault.status, 502);
  EXPECT_EQ(fault.body, Fault::Body::kHtml);
  EXPECT_EQ(fault.text, "x");
  ASSERT_EQ(fault.headers.size(), 1);
  EXPECT_EQ(fault.headers[0].name, "X-A");
  EXPECT_EQ(fault.retry_after, seconds(3));
  EXPECT_EQ(fault.delivery.delay, milliseconds(100));
  EXPECT_EQ(fault.delivery.truncate_after, 20);
  EXPECT_EQ(fault.delivery.drop, Delivery::Drop::kReset);
  EXPECT_TRUE(fault.applied);
  EXPECT_EQ(fault.times, 2);
  EXPECT_EQ(fault.method, "GET");
  EXPECT_EQ(fault.target, "/api");
}

TEST(ParseFault, LeavesTheAnswerAloneWithoutAStatus) {
  EXPECT_EQ(ParseFault("{}").body, Fault::Body::kGenuine);
  EXPECT_EQ(ParseFault(R"({"status":500})").body, Fault::Body::kEmpty);
}

TEST(ParseFault, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"[]", "A fault is a JSON object."},
      {R"({"status":99})", "status is a whole number from 100 to 999"},
      {R"({"status":"503"})", "status is a whole number from 100 to 999"},
      {R"({"times":0})", "times is a whole number from 1 to 1000000000"},
      {R"({"type":5})", "type is a string"},
      {R"({"body":"xml"})", "body has no such form"},
      {R"({"drop":"slowly"})", "drop is close or reset"},
      {R"({"applied":1})", "applied is true or false"},
      {R"({"headers":[]})", "headers is an object"},
      {R"({"statsu":503})", "statsu is no member of a fault"}};
  for (const auto& [text, message] : rows) {
    try {
      ParseFault(text);
      ADD_FAILURE() << text;
    } catch (const std::invalid_argument& error) {
      EXPECT_STREQ(error.what(), message);
    }
  }
}

Request Naming(const std::string& name) {
  return {.method = "POST", .target = "/api/2.0/keys", .body = R"({"name":")" + name + R"("})"};
}

TEST(FaultOfName, ReadsTheWordsOfTheMagicName) {
  const auto html = FaultOfName(Naming("emulate 503 html retry-after=9"));
  ASSERT_TRUE(html.has_value());
  EXPECT_EQ(html->status, 503);
  EXPECT_EQ(html->body, Fault::Body::kHtml);
  EXPECT_EQ(html->retry_after, seconds(9));

  const auto drop = FaultOfName(Naming("emulate drop applied"));
  ASSERT_TRUE(drop.has_value());
  EXPECT_EQ(drop->delivery.drop, Delivery::Drop::kClose);
  EXPECT_TRUE(drop->applied);

  const auto slow = FaultOfName(Naming("emulate delay=50 truncate=9"));
  ASSERT_TRUE(slow.has_value());
  EXPECT_EQ(slow->body, Fault::Body::kGenuine);
  EXPECT_EQ(slow->delivery.delay, milliseconds(50));
  EXPECT_EQ(slow->delivery.truncate_after, 9);
}

TEST(FaultOfName, LeavesOtherNamesAlone) {
  for (const char* name : {"", "emulate", "my emulate 503", "emulate 503 xml", "emulate 5o3"}) {
    EXPECT_FALSE(FaultOfName(Naming(name))) << name;
  }
  EXPECT_FALSE(FaultOfName({.method = "POST", .target = "/", .body = "emulate 503"}));
}

TEST(Faults, FailTheirRequestsInOrderAndThenNoMore) {
  Faults faults;
  faults.Add({.status = 500, .times = 2});
  faults.Add({.status = 501});
  EXPECT_EQ(faults.Take(kRequest)->status, 500);
  EXPECT_EQ(faults.Take(kRequest)->status, 500);
  EXPECT_EQ(faults.Take(kRequest)->status, 501);
  EXPECT_FALSE(faults.Take(kRequest));
}

TEST(Faults, WaitForTheRequestThatFits) {
  Faults faults;
  faults.Add({.status = 500, .method = "PUT"});
  faults.Add({.status = 501, .target = "/api/2.0/keys/permissions"});
  EXPECT_FALSE(faults.Take(kRequest));
  EXPECT_EQ(faults.Take({.method = "GET", .target = "/api/2.0/keys/permissions"})->status, 501);
  EXPECT_EQ(faults.Take({.method = "PUT", .target = "/"})->status, 500);
}

TEST(Faults, AreForgottenWhenCleared) {
  Faults faults;
  faults.Add({.times = 9});
  faults.Clear();
  EXPECT_FALSE(faults.Take(kRequest));
}

}  // namespace
}  // namespace docspace::emulator
