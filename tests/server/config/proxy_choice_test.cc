#include "server/config/proxy_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/config/parse.h"

namespace docspace::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testkit::Environment;
using testkit::ExistingFile;
using testkit::Parse;

// Returns the proxy of the portal, as `host:port`; `direct` if it has none.
std::string ProxyOf(const absl::StatusOr<Config>& config, const std::string& portal = "default") {
  if (!config.ok()) return std::string(config.status().message());
  const HostPort proxy = config->AccessTo(portal).proxy;
  return proxy.host.empty() ? "direct" : FormatHostPort(proxy.host, proxy.port);
}

std::string ProxyFor(const std::string& url, Environment environment) {
  environment["DOCSPACE_PORTAL_PROXY"] = "environment";
  environment["DOCSPACE_URL"] = url;
  return ProxyOf(Parse({}, environment));
}

TEST(ProxyChoice, OfTheFlag) {
  const auto proxy = [](const char* value) {
    return ProxyOf(Parse({"--docspace-url", testkit::kPortalUrl, "--portal-proxy", value}));
  };
  EXPECT_EQ(proxy(""), "direct");
  EXPECT_EQ(proxy("none"), "direct");
  EXPECT_EQ(proxy("http://proxy.example:3128"), "proxy.example:3128");
  EXPECT_EQ(proxy("HTTP://proxy.example:3128/"), "proxy.example:3128");
  EXPECT_EQ(proxy("http://[2001:db8::1]:3128"), "[2001:db8::1]:3128");
  EXPECT_EQ(proxy("http://192.0.2.1:65535"), "192.0.2.1:65535");
}

TEST(ProxyChoice, SaysWhatIsWrongAndRepeatsNothing) {
  const auto complaint = [](const std::string& url) {
    return std::string(ParseProxyUrl(url).status().message());
  };
  for (const char* url :
       {"https://planted:1", "socks5://planted:1", "planted:1", "http:/planted"}) {
    EXPECT_THAT(complaint(url), HasSubstr("must be http://host:port")) << url;
  }
  for (const char* url : {"http://planted", "http://planted:0", "http://[::1]"}) {
    EXPECT_THAT(complaint(url), HasSubstr("must name the proxy's port")) << url;
  }
  for (const char* url :
       {"http://user:planted@proxy.example:1", "http://planted@proxy.example:1"}) {
    EXPECT_THAT(complaint(url), HasSubstr("--portal-proxy-credential-file")) << url;
  }
  for (const char* url : {"http://:1", "http://planted:65536", "http://planted:x", "http://a b:1",
                          "http://planted:1/path", "http://planted:1?a", "http://[::1:1"}) {
    EXPECT_FALSE(ParseProxyUrl(url).ok()) << url;
    EXPECT_THAT(complaint(url), Not(HasSubstr("planted"))) << url;
  }
}

TEST(ProxyChoice, TheEnvironmentCountsOnlyIfItIsAskedFor) {
  const Environment environment = {{"DOCSPACE_URL", testkit::kPortalUrl},
                                   {"https_proxy", "http://proxy.example:1"}};
  EXPECT_EQ(ProxyOf(Parse({}, environment)), "direct");
  EXPECT_EQ(ProxyOf(Parse({"--portal-proxy", "environment"}, environment)), "proxy.example:1");
}

TEST(ProxyChoice, TheSchemeOfThePortalSelectsTheVariable) {
  const Environment both = {{"HTTPS_PROXY", "http://secure:1"}, {"HTTP_PROXY", "http://plain:2"}};
  EXPECT_EQ(ProxyFor("https://portal.example", both), "secure:1");
  EXPECT_EQ(ProxyFor("http://portal.example", both), "plain:2");
  EXPECT_EQ(ProxyFor("https://portal.example", {{"HTTP_PROXY", "http://plain:2"}}), "direct");
}

TEST(ProxyChoice, SmallLettersComeBeforeCapitals) {
  EXPECT_EQ(ProxyFor("https://portal.example",
                     {{"HTTPS_PROXY", "http://capital:1"}, {"https_proxy", "http://small:2"}}),
            "small:2");
  EXPECT_EQ(ProxyFor("https://portal.example",
                     {{"HTTPS_PROXY", "http://capital:1"}, {"https_proxy", ""}}),
            "capital:1");
  EXPECT_EQ(ProxyFor("https://portal.example", {{"HTTPS_PROXY", "http://proxy.example:1"},
                                                {"NO_PROXY", "other.example"},
                                                {"no_proxy", "portal.example"}}),
            "direct");
}

TEST(ProxyChoice, AVariableMayLackItsScheme) {
  EXPECT_EQ(ProxyFor("https://portal.example", {{"https_proxy", "proxy.example:3128\n"}}),
            "proxy.example:3128");
}

TEST(ProxyChoice, AVariableThatIsWrongIsNamed) {
  const std::string complaint =
      ProxyFor("https://portal.example", {{"HTTPS_PROXY", "http://user:planted@proxy.example:1"}});
  EXPECT_THAT(complaint, HasSubstr("HTTPS_PROXY, which --portal-proxy reads, must not carry"));
  EXPECT_THAT(complaint, Not(HasSubstr("planted")));
}

TEST(ProxyChoice, AnExceptionHoldsForAPortalWhoseNameEndsInADot) {
  EXPECT_EQ(ProxyFor("https://portal.example.",
                     {{"https_proxy", "http://proxy.example:1"}, {"no_proxy", "portal.example"}}),
            "direct");
}

TEST(ProxyChoice, APortalsOwnProxyTakesPrecedence) {
  const auto config =
      Parse({"--docspace-url", testkit::kPortalUrl, "--portal-proxy", "http://common:1",
             "--portal-proxy-credential-file", ExistingFile(), "--portals",
             "same=https://a.example,own=https://b.example;proxy=http://own:2,"
             "direct=https://c.example;proxy=none,env=https://d.example;proxy=environment"},
            {{"https_proxy", "http://environment:3"}});
  EXPECT_EQ(ProxyOf(config), "common:1");
  EXPECT_EQ(ProxyOf(config, "same"), "common:1");
  EXPECT_EQ(ProxyOf(config, "own"), "own:2");
  EXPECT_EQ(ProxyOf(config, "direct"), "direct");
  EXPECT_EQ(ProxyOf(config, "env"), "environment:3");
  // The credential for one proxy is not shown to another one.
  EXPECT_EQ(config->AccessTo("same").proxy_credential_file, ExistingFile());
  for (const char* portal : {"own", "direct", "env"}) {
    EXPECT_EQ(config->AccessTo(portal).proxy_credential_file, "") << portal;
  }
}

TEST(ProxyChoice, APortalHasFilesOfItsOwn) {
  const auto config =
      Parse({"--portals", "a=https://a.example;proxy=http://own:2;headers-file=" + ExistingFile() +
                              ";proxy-credential-file=" + ExistingFile()});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->AccessTo("a").proxy_credential_file, ExistingFile());
  EXPECT_EQ(config->AccessTo("a").headers_file, ExistingFile());
}

TEST(ProxyChoice, ACredentialNeedsItsProxy) {
  EXPECT_THAT(ProxyOf(Parse({"--docspace-url", testkit::kPortalUrl,
                             "--portal-proxy-credential-file", ExistingFile()})),
              HasSubstr("--portal-proxy-credential-file needs --portal-proxy"));
  EXPECT_THAT(
      ProxyOf(Parse({"--portals", "a=https://a.example;proxy-credential-file=" + ExistingFile()})),
      HasSubstr("a portal without a proxy"));
}

TEST(ProxyChoice, HeadersNeedThePortal) {
  EXPECT_THAT(
      ProxyOf(Parse({"--portals", "a=https://a.example", "--portal-headers-file", ExistingFile()})),
      HasSubstr("--portal-headers-file needs --docspace-url"));
}

struct Exception {
  const char* list;
  const char* host;
  bool named;
};

class NoProxyTest : public ::testing::TestWithParam<Exception> {};

TEST_P(NoProxyTest, NamesTheHost) {
  EXPECT_EQ(IsInNoProxy(GetParam().list, GetParam().host, 443), GetParam().named);
}

INSTANTIATE_TEST_SUITE_P(
    All, NoProxyTest,
    ::testing::Values(
        Exception{"", "a.example", false}, Exception{"*", "a.example", true},
        Exception{"*", "192.0.2.1", true}, Exception{"a.example", "a.example", true},
        Exception{"A.Example", "a.eXample", true}, Exception{"a.example", "b.a.example", true},
        Exception{".a.example", "b.a.example", true}, Exception{".a.example", "a.example", true},
        Exception{"a.example.", "a.example", true}, Exception{"a.example", "ba.example", false},
        Exception{"a.example", "example", false}, Exception{"b.a.example", "a.example", false},
        Exception{"x, a.example", "a.example", true}, Exception{"x a.example", "a.example", true},
        Exception{"x,a.example,", "a.example", true}, Exception{".", "a.example", false},
        Exception{"*.example", "a.example", false}, Exception{"a.example:443", "a.example", true},
        Exception{"a.example:8443", "a.example", false}, Exception{"192.0.2.1", "192.0.2.1", true},
        Exception{"192.0.2.1", "192.0.2.10", false}, Exception{"2.1", "192.0.2.1", false},
        Exception{"192.0.2.1:443", "192.0.2.1", true},
        Exception{"192.0.2.1:80", "192.0.2.1", false},
        Exception{"192.0.2.0/24", "192.0.2.77", true},
        Exception{"192.0.2.0/24", "192.0.3.1", false},
        Exception{"192.0.2.77/32", "192.0.2.77", true}, Exception{"0.0.0.0/0", "192.0.2.77", true},
        Exception{"0.0.0.0/0", "a.example", false}, Exception{"0.0.0.0/0", "::1", false},
        Exception{"192.0.2.0/33", "192.0.2.1", false}, Exception{"::1", "0:0:0:0:0:0:0:1", true},
        Exception{"[::1]", "::1", true}, Exception{"[::1]:443", "::1", true},
        Exception{"[::1]:80", "::1", false}, Exception{"2001:db8::/32", "2001:db8:1::1", true},
        Exception{"2001:db8::/32", "2001:db9::1", false}));

}  // namespace
}  // namespace docspace::gateway
