#include "server/caller/credential_tags.h"

#include <gtest/gtest.h>

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
  const CredentialTags tags;
  constexpr int kBusy = 100;
  for (int i = 0; i < kBusy; ++i) {
    const CredentialTag tag = tags.TagOf(Bearer(std::to_string(i)));
    for (int call = 0; call < 15; ++call) counts.Add(tag, /*is_write=*/true);
  }
  // One credential in 100,000 may share both counters with busy ones; of a thousand hardly any
  // does.
  int shared = 0;
  for (int i = kBusy; i < kBusy + 1000; ++i) {
    const CredentialTag tag = tags.TagOf(Bearer(std::to_string(i)));
    const CredentialCounts::Count count = counts.Add(tag, /*is_write=*/false);
    if (count.reads != 1 || count.writes != 0) ++shared;
    counts.Remove(tag, /*is_write=*/false);
  }
  EXPECT_LE(shared, 1);
}

}  // namespace
}  // namespace docspace::gateway
