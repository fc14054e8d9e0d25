#include "tests/emulator/database.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

using std::chrono::seconds;

TEST(Database, KeepsTimesToItsPrecision) {
  const Time exact = Time(seconds(1'780'000'000)) + Ticks(1'234'567);
  EXPECT_EQ(Kept(exact, Database::kMySql), Time(seconds(1'780'000'000)));
  EXPECT_EQ(Kept(exact, Database::kStrictMySql), Time(seconds(1'780'000'000)));
  EXPECT_EQ(Kept(exact, Database::kPostgreSql), Time(seconds(1'780'000'000)) + Ticks(1'234'560));
}

TEST(Database, KeepsCharactersOfUpToThreeBytesOrAll) {
  EXPECT_EQ(Kept("aя€\uFFFD🔑b🔑", Database::kMySql), "aя€\uFFFD?b?");
  EXPECT_EQ(Kept("aя€🔑", Database::kPostgreSql), "aя€🔑");
}

TEST(Database, KnowsWhatMySqlHasNoColumnFor) {
  EXPECT_TRUE(IsBeyondThreeBytes("a🔑"));
  EXPECT_FALSE(IsBeyondThreeBytes("aя€\uFFFD"));
}

}  // namespace
}  // namespace docspace::emulator
