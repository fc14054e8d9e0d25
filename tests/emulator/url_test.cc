#include "tests/emulator/url.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

TEST(PercentDecoded, DecodesPairsOfDigitsOnly) {
  EXPECT_EQ(PercentDecoded("%40self%2C%2c"), "@self,,");
  EXPECT_EQ(PercentDecoded("100%"), "100%");
  EXPECT_EQ(PercentDecoded("%4"), "%4");
  EXPECT_EQ(PercentDecoded("%zz%4z"), "%zz%4z");
}

TEST(PathOf, EndsBeforeTheQuery) {
  EXPECT_EQ(PathOf("/api/2.0/keys?fields=id"), "/api/2.0/keys");
  EXPECT_EQ(PathOf("/api/2.0/keys/%40self"), "/api/2.0/keys/@self");
  EXPECT_EQ(PathOf(""), "");
}

TEST(QueryParameter, FindsItsNameAmongOthers) {
  EXPECT_EQ(QueryParameter("/a?x=1&fields=id%2Cname&y=2", "fields"), "id,name");
  EXPECT_EQ(QueryParameter("/a?fields=a+b", "fields"), "a b");
  EXPECT_EQ(QueryParameter("/a?field=1&fields", "fields"), "");
  EXPECT_EQ(QueryParameter("/a", "fields"), "");
}

TEST(IsGuid, WantsDigitsAndDashesInTheirPlaces) {
  EXPECT_TRUE(IsGuid("0f8fad5b-d9cb-469f-a165-70867728950e"));
  EXPECT_TRUE(IsGuid("0F8FAD5B-D9CB-469F-A165-70867728950E"));
  for (const char* text :
       {"", "0f8fad5b", "0f8fad5bd9cb469fa16570867728950e", "0f8fad5b-d9cb-469f-a165-70867728950g",
        "0f8fad5b-d9cb-469f-a165-70867728950e ", "0f8fad5b+d9cb-469f-a165-70867728950e"}) {
    EXPECT_FALSE(IsGuid(text)) << text;
  }
}

TEST(PercentEncoded, KeepsWhatAUrlMayHold) {
  EXPECT_EQ(PercentEncoded("https://portal.example/api/2.0/keys?fields=id,name&a=%20"),
            "https://portal.example/api/2.0/keys?fields=id,name&a=%20");
  EXPECT_EQ(PercentEncoded("/\xFF \"\xC3\xBC\x7F"), "/%FF%20%22%C3%BC%7F");
}

}  // namespace
}  // namespace docspace::emulator
