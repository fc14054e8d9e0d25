#include "server/caller/caller_name.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::gateway {
namespace {

TEST(SpiffeId, G25_IsWhatTheStandardSays) {
  for (const char* id :
       {"spiffe://example.org/a", "spiffe://example.org/ns/jobs/sa/nightly",
        "spiffe://example.org/A.b-c_9/...", "spiffe://10.0.0.1/x", "spiffe://a_b/x"}) {
    EXPECT_TRUE(IsSpiffeId(id)) << id;
  }
  for (const char* id : {"",
                         "spiffe://",
                         "spiffe://example.org",
                         "spiffe://example.org/",
                         "spiffe:///a",
                         "SPIFFE://example.org/a",
                         "spiffe://Example.org/a",
                         "https://example.org/a",
                         "spiffe://user@example.org/a",
                         "spiffe://example.org:80/a",
                         "spiffe://example.org/a?b",
                         "spiffe://example.org/a#b",
                         "spiffe://example.org/a/",
                         "spiffe://example.org//a",
                         "spiffe://example.org/a//b",
                         "spiffe://example.org/./a",
                         "spiffe://example.org/a/..",
                         "spiffe://example.org/a/../b",
                         "spiffe://example.org/%2e%2e",
                         "spiffe://example.org/a%2Fb",
                         "spiffe://example.org/a b",
                         "spiffe://example.org/\xC3\xA9",
                         "spiffe://example.org/a\\b",
                         "spiffe://ex%61mple.org/a",
                         " spiffe://example.org/a",
                         "spiffe://example.org/*"}) {
    EXPECT_FALSE(IsSpiffeId(id)) << id;
  }
  EXPECT_FALSE(IsSpiffeId(std::string("spiffe://example.org/a\0", 23)));
  EXPECT_FALSE(IsSpiffeId("spiffe://" + std::string(256, 'a') + "/a"));
  EXPECT_TRUE(IsSpiffeId("spiffe://a/" + std::string(2048 - 11, 'a')));
  EXPECT_FALSE(IsSpiffeId("spiffe://a/" + std::string(2048 - 10, 'a')));
}

TEST(CallerName, G25_APatternStandsForSegmentsBelowIt) {
  const CallerName team("spiffe://example.org/team/*");
  EXPECT_TRUE(team.MatchesUri("spiffe://example.org/team/a"));
  EXPECT_TRUE(team.MatchesUri("spiffe://example.org/team/a/b"));
  for (const char* uri :
       {"spiffe://example.org/team", "spiffe://example.org/team/",
        "spiffe://example.org/team/../admin", "spiffe://example.org/team/%2e%2e%2fadmin",
        "spiffe://example.org/team//a", "spiffe://example.org/team/a/",
        "spiffe://example.org/team/.", "spiffe://example.org/teams/a",
        "spiffe://example.org/team/a?b", "spiffe://example.org/team/*"}) {
    EXPECT_FALSE(team.MatchesUri(uri)) << uri;
  }
  const CallerName site("https://example.org/team/*");
  EXPECT_TRUE(site.MatchesUri("https://example.org/team/a"));
  EXPECT_FALSE(site.MatchesUri("https://example.org/team/../admin"));
  EXPECT_FALSE(site.MatchesUri("https://example.org/team/%2e%2e/admin"));
  // An exact name is compared byte by byte.
  EXPECT_FALSE(CallerName("spiffe://example.org/a").MatchesUri("spiffe://example.org/a/b"));
  EXPECT_TRUE(CallerName("https://example.org/?a").MatchesUri("https://example.org/?a"));
}

TEST(CallerName, G25_UrisAndDnsNamesAreKindsOfTheirOwn) {
  EXPECT_FALSE(CallerName("spiffe://example.org/a").MatchesDnsName("spiffe://example.org/a"));
  EXPECT_FALSE(CallerName("jobs.example").MatchesUri("jobs.example"));
  EXPECT_TRUE(CallerName("jobs.example").MatchesDnsName("Jobs.Example"));
  EXPECT_FALSE(CallerName("jobs.example").MatchesDnsName("*.example"));
  EXPECT_FALSE(CallerName("jobs.example").MatchesDnsName(std::string("jobs.example\0.evil", 18)));
}

TEST(CallerName, KnowsWhatNoCertificateCanMatch) {
  for (const char* name : {"spiffe://example.org/a", "spiffe://example.org/*",
                           "spiffe://example.org/a/*", "https://example.org/*", "jobs.example"}) {
    EXPECT_TRUE(CallerName(name).IsValid()) << name;
  }
  for (const char* name : {"", "*", "team/*", "spiffe://Example.org/a", "spiffe://example.org",
                           "spiffe://*", "SPIFFE://example.org/a", "spiffe://example.org/../*",
                           "spiffe://example.org/a/", "://a", "jobs example", "@jobs.example"}) {
    EXPECT_FALSE(CallerName(name).IsValid()) << name;
  }
}

}  // namespace
}  // namespace docspace::gateway
