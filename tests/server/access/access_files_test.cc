#include "server/access/access_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using testkit::TemporaryFile;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// Returns the headers of a file with this text; one of the name "wrong" with the message if it
// cannot be used.
Pairs HeadersOf(const std::string& text) {
  const TemporaryFile file(text);
  const auto read = ReadAccessFiles({.proxy_credential_file = "", .headers_file = file.path()});
  if (!read.ok()) {
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(file.path()));
    return {{"wrong", std::string(read.status().message())}};
  }
  Pairs headers;
  for (const http::SecretHeader& header : read->headers) {
    headers.emplace_back(header.name, std::string(header.value.Reveal()));
  }
  return headers;
}

// Returns the value of Proxy-Authorization for a file with this text, or the complaint.
std::string AuthorizationOf(const std::string& text) {
  const TemporaryFile file(text);
  const auto read = ReadAccessFiles({.proxy_credential_file = file.path(), .headers_file = ""});
  return read.ok() ? std::string(read->proxy_authorization.Reveal())
                   : std::string(read.status().message());
}

TEST(HeadersFile, HasAHeaderOnEachLine) {
  EXPECT_THAT(
      HeadersOf("# for the access proxy\n"
                "CF-Access-Client-Id: abc.access\n\n"
                "CF-Access-Client-Secret:\t s3cret : with colon \r\n"
                "X-Last:1"),
      ElementsAre(Pair("CF-Access-Client-Id", "abc.access"),
                  Pair("CF-Access-Client-Secret", "s3cret : with colon"), Pair("X-Last", "1")));
  EXPECT_THAT(HeadersOf(""), IsEmpty());
}

TEST(HeadersFile, NoFilesAreNoSecrets) {
  EXPECT_EQ(ReadAccessFiles({}).value(), http::AccessSecrets());
}

TEST(HeadersFile, AComplaintNamesTheLineAndRepeatsNothing) {
  const auto complaint = [](const std::string& line, const char* why) {
    EXPECT_THAT(HeadersOf("X-Right: 1\n\n" + line + "\n"),
                ElementsAre(Pair("wrong", AllOf(HasSubstr("has in line 3 "), HasSubstr(why),
                                                Not(HasSubstr("planted"))))))
        << line;
  };
  complaint("planted", "no header");
  complaint("planted header: 1", "no header");
  complaint(": planted", "no header");
  complaint(" X-Folded: planted", "no header");
  complaint("X-Planted :1", "no header");
  complaint("X-Planted:", "without a value");
  complaint("X-Planted:   ", "without a value");
  complaint(
      "X-Planted: a\x01"
      "b",
      "not printable ASCII");
  complaint("X-Planted: a\rX-Other: b", "not printable ASCII");
  complaint(std::string("X-Planted: a\0b", 14), "not printable ASCII");
  complaint("X-Planted: \xC3\xA4", "not printable ASCII");
  complaint("X-Planted: " + std::string(4096, 'x'), "more than 4 KiB");
  complaint("x-right: planted", "the name of an earlier header");
  complaint("Host: planted", "that the gateway, the caller or the connection sets");
}

TEST(HeadersFile, HasALimit) {
  std::string text;
  for (int i = 0; i < 32; ++i) text += "X-" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(HeadersOf(text).size(), 32U);
  EXPECT_THAT(HeadersOf(text + "X-Last: 1\n"),
              ElementsAre(Pair("wrong", HasSubstr("has in line 33 a 33rd header"))));
  EXPECT_THAT(HeadersOf(std::string(16 * 1024 + 1, '#')),
              ElementsAre(Pair("wrong", HasSubstr("is over 16 KiB"))));
}

TEST(HeadersFile, SetsNothingThatBelongsToOthers) {
  for (const char* name : {"Host",
                           "hOST",
                           "Content-Length",
                           "Transfer-Encoding",
                           "Connection",
                           "TE",
                           "Trailer",
                           "Upgrade",
                           "Keep-Alive",
                           "Proxy-Authorization",
                           "Proxy-Connection",
                           "Expect",
                           "HTTP2-Settings",
                           "Authorization",
                           "Cookie",
                           "asc_auth_key",
                           "ASC_AUTH_KEY",
                           "apikeybearer",
                           "User-Agent",
                           "Accept",
                           "Accept-Encoding",
                           "Accept-Language",
                           "Content-Type",
                           "Content-Encoding",
                           "X-Request-Id",
                           "traceparent",
                           "tracestate",
                           "baggage",
                           "X-Forwarded-For",
                           "X-Forwarded-Host",
                           "X-Forwarded-Proto",
                           "Forwarded",
                           "X-Real-IP",
                           "Origin",
                           "X-Rewriter-Url",
                           "X-Original-Url",
                           "If-Match",
                           "If-None-Match",
                           "Range",
                           "X-HTTP-Method-Override",
                           "X-HTTP-Method",
                           "X-Method-Override",
                           "",
                           "a b",
                           "a:b"}) {
    EXPECT_FALSE(MayBeFixed(name)) << name;
  }
  for (const char* name : {"CF-Access-Client-Id", "CF-Access-Client-Secret", "X-Api-Token",
                           "X-Goog-Iap", "Hosts", "Iff", "Content"}) {
    EXPECT_TRUE(MayBeFixed(name)) << name;
  }
}

TEST(ProxyCredentialFile, BecomesABasicCredential) {
  EXPECT_EQ(AuthorizationOf("user:pass"), "Basic dXNlcjpwYXNz");
  EXPECT_EQ(AuthorizationOf("user:pass\n"), "Basic dXNlcjpwYXNz");
  EXPECT_EQ(AuthorizationOf("user:pass\r\n"), "Basic dXNlcjpwYXNz");
  EXPECT_EQ(AuthorizationOf("user:"), "Basic dXNlcjo=");
  EXPECT_EQ(AuthorizationOf("user:p:ss\xC3\xA4"),
            "Basic " + absl::Base64Escape("user:p:ss\xC3\xA4"));
}

TEST(ProxyCredentialFile, AComplaintRepeatsNothing) {
  for (const char* text : {"", "\n", "planted", ":planted", "user:planted\nuser:planted\n"}) {
    EXPECT_THAT(AuthorizationOf(text),
                AllOf(HasSubstr("must be one line, user:password"), Not(HasSubstr("planted"))))
        << text;
  }
  EXPECT_THAT(AuthorizationOf("user:a\x01"
                              "b"),
              HasSubstr("has a control character"));
  EXPECT_THAT(AuthorizationOf("user:" + std::string(1020, 'x')), HasSubstr("1024 bytes"));
}

TEST(AccessFiles, AFifoIsRefusedWithoutWaitingForItsWriter) {
  std::string path;
  { path = TemporaryFile("").path(); }
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(
      std::string(
          ReadAccessFiles({.proxy_credential_file = "", .headers_file = path}).status().message()),
      HasSubstr("cannot be read"));
  std::remove(path.c_str());
}

TEST(AccessFiles, ACredentialWithoutAProxyIsNotRead) {
  PortalAccess access{.proxy_credential_file = "/a", .headers_file = "/b"};
  EXPECT_EQ(FilesOf(access).proxy_credential_file, "");
  EXPECT_EQ(FilesOf(access).headers_file, "/b");
  access.proxy = {.host = "proxy.example", .port = 1};
  EXPECT_EQ(FilesOf(access).proxy_credential_file, "/a");
}

}  // namespace
}  // namespace docspace::gateway
