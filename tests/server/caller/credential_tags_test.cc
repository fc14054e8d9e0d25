#include "server/caller/credential_tags.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace docspace::gateway {
namespace {

http::Credential Bearer(const std::string& token) {
  return {"Authorization", Secret("Bearer " + token)};
}

TEST(CredentialTags, TellCredentialsApart) {
  const CredentialTags tags;
  std::set<CredentialTag> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(tags.TagOf(Bearer("sk-" + std::to_string(i))));
  EXPECT_EQ(seen.size(), 10'000U);
  EXPECT_EQ(tags.TagOf(Bearer("sk-1")), tags.TagOf(Bearer("sk-1")));
}

TEST(CredentialTags, EachProcessHasAKeyOfItsOwn) {
  EXPECT_NE(CredentialTags().TagOf(Bearer("sk-1")), CredentialTags().TagOf(Bearer("sk-1")));
}

TEST(CredentialCounts, G15_ManyBusyCredentialsDoNotCountForAnother) {
  CredentialCounts counts;
  // Tags like those of CredentialTags, but the same in each run.
  std::mt19937_64 tags(15);  // NOLINT(cert-msc51-cpp)
  for (int i = 0; i < 100; ++i) {
    const CredentialTag tag = tags();
    for (int call = 0; call < 15; ++call) counts.Add(tag, /*is_write=*/true);
  }
  // One credential in 100,000 shares both counters with busy ones; of this thousand none does.
  for (int i = 0; i < 1000; ++i) {
    const CredentialTag tag = tags();
    const CredentialCounts::Count count = counts.Add(tag, /*is_write=*/false);
    EXPECT_EQ(count.reads, 1U);
    EXPECT_EQ(count.writes, 0U);
    counts.Remove(tag, /*is_write=*/false);
  }
}

}  // namespace
}  // namespace docspace::gateway
