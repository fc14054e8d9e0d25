#include "server/docspace/proxies.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

constexpr char kReset[] = "upstream connect error or disconnect/reset before headers. ";

http::Response Says(std::string body, int status = 503, std::vector<http::Header> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

std::string HaproxyPage(const std::string& title, const std::string& text) {
  return "<html><body><h1>" + title + "</h1>\n" + text + "\n</body></html>\n";
}

// Each text was observed from the named version, in front of a portal that received no request.
TEST(SaysNothingWasSent, R25_KnowsTheTextsOfProxiesThatReachedNoServer) {
  const std::string reset = kReset;
  for (const std::string& text : {
           std::string("no healthy upstream"),                 // Envoy 1.40.0
           reset + "reset reason: overflow",                   // Envoy 1.40.0
           reset + "reset reason: connection timeout",         // Envoy 1.40.0
           reset + "reset reason: remote connection failure",  // Envoy 1.40.0
           reset + "reset reason: remote connection failure, transport failure reason: delayed "
                   "connect error: Connection refused",
           reset + "reset reason: local connection failure",
           reset + "reset reason: connection failure",  // Envoy of earlier versions
           HaproxyPage("503 Service Unavailable",       // HAProxy 2.6.12
                       "No server is available to handle this request."),
       }) {
    EXPECT_TRUE(SaysNothingWasSent(Says(text))) << text;
    for (const int status : {200, 403, 500, 502, 504}) {
      EXPECT_FALSE(SaysNothingWasSent(Says(text, status))) << status << " " << text;
    }
  }
}

TEST(SaysNothingWasSent, R25_IsNotTrueOfAnythingElse) {
  const std::string reset = kReset;
  for (const std::string& text : {
           std::string(),
           // Envoy 1.40.0, in front of a portal that had read the request.
           reset + "reset reason: connection termination",
           reset + "reset reason: remote reset",
           reset + "reset reason: local reset",
           reset + "reset reason: protocol error",
           reset + "reset reason: remote refused stream reset",
           reset + "reset reason: overload manager reset",
           // Envoy 1.40.0 with a retry policy: the first attempt reached the portal.
           reset + "retried and the latest reset reason: remote connection failure",
           reset + "retried and the latest reset reason: overflow",
           reset + "reset reason: connection termination, connection failure",
           reset + "reset reason: connection failure2",
           reset,
           // A text that only ends with such a text, or contains it, is another server's.
           "Error: " + reset + "reset reason: overflow",
           std::string("Sorry: no healthy upstream"),
           std::string("no healthy upstream?"),
           std::string("upstream request timeout"),
           HaproxyPage("502 Bad Gateway", "The server returned an invalid or incomplete response."),
           HaproxyPage("504 Gateway Time-out", "The server didn't respond in time."),
           std::string("<html><head><title>503 Service Temporarily Unavailable</title></head>"
                       "<body><center><h1>503 Service Temporarily Unavailable</h1></center>"
                       "<hr><center>nginx/1.22.1</center></body></html>"),
           // The portal's own error, which quotes HAProxy in front of another service.
           std::string(R"({"error":{"message":"Busy","type":"System.Exception","stack":")"
                       R"(No server is available to handle this request."}})"),
           std::string(100'000, ' ') + "No server is available to handle this request.",
       }) {
    EXPECT_FALSE(SaysNothingWasSent(Says(text))) << text.substr(0, 200);
  }
}

TEST(SaysNothingWasSent, R25_BelievesNoProxyThatSaysItRepeatedTheRequest) {
  const auto after = [](const char* attempts) {
    return SaysNothingWasSent(
        Says("no healthy upstream", 503, {{"X-Envoy-Attempt-Count", attempts}}));
  };
  EXPECT_TRUE(after("1"));
  EXPECT_FALSE(after("2"));
  EXPECT_FALSE(after("x"));
}

TEST(IsEnvoysRefusal, KnowsItsText) {
  EXPECT_TRUE(IsEnvoysRefusal(Says("RBAC: access denied", 403)));
  EXPECT_FALSE(IsEnvoysRefusal(Says("RBAC: access denied", 401)));
  EXPECT_FALSE(IsEnvoysRefusal(Says("access denied", 403)));
}

TEST(SaysHeaderIsTooLarge, KnowsThePageOfNginx) {
  const std::string page =
      "<html>\r\n<head><title>400 Request Header Or Cookie Too Large</title></head>\r\n<body>\r\n"
      "<center><h1>400 Bad Request</h1></center>\r\n"
      "<center>Request Header Or Cookie Too Large</center>\r\n<hr><center>openresty</center>\r\n"
      "</body>\r\n</html>\r\n";
  EXPECT_TRUE(SaysHeaderIsTooLarge(Says(page, 400)));
  EXPECT_FALSE(SaysHeaderIsTooLarge(Says(page, 403)));
  EXPECT_FALSE(SaysHeaderIsTooLarge(
      Says(R"({"error":{"message":"Request Header Or Cookie Too Large"}})", 400)));
  EXPECT_FALSE(SaysHeaderIsTooLarge(Says("<html><h1>400 Bad Request</h1></html>", 400)));
}

}  // namespace
}  // namespace docspace::gateway
