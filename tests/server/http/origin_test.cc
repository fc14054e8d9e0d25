#include "server/http/origin.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace docspace::gateway::http {
namespace {

struct Sound {
  std::string url;
  bool tls;
  std::string host;
  int port;
  std::string base_path;
  std::string authority;
};

TEST(OriginTest, ReadsTheUrlsThatNameAPortal) {
  const std::vector<Sound> table = {
      {"http://localhost", false, "localhost", 80, "", "localhost"},
      {"https://portal.example", true, "portal.example", 443, "", "portal.example"},
      {"HTTPS://Portal.Example/", true, "Portal.Example", 443, "", "Portal.Example"},
      {"http://portal.example:443", false, "portal.example", 443, "", "portal.example:443"},
      {"https://portal.example:80", true, "portal.example", 80, "", "portal.example:80"},
      {"http://localhost:8092", false, "localhost", 8092, "", "localhost:8092"},
      {"http://127.0.0.1:1", false, "127.0.0.1", 1, "", "127.0.0.1:1"},
      {"http://[::1]:65535", false, "::1", 65535, "", "[::1]:65535"},
      {"https://[2001:DB8::1]", true, "2001:DB8::1", 443, "", "[2001:DB8::1]"},
      {"https://a_b-c.example/docspace//", true, "a_b-c.example", 443, "/docspace",
       "a_b-c.example"},
      {"https://h/a/b%20c/~d", true, "h", 443, "/a/b%20c/~d", "h"},
      {"https://portal.example.", true, "portal.example.", 443, "", "portal.example"},
      {"https://portal.example.:8443", true, "portal.example.", 8443, "", "portal.example:8443"},
      {"https://h/a:b@c", true, "h", 443, "/a:b@c", "h"},
  };
  for (const Sound& row : table) {
    SCOPED_TRACE(row.url);
    const auto origin = ParseOrigin(row.url);
    ASSERT_TRUE(origin.ok()) << origin.status();
    EXPECT_EQ(origin->tls, row.tls);
    EXPECT_EQ(origin->host, row.host);
    EXPECT_EQ(origin->port, row.port);
    EXPECT_EQ(origin->base_path, row.base_path);
    EXPECT_EQ(origin->Authority(), row.authority);
    const auto again = ParseOrigin(origin->Url());
    ASSERT_TRUE(again.ok()) << origin->Url() << ": " << again.status();
    EXPECT_EQ(again->tls, row.tls);
    EXPECT_EQ(again->host, row.host);
    EXPECT_EQ(again->port, row.port);
    EXPECT_EQ(again->base_path, row.base_path);
  }
}

TEST(OriginTest, RefusesWhatIsNoPortalsUrlAndSaysWhy) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"", "https://"},
      {"portal.example", "https://"},
      {"ftp://portal.example", "https://"},
      {"file:///etc/passwd", "https://"},
      {"https:/portal.example", "https://"},
      {"https://", "no host"},
      {"https:///path", "no host"},
      {"https://:443", "no host"},
      {"https://[]", "no host"},
      {"https://[::1", "IPv6"},
      {"https://[::1]443", "port"},
      {"https://[fe80::1%25eth0]", "IPv6"},
      {"https://[portal.example]", "IPv6"},
      {"https://.", "host name"},
      {"https://.example", "host name"},
      {"https://portal..example", "host name"},
      {"https://portal.example..", "host name"},
      {"https://portal example", "host name"},
      {"https://portal\r\nHost: evil", "host name"},
      {"https://portal.example\\@evil", "user"},
      {"https://me:secret@portal.example", "user"},
      {"https://portal.example?q", "query"},
      {"https://portal.example/#f", "fragment"},
      {"https://portal.example:", "port"},
      {"https://portal.example:0", "port"},
      {"https://portal.example:65536", "port"},
      {"https://portal.example:-1", "port"},
      {"https://portal.example:+1", "port"},
      {"https://portal.example:443x", "port"},
      {"https://portal.example:1:2", "port"},
      {"https://portal.example/a b", "path"},
      {"https://portal.example/a\r\nb", "path"},
      {std::string("https://portal.example/\0", 24), "path"},
      {"https://portal.example/\x80", "path"},
      {"https://p\xD0\xBE"
       "rtal.example",
       "host name"},
  };
  for (const auto& [url, why] : table) {
    SCOPED_TRACE(url);
    const auto origin = ParseOrigin(url);
    ASSERT_FALSE(origin.ok());
    EXPECT_EQ(origin.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(origin.status().message()).find(why), std::string::npos)
        << origin.status();
  }
}

TEST(OriginTest, R24_AServerNameHasNoFinalDot) {
  EXPECT_EQ(ParseOrigin("https://portal.example.")->ServerName(), "portal.example");
  EXPECT_EQ(ParseOrigin("https://portal.example")->ServerName(), "portal.example");
  EXPECT_EQ(ParseOrigin("https://[::1]")->ServerName(), "::1");
  Origin origin = *ParseOrigin("https://10.0.0.7");
  origin.server_name = "portal.example.";
  EXPECT_EQ(origin.ServerName(), "portal.example");
}

TEST(OriginTest, AnAuthorityIsAHostAndPerhapsAPort) {
  for (const std::string text : {"portal.example", "portal.example:8443", "127.0.0.1", "[::1]:1"}) {
    EXPECT_TRUE(IsAuthority(text)) << text;
  }
  for (const std::string text : {"", ":443", "h:99999", "h/", "h/path", "user@h", "h?q", "a b",
                                 "::1", "h\r\nX-Injected: 1"}) {
    EXPECT_FALSE(IsAuthority(text)) << text;
  }
}

TEST(OriginTest, AHostNameIsANameOrAnAddressWithoutAPort) {
  for (const std::string text : {"portal.example", "a_b-c.example", "127.0.0.1", "2001:DB8::1"}) {
    EXPECT_TRUE(IsHostName(text)) << text;
  }
  for (const std::string text :
       {"", ".", "portal.example:443", "[::1]", "a/b", "user@h", "a b", "h\r\nX-Injected: 1"}) {
    EXPECT_FALSE(IsHostName(text)) << text;
  }
}

TEST(OriginTest, DoesNotRepeatAPasswordInItsComplaint) {
  const auto origin = ParseOrigin("https://me:hunter2@portal.example");
  EXPECT_EQ(origin.status().ToString().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace docspace::gateway::http
