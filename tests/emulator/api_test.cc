// The rows of docs/portal-api.md#operations, docs/portal-api.md#credentials and
// docs/portal-api.md#failures for release 3.7. generations_test.cc tests the differences between
// releases.
#include "tests/emulator/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/emulator/api_fixture.h"

namespace docspace::emulator {
namespace {

namespace json = boost::json;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

using ApiTest = ApiFixture;

// Operations.

TEST_F(ApiTest, CreatesAKeyAndShowsItsSecretThisOnce) {
  const Response created =
      Call("POST", kKeys, {Basic(user_)}, R"({"name":"<i>к</i>","expiresInDays":1})");
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.Find("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(created.Find("api-supported-versions"), "2.0");
  EXPECT_THAT(created.Find("Server-Timing"), MatchesRegex("aspnetcore-request-time;dur=[0-9]+ms"));
  const json::value key = ResponseOf(created);
  EXPECT_THAT(std::string(key.at("key").get_string()), MatchesRegex("sk-[0-9a-f]{64}"));
  EXPECT_EQ(key.at("name"), "<i>к</i>");
  EXPECT_EQ(key.at("permissions"), json::array());

  const json::value listed = ResponseOf(Call("GET", kKeys, {Basic(user_)})).at(0);
  EXPECT_EQ(listed.at("id"), key.at("id"));
  EXPECT_THAT(std::string(listed.at("key").get_string()), MatchesRegex("sk-\\*\\*\\*[0-9a-f]{4}"));
}

TEST_F(ApiTest, StoresNoRestrictionForAStarAnywhere) {
  for (const char* permissions : {R"(["*"])", R"(["files:read","*"])", "[]", "null"}) {
    const Response created = Call("POST", kKeys, {Basic(user_)},
                                  R"({"name":"n","permissions":)" + std::string(permissions) + "}");
    EXPECT_EQ(ResponseOf(created).at("permissions"), json::array()) << permissions;
  }
}

TEST_F(ApiTest, LeavesPermissionsOutOnceAnUpdateHasLiftedThem) {
  const ApiKey& key = KeyWith(user_, {"files:read"});
  const auto listed = [&] { return ResponseOf(Call("GET", kKeys, {Basic(user_)})).at(0); };
  EXPECT_EQ(listed().at("permissions"), json::array{"files:read"});
  Call("PUT", PathOf(key), {Basic(user_)}, R"({"permissions":["*"]})");
  EXPECT_FALSE(listed().as_object().contains("permissions"));
}

TEST_F(ApiTest, ListsKeysNewestFirstWithoutTheirTotal) {
  const std::string first = KeyWith(user_, {}).id;
  const std::string second = KeyWith(owner_, {}).id;
  const json::value envelope = json::parse(Call("GET", kKeys, {Basic(owner_)}).body);
  ASSERT_EQ(envelope.at("response").as_array().size(), 2U);
  EXPECT_EQ(envelope.at("response").at(0).at("id"), json::value(second));
  EXPECT_EQ(envelope.at("response").at(1).at("id"), json::value(first));
  EXPECT_FALSE(envelope.as_object().contains("total"));
  EXPECT_EQ(envelope.at("status"), 0);
  EXPECT_EQ(envelope.at("statusCode"), 200);
  EXPECT_EQ(ResponseOf(Call("GET", kKeys, {Basic(user_)})).as_array().size(), 1U);
}

TEST_F(ApiTest, QuotesTheRequestWithItsQuery) {
  EXPECT_EQ(
      json::parse(Call("GET", "/api/2.0/keys?fields=id", {Basic(owner_)}).body).at("links"),
      json::parse(R"([{"href":"http://portal.example/api/2.0/keys?fields=id","action":"GET"}])"));
}

TEST_F(ApiTest, SendsAllJsonInChunksWithATrailerThatNeverComes) {
  for (const Response& answer :
       {Call("GET", kKeys, {Basic(user_)}), Call("GET", kPermissionsPath, {Basic(user_)}),
        Call("POST", kKeys, {Basic(user_)}, kNewKey), Call("POST", kKeys, {Basic(user_)}, "{}"),
        Call("GET", kSelf, {Basic(user_)})}) {
    EXPECT_TRUE(answer.chunked) << answer.status;
    EXPECT_EQ(answer.Find("Trailer"), "Server-Timing") << answer.status;
  }
  const Response empty = Call("GET", kKeys, {});
  EXPECT_FALSE(empty.chunked);
  EXPECT_EQ(empty.Find("Trailer"), "");
}

TEST_F(ApiTest, IsExactOnlyInTheResponseToACreation) {
  clock_.Advance(Ticks(1'234'567));
  const Response created =
      Call("POST", kKeys, {Basic(user_)}, R"({"name":"🔑","expiresInDays":1})");
  EXPECT_EQ(ResponseOf(created).at("name"), "🔑");
  EXPECT_EQ(ResponseOf(created).at("createOn"), "2026-05-28T23:26:40.1234567+03:00");
  EXPECT_EQ(ResponseOf(created).at("expiresAt"), "2026-05-29T23:26:40.1234567+03:00");
  const auto listed = [&] { return ResponseOf(Call("GET", kKeys, {Basic(user_)})).at(0); };
  EXPECT_EQ(listed().at("name"), "?");
  EXPECT_EQ(listed().at("createOn"), "2026-05-28T23:26:40.0000000+03:00");
  EXPECT_EQ(listed().at("expiresAt"), "2026-05-29T23:26:40.0000000+03:00");
  api_.views().database = Database::kPostgreSql;
  EXPECT_EQ(listed().at("name"), "🔑");
  EXPECT_EQ(listed().at("createOn"), "2026-05-28T23:26:40.1234560+03:00");
}

TEST_F(ApiTest, FailsOnACharacterThatStrictMySqlLacks) {
  const ApiKey& key = KeyWith(user_, {});
  api_.views().database = Database::kStrictMySql;
  for (const Response& answer : {Call("POST", kKeys, {Basic(user_)}, R"({"name":"🔑"})"),
                                 Call("PUT", PathOf(key), {Basic(user_)}, R"({"name":"🔑"})")}) {
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(ErrorOf(answer).at("type"), "Microsoft.EntityFrameworkCore.DbUpdateException");
  }
  EXPECT_EQ(portal_.key_count(), 1U);
  EXPECT_EQ(Call("POST", kKeys, {Basic(user_)}, R"({"name":"я"})").status, 200);
}

TEST_F(ApiTest, MakesAnExpiredKeyInactiveWithinTenMinutes) {
  ExpiredKeyOf(user_);
  const auto is_active = [&] {
    return ResponseOf(Call("GET", kKeys, {Basic(user_)})).at(0).at("isActive");
  };
  // The job runs every ten minutes of the clock.
  EXPECT_EQ(is_active(), true);
  clock_.Advance(minutes(10));
  EXPECT_EQ(is_active(), false);
}

TEST_F(ApiTest, ShowsTheProfileOfARemovedCreatorAsRemoved) {
  const ApiKey& key = KeyWith(user_, {});
  portal_.SetUserState(user_.id, UserState::kRemoved);
  const json::value creator = ResponseOf(Call("GET", kKeys, {Basic(owner_)})).at(0).at("createBy");
  EXPECT_EQ(creator.at("id"), "4a515a15-d4d6-4b8e-828e-e0586f18f3a3");
  EXPECT_EQ(creator.at("displayName"), "Profile removed");
  EXPECT_EQ(Call("GET", kSelf, {Bearer(key.secret)}).status, 401);
}

TEST_F(ApiTest, TellsAKeyAboutItself) {
  const ApiKey& key = KeyWith(user_, {"files:read"});
  clock_.Advance(seconds(60));
  const Response self = Call("GET", kSelf, {Bearer(key.secret)});
  EXPECT_EQ(self.status, 200);
  EXPECT_EQ(ResponseOf(self).at("id"), json::value(key.id));
  EXPECT_EQ(ResponseOf(self).at("lastUsed"),
            json::value(WireDateTime(kNow + seconds(60), minutes(180))));
}

TEST_F(ApiTest, UpdatesAndDeletes) {
  const ApiKey& key = KeyWith(user_, {});
  const Response updated = Call("PUT", PathOf(key), {Basic(user_)}, R"({"isActive":false})");
  EXPECT_EQ(ResponseOf(updated), true);
  EXPECT_FALSE(key.is_active);
  EXPECT_EQ(key.name, "k");
  EXPECT_EQ(ResponseOf(Call("DELETE", PathOf(key), {Basic(user_)})), true);
  EXPECT_EQ(portal_.key_count(), 0);
}

TEST_F(ApiTest, FiltersTheFieldsOfAnyRead) {
  const ApiKey& key = KeyWith(user_, {});
  const std::string query = "?fields=id,createBy.displayName";
  const json::value expected =
      json::object{{"id", key.id}, {"createBy", json::object{{"displayName", "Somebody"}}}};
  EXPECT_EQ(ResponseOf(Call("GET", "/api/2.0/keys" + query, {Basic(user_)})),
            json::array{expected});
  EXPECT_EQ(ResponseOf(Call("GET", kSelf + query, {Bearer(key.secret)})), expected);
}

// Credentials.

TEST_F(ApiTest, TakesEveryCredential) {
  for (const Header& credential :
       {Basic(user_), Jwt(user_, {"*:read", "*:write"}), Bearer(KeyWith(user_, {}).secret),
        Cookie(user_), Bearer(user_.session_token)}) {
    const Response answer = Call("GET", kKeys, {credential});
    EXPECT_EQ(answer.status, 200) << credential.value;
    EXPECT_EQ(answer.Find("WWW-Authenticate"),
              credential.value.starts_with("Basic ") ? "Basic" : "");
  }
}

TEST_F(ApiTest, TakesAJwtOfThePortalsOwnForNothing) {
  const Header token =
      Jwt(user_, {"accounts:write", "accounts.self:write", "files:write", "rooms:write", "openid"});
  const std::string key = PathOf(KeyWith(user_, {}));
  for (const Response& answer :
       {Call("GET", kKeys, {token}), Call("GET", kPermissionsPath, {token}),
        Call("POST", kKeys, {token}, kNewKey), Call("PUT", key, {token}, "{}"),
        Call("DELETE", key, {token})}) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_EQ(Call("GET", kSelf, {token}).status, 500);
}

TEST_F(ApiTest, TakesEachClaimOfAJwtForOneScope) {
  EXPECT_EQ(Call("GET", kKeys, {Jwt(user_, {"openid", "*:read"})}).status, 200);
  EXPECT_EQ(Call("GET", kKeys, {Jwt(user_, {"openid *:read"})}).status, 403);
  EXPECT_EQ(Call("GET", kKeys, {Jwt(user_, {"*:READ"})}).status, 403);
}

TEST_F(ApiTest, RefusesThreePartsThatAreNoToken) {
  for (const char* token : {"a.b.c", "e30.e30", "..", "e30.W10.x", "!.e30.x"}) {
    const Response answer = Call("GET", kKeys, {Bearer(token)});
    if (std::string_view(token) == "e30.e30") {
      EXPECT_EQ(answer.status, 401);
      continue;
    }
    EXPECT_EQ(answer.status, 400) << token;
    EXPECT_THAT(std::string(ErrorOf(answer).at("type").get_string()),
                testing::StartsWith("Microsoft.IdentityModel."));
  }
}

TEST_F(ApiTest, FailsOnTokensWhileItsOAuth2ServiceIsDown) {
  portal_.SetConditions({.oauth2_down = true});
  const Response answer = Call("GET", kKeys, {Jwt(user_, {"*:read"})});
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(ErrorOf(answer).at("type"), "System.InvalidOperationException");
  EXPECT_EQ(Call("GET", kKeys, {Basic(user_)}).status, 200);
}

TEST_F(ApiTest, FailsOnBasicCredentialsThatAreNoPair) {
  for (const std::string& encoded : {std::string("%%%"), Base64("no colon")}) {
    const Response answer = Call("GET", kKeys, {{"Authorization", "Basic " + encoded}});
    EXPECT_EQ(answer.status, 500) << encoded;
    EXPECT_EQ(ErrorOf(answer).at("type"), "System.FormatException");
    EXPECT_EQ(answer.Find("WWW-Authenticate"), "Basic");
  }
}

TEST_F(ApiTest, LetsNobodyInWhoIsSuspended) {
  const Header key = Bearer(KeyWith(user_, {}).secret);
  portal_.SetUserState(user_.id, UserState::kSuspended);
  for (const Header& credential : {key, Basic(user_), Cookie(user_), Jwt(user_, {"*:read"})}) {
    EXPECT_EQ(Call("GET", kKeys, {credential}).status, 401) << credential.value;
  }
}

TEST_F(ApiTest, Answers401AndNothingElseToWrongCredentials) {
  const ApiKey& inactive = KeyWith(user_, {});
  portal_.UpdateApiKey(user_, inactive.id, {.is_active = false});
  const std::vector<std::vector<Header>> rows = {
      {},
      {Bearer("sk-unknown")},
      {Bearer("nonsense")},
      {Bearer(inactive.secret)},
      {Jwt(user_, {"*:read"}, seconds(0))},
      {{"Authorization", "bearer " + user_.session_token}},
      {{"Authorization", "basic " + Base64(user_.email + ":" + user_.password)}},
      {{"ApiKeyBearer", KeyWith(user_, {}).secret}}};
  for (const std::vector<Header>& credentials : rows) {
    const Response answer = Call("GET", kKeys, credentials);
    EXPECT_EQ(answer.status, 401) << (credentials.empty() ? "none" : credentials[0].value);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.Find("WWW-Authenticate"), "");
    EXPECT_EQ(answer.Find("Set-Cookie"), "");
  }
}

TEST_F(ApiTest, ChallengesWrongPasswords) {
  for (const std::string& pair : {user_.email + ":wrong", std::string("nobody@x:y")}) {
    const Response answer = Call("GET", kKeys, {{"Authorization", "Basic " + Base64(pair)}});
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.Find("WWW-Authenticate"), "Basic");
  }
}

TEST_F(ApiTest, ClearsACookieItDoesNotKnow) {
  const Response answer = Call("GET", kKeys, {{"Cookie", "asc_auth_key=stale"}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.Find("Set-Cookie"), HasSubstr("asc_auth_key=; expires="));
}

TEST_F(ApiTest, RefusesTwoCredentialsLoudly) {
  for (const std::vector<Header>& two : {std::vector{Basic(user_), Cookie(user_)},
                                         {Basic(user_), Basic(user_)},
                                         {Cookie(user_), Cookie(user_)}}) {
    const Response answer = Call("GET", kKeys, two);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "The request carries more than one credential.");
  }
}

// Failures.

TEST_F(ApiTest, AnswersValidationJson) {
  const Response answer = Call("POST", kKeys, {Basic(user_)}, R"({"name":" "})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(ResponseOf(answer).at("errors"),
            json::parse(R"({"Name": ["The Name field is required."]})"));
}

TEST_F(ApiTest, NamesWhatIsWrongWithAChangeByItsPrefix) {
  const std::string key = PathOf(KeyWith(user_, {}));
  const Response too_long =
      Call("PUT", key, {Basic(user_)}, R"({"name":")" + std::string(31, 'n') + R"("})");
  EXPECT_EQ(ResponseOf(too_long).at("errors"),
            json::parse(R"({"Changed.Name": ["Incorrect name. Length must be less than 30"]})"));
  const Response empty = Call("PUT", key, {Basic(user_)}, "");
  EXPECT_EQ(empty.status, 400);
  EXPECT_TRUE(ResponseOf(empty).at("errors").as_object().contains("Changed"));
}

TEST_F(ApiTest, RefusesUnknownPermissions) {
  const ApiKey& key = KeyWith(user_, {});
  for (const Response& answer :
       {Call("POST", kKeys, {Basic(user_)}, R"({"name":"n","permissions":["x"]})"),
        Call("PUT", PathOf(key), {Basic(user_)}, R"({"permissions":["x"]})")}) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(ErrorOf(answer).at("message"), "Permissions are not valid.");
  }
}

TEST_F(ApiTest, CannotTellOtherCredentialsAboutThemselves) {
  EXPECT_EQ(Call("GET", kSelf, {Cookie(user_)}).status, 400);
  for (const Header& credential :
       {Basic(user_), Jwt(user_, {"*:read"}), Bearer(user_.session_token)}) {
    const Response answer = Call("GET", kSelf, {credential});
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, HasSubstr("System.NullReferenceException"));
  }
}

TEST_F(ApiTest, HasNoRouteForWhatIsNoGuid) {
  for (const std::string target :
       {"/", "/api/2.0/keys/", "/api/2.0/keys/7", "/api/2.0/keysx", "/api/2.0/keys/..",
        "/api/2.0/keys/0f8fad5b-d9cb-469f-a165-70867728950e/x"}) {
    const Response answer = Call("DELETE", target, {Basic(user_)});
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.body, "");
  }
}

TEST_F(ApiTest, WritesErrorsWithTheirTrace) {
  const json::value error = ErrorOf(Call("DELETE", kUnknownKey, {Basic(owner_)}));
  EXPECT_EQ(error.at("type"), "System.NullReferenceException");
  EXPECT_THAT(std::string(error.at("stack").get_string()), HasSubstr("at ASC."));
  EXPECT_NE(error.at("hresult"), 0);
}

TEST_F(ApiTest, RefusesEveryCallButSelfWhileItIsRestored) {
  const ApiKey& key = KeyWith(owner_, {});
  portal_.SetConditions({.restoring = true});
  for (const Response& answer :
       {Call("GET", kKeys, {Basic(owner_)}), Call("POST", kKeys, {Basic(owner_)}, kNewKey),
        Call("DELETE", PathOf(key), {Basic(owner_)})}) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.Find("Content-Type"), "application/problem+json; charset=utf-8");
    EXPECT_EQ(json::parse(answer.body).at("status"), 403);
  }
  EXPECT_EQ(Call("GET", kSelf, {Bearer(key.secret)}).status, 200);
  EXPECT_EQ(Call("GET", kKeys, {}).status, 401);
  EXPECT_EQ(portal_.key_count(), 1U);
}

TEST_F(ApiTest, RefusesAddressesOfAllButTheOwner) {
  portal_.SetConditions({.address_refused = true});
  const Response answer = Call("GET", kKeys, {Basic(user_)});
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(json::parse(answer.body).is_string()) << answer.body;
  EXPECT_EQ(Call("GET", kKeys, {Basic(owner_)}).status, 200);
}

TEST_F(ApiTest, FailsAsItsDatabaseDoes) {
  portal_.SetConditions({.database_down = true});
  const Response with_mysql = Call("GET", kKeys, {Basic(user_)});
  EXPECT_EQ(with_mysql.status, 401);
  EXPECT_EQ(with_mysql.body, "");
  api_.views().database = Database::kPostgreSql;
  const Response with_postgresql = Call("GET", kKeys, {Basic(user_)});
  EXPECT_EQ(with_postgresql.status, 403);
  EXPECT_EQ(ErrorOf(with_postgresql).at("type"), "System.InvalidOperationException");
}

TEST_F(ApiTest, IsSuspendedForWhomItKnows) {
  portal_.SetConditions({.suspended = true});
  const Response answer = Call("GET", kKeys, {Basic(user_)});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Find("Content-Type"), "application/problem+json; charset=utf-8");
  EXPECT_EQ(Call("GET", kKeys, {}).status, 401);
}

TEST_F(ApiTest, WantsToBePaid) {
  portal_.SetConditions({.unpaid = true});
  const Response answer = Call("GET", kKeys, {Basic(user_)});
  EXPECT_EQ(answer.status, 402);
  EXPECT_EQ(answer.Find("Content-Type"), "application/problem+json; charset=utf-8");
}

TEST_F(ApiTest, CanBringBackAKeyThatWasRevoked) {
  const ApiKey& key = KeyWith(user_, {});
  portal_.SetConditions({.revocation_undone = true});
  EXPECT_EQ(ResponseOf(Call("PUT", PathOf(key), {Basic(user_)}, R"({"isActive":false})")), true);
  EXPECT_TRUE(key.is_active);
  portal_.SetConditions({.revocation_undone = true});
  EXPECT_EQ(ResponseOf(Call("DELETE", PathOf(key), {Basic(user_)})), true);
  EXPECT_EQ(portal_.key_count(), 1U);
  EXPECT_EQ(ResponseOf(Call("DELETE", PathOf(key), {Basic(user_)})), true);
  EXPECT_EQ(portal_.key_count(), 0U);
}

TEST_F(ApiTest, KnowsTheMethodsOfItsPaths) {
  EXPECT_EQ(Call("DELETE", kKeys, {Basic(user_)}).Find("Allow"), "GET, POST");
  EXPECT_EQ(Call("GET", kUnknownKey, {Basic(user_)}).status, 405);
  EXPECT_EQ(Call("POST", kSelf, {Basic(user_)}, "{}").status, 405);
}

TEST_F(ApiTest, WantsJson) {
  const Request request{.method = "POST",
                        .target = kKeys,
                        .headers = {Basic(user_), {"Content-Type", "text/plain"}},
                        .body = R"({"name":"n"})"};
  const Response answer = api_.Handle(request);
  EXPECT_EQ(answer.status, 415);
  const json::value envelope = json::parse(answer.body);
  EXPECT_EQ(envelope.at("statusCode"), 200);
  EXPECT_EQ(envelope.at("response").at("status"), 415);
}

class LimitedApiTest : public ApiTest {
 protected:
  LimitedApiTest() : ApiTest({.limits = Limits::Cloud()}) {}
};

TEST_F(LimitedApiTest, LimitsCreationsByUser) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Call("POST", kKeys, {i % 2 == 0 ? Basic(user_) : Cookie(user_)}, kNewKey).status,
              200);
  }
  const Response limited = Call("POST", kKeys, {Basic(user_)}, kNewKey);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.body, "");
  EXPECT_EQ(limited.Find("X-RateLimit-Limit"), "5");
  EXPECT_EQ(limited.Find("Retry-After"), "");
  const Response others = Call("POST", kKeys, {Basic(owner_)}, kNewKey);
  EXPECT_EQ(others.status, 200);
  EXPECT_EQ(others.Find("X-RateLimit-Limit"), "");
  clock_.Advance(minutes(15));
  EXPECT_EQ(Call("POST", kKeys, {Basic(user_)}, kNewKey).status, 200);
}

TEST_F(LimitedApiTest, LimitsReadsAtATimeUntilTheyAreAnswered) {
  std::vector<Response> under_way;
  for (int i = 0; i < 50; ++i) under_way.push_back(Call("GET", kKeys, {Basic(user_)}));
  EXPECT_EQ(under_way.back().status, 200);
  EXPECT_EQ(Call("GET", kKeys, {Basic(user_)}).status, 429);
  under_way.pop_back();
  EXPECT_EQ(Call("GET", kKeys, {Basic(user_)}).status, 200);
}

TEST_F(LimitedApiTest, HoldsAPlaceForACallThatFailsToo) {
  std::vector<Response> under_way;
  for (int i = 0; i < 15; ++i) {
    under_way.push_back(Call("DELETE", kUnknownKey, {Basic(user_)}));
  }
  EXPECT_EQ(under_way.back().status, 500);
  EXPECT_EQ(Call("DELETE", kUnknownKey, {Basic(user_)}).status, 429);
}

class TenantTest : public ApiTest {
 protected:
  TenantTest() : ApiTest({.host = "portal.example"}) {}

  Response CallOther(std::vector<Header> headers) {
    headers.push_back({"Host", "other.example"});
    return api_.Handle({.method = "GET", .target = kKeys, .headers = std::move(headers)});
  }
};

TEST_F(TenantTest, CannotResolveAnotherForAnApiKey) {
  const Response answer = CallOther({Bearer(KeyWith(user_, {}).secret)});
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(ErrorOf(answer).at("message"), "Could not resolve current tenant :-(.");
  EXPECT_EQ(ErrorOf(answer).at("type"), "System.Exception");
}

TEST_F(TenantTest, KnowsNobodyOfAnother) {
  for (const std::vector<Header>& headers :
       {std::vector<Header>(), {Basic(user_)}, {Cookie(user_)}, {Bearer(user_.session_token)}}) {
    EXPECT_EQ(CallOther(headers).status, 401);
  }
}

TEST_F(TenantTest, IsChosenByWhatAProxyOrABrowserAdds) {
  EXPECT_EQ(Call("GET", kKeys, {Basic(user_)}).status, 200);
  for (const Header& header :
       {Header{"Origin", "https://other.example"}, Header{"X-Forwarded-Host", "other.example"}}) {
    EXPECT_EQ(Call("GET", kKeys, {Basic(user_), header}).status, 401) << header.name;
  }
}

}  // namespace
}  // namespace docspace::emulator
