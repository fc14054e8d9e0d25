// Each row of the table of docs/portal-api.md#releases, for all four generations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cctype>
#include <string>
#include <vector>

#include "tests/emulator/api_fixture.h"
#include "tests/emulator/generation.h"

namespace docspace::emulator {
namespace {

namespace json = boost::json;
using enum Generation;
using ::testing::ElementsAre;

class GenerationsTest : public ApiFixture, public ::testing::WithParamInterface<Generation> {
 protected:
  GenerationsTest() : ApiFixture({.generation = GetParam()}) {}

  static bool IsBefore(Generation generation) { return GetParam() < generation; }

  static void ExpectError(const Response& answer, int status, const json::value& type,
                          const json::value& message) {
    EXPECT_EQ(answer.status, status);
    ASSERT_EQ(answer.Find("Content-Type"), "application/json; charset=utf-8") << answer.body;
    EXPECT_EQ(ErrorOf(answer).at("type"), type);
    EXPECT_EQ(ErrorOf(answer).at("message"), message);
  }

  static void ExpectResponse(const Response& answer, const json::value& response) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(ResponseOf(answer), response);
  }

  static void ExpectGuestIsTold(const Response& answer) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(ErrorOf(answer).at("type"), nullptr);
    EXPECT_EQ(ErrorOf(answer).at("stack"), nullptr);
    EXPECT_EQ(ErrorOf(answer).at("hresult"), 0);
    EXPECT_NE(ErrorOf(answer).at("message"), "Access denied");
  }
};

INSTANTIATE_TEST_SUITE_P(All, GenerationsTest, ::testing::ValuesIn(kGenerations),
                         [](const auto& test) {
                           std::string name = "Generation";
                           for (const char c : ToString(test.param)) {
                             if (std::isalnum(c) != 0) name += c;
                           }
                           return name;
                         });

TEST_P(GenerationsTest, TellAKeyAboutItselfFrom32On) {
  const Response self = Call("GET", kSelf, {Bearer(KeyWith(user_, {}).secret)});
  EXPECT_EQ(self.status, IsBefore(k32) ? 405 : 200);
  EXPECT_EQ(self.Find("Allow"), IsBefore(k32) ? "DELETE, PUT" : "");
}

TEST_P(GenerationsTest, ListEightPermissionsIn31AndElevenLater) {
  const Response answer = Call("GET", kPermissionsPath, {Basic(user_)});
  json::value expected = json::parse(R"(["*", "*:read", "*:write", "accounts:read",
      "accounts:write", "accounts.self:read", "accounts.self:write", "files:read", "files:write",
      "rooms:read", "rooms:write"])");
  if (IsBefore(k32)) {
    expected.as_array().erase(expected.as_array().begin(), expected.as_array().begin() + 3);
  }
  EXPECT_EQ(ResponseOf(answer), expected);
  const Response everything =
      Call("POST", kKeys, {Basic(user_)}, R"({"name":"n","permissions":["*"]})");
  EXPECT_EQ(everything.status, IsBefore(k32) ? 400 : 200);
}

struct ScopeRow {
  std::vector<std::string> scopes;
  // The status for a key or token with these scopes in release 3.7.
  int read;
  int write;
};

TEST_P(GenerationsTest, HoldKeysAndTokensToTheirScopesByTheirOwnRules) {
  const ScopeRow rows[] = {{{"*:write"}, 200, 200},
                           {{"*:read"}, 200, 403},
                           {{"files:write"}, 403, 403},
                           {{"accounts:write", "rooms:read"}, 403, 403},
                           {{"accounts.self:write"}, 403, 403}};
  for (const ScopeRow& row : rows) {
    if (IsBefore(k32) && row.scopes.front().starts_with('*')) continue;
    const Header key = Bearer(KeyWith(user_, row.scopes).secret);
    for (const Header& credential : {key, Jwt(user_, row.scopes)}) {
      SCOPED_TRACE(testing::PrintToString(row.scopes) + credential.value.substr(0, 10));
      const int read = IsBefore(k37) ? 200 : row.read;
      const int write = IsBefore(k37) ? 200 : row.write;
      EXPECT_EQ(Call("GET", kKeys, {credential}).status, read);
      EXPECT_EQ(Call("GET", kPermissionsPath, {credential}).status, read);
      EXPECT_EQ(Call("POST", kKeys, {credential}, kNewKey).status, write);
      EXPECT_EQ(Call("PUT", PathOf(KeyWith(user_, {})), {credential}, "{}").status, write);
      EXPECT_EQ(Call("DELETE", PathOf(KeyWith(user_, {})), {credential}).status, write);
    }
    EXPECT_EQ(Call("GET", kSelf, {key}).status, IsBefore(k32) ? 405 : 200);
  }
  const Response without = Call("GET", kKeys, {Jwt(user_, {})});
  EXPECT_EQ(without.status, IsBefore(k32) ? 200 : 403);
  EXPECT_EQ(without.body.empty(), !IsBefore(k32));
}

TEST_P(GenerationsTest, RefuseGuestsToCreateEachInItsWay) {
  const Response answer = Call("POST", kKeys, {Basic(guest_)}, kNewKey);
  if (IsBefore(k37)) {
    ExpectError(answer, 500, "System.UnauthorizedAccessException", "Access denied");
  } else if (IsBefore(kNext)) {
    ExpectError(answer, 403, "System.Security.SecurityException", "Access denied");
  } else {
    ExpectGuestIsTold(answer);
  }
  EXPECT_EQ(portal_.key_count(), 0U);
}

TEST_P(GenerationsTest, KeepDeveloperToolsForAdministratorsEachInItsWay) {
  portal_.SetConditions({.developer_tools_limited = true});
  const Response answer = Call("POST", kKeys, {Basic(user_)}, kNewKey);
  if (IsBefore(k37)) {
    ExpectError(answer, 500, "System.UnauthorizedAccessException", "Access denied");
  } else {
    ExpectError(answer, 403, "System.Security.SecurityException", "Access denied");
  }
  EXPECT_EQ(Call("POST", kKeys, {Basic(owner_)}, kNewKey).status, 200);
}

TEST_P(GenerationsTest, LetGuestsReadBeforeNext) {
  const Response keys = Call("GET", kKeys, {Basic(guest_)});
  const Response permissions = Call("GET", kPermissionsPath, {Basic(guest_)});
  if (IsBefore(kNext)) {
    ExpectResponse(keys, json::array());
    EXPECT_EQ(permissions.status, 200);
  } else {
    ExpectGuestIsTold(keys);
    ExpectGuestIsTold(permissions);
  }
}

TEST_P(GenerationsTest, SayFalseOfSomebodyElsesKeyBeforeNext) {
  const ApiKey& others = KeyWith(owner_, {});
  for (const Response& answer : {Call("PUT", PathOf(others), {Basic(user_)}, R"({"name":"new"})"),
                                 Call("DELETE", PathOf(others), {Basic(user_)})}) {
    if (IsBefore(kNext)) {
      ExpectResponse(answer, false);
    } else {
      ExpectError(answer, 403, "System.Security.SecurityException", "Access denied");
    }
  }
  EXPECT_EQ(others.name, "k");
}

TEST_P(GenerationsTest, ChangeExpiredKeysBefore37) {
  const ApiKey& expired = ExpiredKeyOf(user_);
  ExpectResponse(Call("PUT", PathOf(expired), {Basic(user_)}, R"({"name":"new"})"), IsBefore(k37));
  EXPECT_EQ(expired.name, IsBefore(k37) ? "new" : "e");
}

TEST_P(GenerationsTest, AskForExpiryBeforeOwnershipFrom37On) {
  const ApiKey& others = ExpiredKeyOf(owner_);
  ExpectResponse(Call("PUT", PathOf(others), {Basic(user_)}, "{}"), false);
}

TEST_P(GenerationsTest, SayFalseToAdministratorsOfAnUnknownKeyOnPutBefore37) {
  const Response by_owner = Call("PUT", kUnknownKey, {Basic(owner_)}, R"({"name":"new"})");
  const Response by_user = Call("PUT", kUnknownKey, {Basic(user_)}, R"({"name":"new"})");
  if (IsBefore(k37)) {
    ExpectResponse(by_owner, false);
  } else {
    EXPECT_EQ(by_owner.status, 500);
    EXPECT_EQ(ErrorOf(by_owner).at("type"), "System.NullReferenceException");
  }
  EXPECT_EQ(by_user.status, 500);
}

TEST_P(GenerationsTest, StumbleOverAnUnknownKeyOnDelete) {
  for (const User* caller : {&owner_, &user_}) {
    const Response answer = Call("DELETE", kUnknownKey, {Basic(*caller)});
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(ErrorOf(answer).at("type"), "System.NullReferenceException");
  }
}

TEST_P(GenerationsTest, TakeAnEmptyListOfPermissionsBeforeNext) {
  const ApiKey& key = KeyWith(user_, {"files:read"});
  const Response created = Call("POST", kKeys, {Basic(user_)}, R"({"name":"n","permissions":[]})");
  const Response updated = Call("PUT", PathOf(key), {Basic(user_)}, R"({"permissions":[]})");
  if (IsBefore(kNext)) {
    EXPECT_EQ(ResponseOf(created).at("permissions"), json::array());
    ExpectResponse(updated, true);
  } else {
    ExpectError(created, 400, "System.ArgumentException", "Permissions are not valid.");
    ExpectError(updated, 400, "System.ArgumentException", "Permissions are not valid.");
  }
  EXPECT_THAT(key.permissions, ::testing::Optional(ElementsAre("files:read")));
}

TEST_P(GenerationsTest, CountTheListAsOneBeforeNext) {
  KeyWith(user_, {});
  KeyWith(user_, {});
  EXPECT_EQ(json::parse(Call("GET", kKeys, {Basic(user_)}).body).at("count"),
            IsBefore(kNext) ? 1 : 2);
}

TEST_P(GenerationsTest, WriteTheEnvelopeOfAValidationErrorAsASuccessBefore37) {
  const Response answer = Call("POST", kKeys, {Basic(user_)}, R"({"name":""})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Find("Content-Type"), "application/problem+json; charset=utf-8");
  const json::value envelope = json::parse(answer.body);
  EXPECT_EQ(envelope.at("status"), IsBefore(k37) ? 0 : 1);
  EXPECT_EQ(envelope.at("statusCode"), IsBefore(k37) ? 200 : 400);
  EXPECT_EQ(envelope.at("response").at("status"), 400);
}

TEST_P(GenerationsTest, GiveEmployeesATitleBefore37) {
  const Response answer = Call("POST", kKeys, {Basic(user_)}, kNewKey);
  EXPECT_EQ(ResponseOf(answer).at("createBy").as_object().contains("title"), IsBefore(k37));
}

TEST_P(GenerationsTest, LeaveHtmlInNamesAloneBeforeNext) {
  const Response answer = Call("POST", kKeys, {Basic(user_)}, R"({"name":"<b>&</b>"})");
  EXPECT_EQ(ResponseOf(answer).at("name"),
            IsBefore(kNext) ? "<b>&</b>" : "&lt;b&gt;&amp;&lt;/b&gt;");
}

TEST(Generation, IsNamedAsInTheContract) {
  std::vector<std::string_view> names;
  for (const Generation generation : kGenerations) names.push_back(ToString(generation));
  EXPECT_THAT(names, ElementsAre("3.1", "3.2", "3.7", "next"));
}

}  // namespace
}  // namespace docspace::emulator
