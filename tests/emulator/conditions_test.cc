#include "tests/emulator/conditions.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace docspace::emulator {
namespace {

TEST(ParseConditions, ReadsEveryMember) {
  const Conditions all = ParseConditions(R"({"restoring": true, "addressRefused": true,
      "oauth2Down": true, "databaseDown": true, "suspended": true, "unpaid": true,
      "developerToolsLimited": true, "revocationUndone": true})");
  EXPECT_TRUE(all.restoring);
  EXPECT_TRUE(all.address_refused);
  EXPECT_TRUE(all.oauth2_down);
  EXPECT_TRUE(all.database_down);
  EXPECT_TRUE(all.suspended);
  EXPECT_TRUE(all.unpaid);
  EXPECT_TRUE(all.developer_tools_limited);
  EXPECT_TRUE(all.revocation_undone);
}

TEST(ParseConditions, TakesAbsentForFalse) {
  EXPECT_FALSE(ParseConditions("{}").restoring);
  EXPECT_FALSE(ParseConditions(R"({"restoring": false, "unpaid": true})").restoring);
}

TEST(ParseConditions, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"[]", "Conditions are a JSON object."},
      {R"({"restored": true})", "restored is no condition"},
      {R"({"restoring": 1})", "restoring is true or false"}};
  for (const auto& [text, message] : rows) {
    try {
      ParseConditions(text);
      ADD_FAILURE() << text;
    } catch (const std::invalid_argument& error) {
      EXPECT_STREQ(error.what(), message);
    }
  }
}

}  // namespace
}  // namespace docspace::emulator
