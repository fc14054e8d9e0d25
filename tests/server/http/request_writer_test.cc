#include "server/http/request_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway::http {
namespace {

using namespace std::string_literals;

const Origin kPortal{.tls = false, .host = "portal.example", .port = 8092, .base_path = ""};

// What would let a value end its header, or be read as something else.
const std::vector<std::string> kForbidden = {
    "a\r\nX-Injected: 1"s, "a\rb"s, "a\nb"s, "a\0b"s, "a\x7F"s, "a\x80"s, "\xC3\xA9"s, "a\tb"s};

std::string Written(const Request& request, const Origin& origin = kPortal) {
  const auto octets = WriteRequest(request, origin);
  return octets ? std::string(octets->Reveal()) : "refused";
}

TEST(RequestWriterTest, WritesAGetWithoutBody) {
  Request request;
  request.target = "/api/2.0/keys?x=1";
  request.headers = {{"Accept", "application/json"}};
  request.credential = Credential{"Authorization", Secret("Bearer sk-1")};
  EXPECT_EQ(Written(request),
            "GET /api/2.0/keys?x=1 HTTP/1.1\r\n"
            "Host: portal.example:8092\r\n"
            "User-Agent: docspace-apikeys-gateway\r\n"
            "Accept-Encoding: identity\r\n"
            "Accept: application/json\r\n"
            "Authorization: Bearer sk-1\r\n"
            "\r\n");
}

TEST(RequestWriterTest, ReplacesHeaders) {
  Request request;
  request.target = "/";
  request.headers = {{"Traceparent", "old"}, {"Accept", "*/*"}};
  const std::vector<Header> replacing = {{"traceparent", "new"}, {"X-More", "1"}};
  EXPECT_EQ(WriteRequest(request, kPortal, replacing)->Reveal(),
            "GET / HTTP/1.1\r\nHost: portal.example:8092\r\n"
            "User-Agent: docspace-apikeys-gateway\r\n"
            "Accept-Encoding: identity\r\n"
            "Accept: */*\r\ntraceparent: new\r\nX-More: 1\r\n\r\n");
  for (const Header& bad : {Header{"traceparent", "a\r\nX: 1"}, Header{"Host", "other"}}) {
    EXPECT_FALSE(WriteRequest(request, kPortal, std::vector{bad}).has_value()) << bad.name;
  }
}

TEST(RequestWriterTest, AddsFixedHeaders) {
  Request request;
  request.target = "/";
  const std::vector<SecretHeader> fixed = {{"X-Token", Secret("a")}, {"X-More", Secret("b")}};
  EXPECT_EQ(WriteRequest(request, kPortal, {}, fixed)->Reveal(),
            "GET / HTTP/1.1\r\nHost: portal.example:8092\r\n"
            "User-Agent: docspace-apikeys-gateway\r\n"
            "Accept-Encoding: identity\r\n"
            "X-Token: a\r\nX-More: b\r\n\r\n");
  for (const SecretHeader& bad :
       {SecretHeader{"X-Token", Secret("a\r\nX: 1")}, SecretHeader{"Host", Secret("other")},
        SecretHeader{"X Token", Secret("a")}}) {
    EXPECT_FALSE(WriteRequest(request, kPortal, {}, std::vector{bad}).has_value()) << bad.name;
  }
}

TEST(RequestWriterTest, WritesABodyWithItsLengthAfterTheBasePath) {
  Request request;
  request.method = Method::kPut;
  request.target = "/api/2.0/keys/1";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = R"({"name":"a"})";
  Origin origin = kPortal;
  origin.base_path = "/docspace";
  EXPECT_EQ(Written(request, origin),
            "PUT /docspace/api/2.0/keys/1 HTTP/1.1\r\n"
            "Host: portal.example:8092\r\n"
            "User-Agent: docspace-apikeys-gateway\r\n"
            "Accept-Encoding: identity\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 12\r\n"
            "\r\n"
            R"({"name":"a"})");
}

TEST(RequestWriterTest, R20_AsksEachPortalForNoCoding) {
  for (const Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kDelete}) {
    Request request;
    request.method = method;
    request.target = "/";
    EXPECT_NE(Written(request).find("\r\nAccept-Encoding: identity\r\n"), std::string::npos);
  }
}

TEST(RequestWriterTest, SaysThatAWriteWithoutBodyHasNone) {
  Request request;
  request.method = Method::kPost;
  request.target = "/";
  EXPECT_NE(Written(request).find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST(RequestWriterTest, FramesTheBodyOfEveryMethod) {
  for (const Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kDelete}) {
    Request request;
    request.method = method;
    request.target = "/";
    request.body = "GET /evil HTTP/1.1\r\n\r\n";
    EXPECT_NE(Written(request).find("\r\nContent-Length: 22\r\n"), std::string::npos)
        << ToString(method);
  }
}

TEST(RequestWriterTest, G4_RefusesATargetThatIsMoreThanATarget) {
  std::vector<std::string> targets = {"", "keys", "http://evil/", "*", "/a b", "/ HTTP/1.1"};
  for (const std::string& forbidden : kForbidden) targets.push_back("/" + forbidden);
  for (const std::string& target : targets) {
    Request request;
    request.target = target;
    EXPECT_EQ(Written(request), "refused") << target;
  }
}

TEST(RequestWriterTest, G4_RefusesAHeaderThatIsMoreThanAHeader) {
  for (const std::string& forbidden : kForbidden) {
    Request request;
    request.target = "/";
    request.headers = {{"X-Request-Id", forbidden}};
    EXPECT_EQ(Written(request), "refused") << forbidden;
    request.headers = {{forbidden, "1"}};
    EXPECT_EQ(Written(request), "refused") << forbidden;
  }
  for (const char* name : {"", "a b", "a:", "a(b)", " a"}) {
    Request request;
    request.target = "/";
    request.headers = {{name, "1"}};
    EXPECT_EQ(Written(request), "refused") << name;
  }
}

TEST(RequestWriterTest, G4_RefusesACredentialThatIsMoreThanACredential) {
  for (const std::string& forbidden : kForbidden) {
    Request request;
    request.target = "/";
    request.credential = Credential{"Authorization", Secret("Bearer " + forbidden)};
    EXPECT_EQ(Written(request), "refused") << forbidden;
    request.credential = Credential{forbidden, Secret("Bearer sk-1")};
    EXPECT_EQ(Written(request), "refused") << forbidden;
  }
}

TEST(RequestWriterTest, G4_RefusesASecondVersionOfTheHeadersItWritesItself) {
  for (const char* name : {"Host", "host", "Content-Length", "CONTENT-LENGTH", "Transfer-Encoding",
                           "Connection", "User-Agent", "Accept-Encoding"}) {
    Request request;
    request.target = "/";
    request.headers = {{name, "1"}};
    EXPECT_EQ(Written(request), "refused") << name;
  }
}

TEST(RequestWriterTest, AcceptsEveryPrintableOctetInAValue) {
  std::string printable;
  for (char c = 0x20; c <= 0x7E; ++c) printable += c;
  Request request;
  request.target = "/";
  request.headers = {{"X-Request-Id", printable}};
  EXPECT_NE(Written(request).find("X-Request-Id: " + printable + "\r\n"), std::string::npos);
}

}  // namespace
}  // namespace docspace::gateway::http
