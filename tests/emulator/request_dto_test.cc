#include "tests/emulator/request_dto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/emulator/portal_exception.h"

namespace docspace::emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

template <typename Parse>
ValidationErrors ErrorsOf(Parse parse, std::string_view body) {
  try {
    parse(body);
  } catch (const ValidationException& exception) {
    return exception.errors();
  }
  return {};
}

ValidationErrors NewKeyErrors(std::string_view body) { return ErrorsOf(ParseNewApiKey, body); }
ValidationErrors ChangeErrors(std::string_view body) { return ErrorsOf(ParseApiKeyChange, body); }

std::string Named(std::string_view name) { return R"({"name":")" + std::string(name) + R"("})"; }

std::string Repeated(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

const ValidationErrors kNameRequired = {{"Name", {"The Name field is required."}}};
const ValidationErrors kNameTooLong = {{"Name", {"Incorrect name. Length must be less than 30"}}};
const ValidationErrors kDaysIncorrect = {
    {"ExpiresInDays", {"Incorrect number of days. Value must be between 1 and 365"}}};

TEST(ParseNewApiKey, ReadsEveryMember) {
  const NewApiKey request =
      ParseNewApiKey(R"({"name":"CI <b>\u043a</b>","permissions":["files:read"],)"
                     R"("expiresInDays":365,"unknown":{}})");
  EXPECT_EQ(request.name, "CI <b>к</b>");
  EXPECT_THAT(request.permissions, Optional(ElementsAre("files:read")));
  EXPECT_EQ(request.expires_in_days, 365);
}

TEST(ParseNewApiKey, TakesNullForAbsent) {
  const NewApiKey request =
      ParseNewApiKey(R"({"name":"a","permissions":null,"expiresInDays":null})");
  EXPECT_FALSE(request.permissions);
  EXPECT_FALSE(request.expires_in_days);
}

TEST(ParseNewApiKey, MissesTheNameInItsOwnWords) {
  const ValidationErrors errors = NewKeyErrors("{}");
  ASSERT_EQ(errors.size(), 1);
  ASSERT_TRUE(errors.contains("$"));
  EXPECT_THAT(errors.at("$"),
              ElementsAre(HasSubstr("missing required properties including: 'name'")));
}

TEST(ParseNewApiKey, WantsANameThatIsNotBlank) {
  EXPECT_EQ(NewKeyErrors(R"({"name":null})"), kNameRequired);
  EXPECT_EQ(NewKeyErrors(Named("")), kNameRequired);
  EXPECT_EQ(NewKeyErrors(Named("  ")), kNameRequired);
  EXPECT_EQ(NewKeyErrors(Named("\u00A0\u1680\u2003\u2028\u202F\u205F\u3000\u0085")), kNameRequired);
  EXPECT_EQ(NewKeyErrors(Named("\u200B")), ValidationErrors());
}

TEST(ParseNewApiKey, CountsTheNameInUtf16CodeUnits) {
  EXPECT_EQ(NewKeyErrors(Named(Repeated("я", 30))), ValidationErrors());
  EXPECT_EQ(NewKeyErrors(Named(Repeated("я", 31))), kNameTooLong);
  EXPECT_EQ(NewKeyErrors(Named(Repeated("🔑", 15))), ValidationErrors());
  EXPECT_EQ(NewKeyErrors(Named(Repeated("🔑", 15) + "a")), kNameTooLong);
}

TEST(ParseNewApiKey, WantsOneToThreeHundredSixtyFiveDays) {
  for (const char* days : {"0", "-1", "366", "2147483647"}) {
    EXPECT_EQ(NewKeyErrors(std::string(R"({"name":"a","expiresInDays":)") + days + "}"),
              kDaysIncorrect)
        << days;
  }
}

TEST(ParseNewApiKey, NamesEveryWrongMemberAtOnce) {
  EXPECT_EQ(NewKeyErrors(R"({"name":"","expiresInDays":0})").size(), 2);
}

TEST(ParseNewApiKey, NamesThePathOfAWrongType) {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"name":1})", "$.name"},
      {R"({"name":"a","permissions":"*"})", "$.permissions"},
      {R"({"name":"a","permissions":["*",null]})", "$.permissions[1]"},
      {R"({"name":"a","expiresInDays":1.5})", "$.expiresInDays"},
      {R"({"name":"a","expiresInDays":2147483648})", "$.expiresInDays"},
      {"[]", "$"},
      {"{", "$"},
      {R"({"name":"\ud800"})", "$"},
      {"", ""}};
  for (const auto& [body, path] : rows) {
    const ValidationErrors errors = NewKeyErrors(body);
    EXPECT_TRUE(errors.contains(path)) << body;
  }
}

TEST(ParseApiKeyChange, DistinguishesAbsentFromFalse) {
  EXPECT_FALSE(ParseApiKeyChange("{}").is_active);
  EXPECT_FALSE(ParseApiKeyChange(R"({"isActive":null})").is_active);
  EXPECT_THAT(ParseApiKeyChange(R"({"isActive":false})").is_active, Optional(false));
}

TEST(ParseApiKeyChange, AllowsEmptyAndBlankButNotLongNames) {
  EXPECT_EQ(ChangeErrors(Named("")), ValidationErrors());
  EXPECT_EQ(ChangeErrors(Named("  ")), ValidationErrors());
  EXPECT_EQ(ChangeErrors(Named(Repeated("a", 31))),
            (ValidationErrors{{"Changed.Name", {"Incorrect name. Length must be less than 30"}}}));
  EXPECT_TRUE(ChangeErrors("").contains("Changed"));
  EXPECT_TRUE(ChangeErrors(R"({"isActive":"no"})").contains("$.isActive"));
}

TEST(Utf16Length, CountsSurrogatePairsTwice) {
  EXPECT_EQ(Utf16Length(""), 0);
  EXPECT_EQ(Utf16Length("aя€"), 3);
  EXPECT_EQ(Utf16Length("🔑"), 2);
}

}  // namespace
}  // namespace docspace::emulator
