// The rows of the contract, request by request.
#include "tests/emulator/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace docspace::emulator {
namespace {

namespace json = boost::json;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr Time kNow{seconds(1'780'000'000)};
constexpr std::string_view kUnknownId = "/api/2.0/keys/0f8fad5b-d9cb-469f-a165-70867728950e";

class ApiTest : public ::testing::Test {
 protected:
  explicit ApiTest(ApiOptions options = {}) : api_(std::move(options), portal_, tokens_, clock_) {
    clock_.Set(kNow);
  }

  const User& Add(Role role) {
    return portal_.AddUser(role, std::string(ToString(role)) + "@portal.example", "pass:word",
                           "Somebody");
  }

  Response Call(std::string method, std::string target, std::vector<Header> headers,
                std::string body = "") {
    headers.push_back({"Host", "portal.example"});
    if (!body.empty()) headers.push_back({"Content-Type", "application/json"});
    return api_.Handle({.method = std::move(method),
                        .target = std::move(target),
                        .headers = std::move(headers),
                        .body = std::move(body)});
  }

  static Header Basic(const User& user) {
    return {"Authorization", "Basic " + Base64(user.email + ":" + user.password)};
  }
  static Header Bearer(std::string_view token) {
    return {"Authorization", "Bearer " + std::string(token)};
  }
  static Header Cookie(const User& user) {
    return {"Cookie", "theme=dark; asc_auth_key=" + user.session_token + "; x=y"};
  }
  Header Jwt(const User& user, std::vector<std::string> scopes, seconds lifetime = minutes(1)) {
    return Bearer(tokens_.Mint({.subject = user.id,
                                .scopes = std::move(scopes),
                                .issued_at = kNow,
                                .expires_at = kNow + lifetime}));
  }
  const ApiKey& KeyWith(const User& user, std::vector<std::string> permissions) {
    return portal_.CreateApiKey(user, {.name = "k", .permissions = std::move(permissions)});
  }
  static std::string PathOf(const ApiKey& key) { return "/api/2.0/keys/" + key.id; }

  static json::value ResponseOf(const Response& answer) {
    return json::parse(answer.body).at("response");
  }
  static std::string MessageOf(const Response& answer) {
    return std::string(json::parse(answer.body).at("error").at("message").get_string());
  }

  Clock clock_;
  Entropy entropy_{1};
  JsonWebTokens tokens_{"signing key"};
  Portal portal_{clock_, entropy_};
  const User& owner_ = Add(Role::kOwner);
  const User& user_ = Add(Role::kUser);
  const User& guest_ = Add(Role::kGuest);
  Api api_;
};

TEST_F(ApiTest, CreatesAKeyAndShowsItsSecretThisOnce) {
  const Response created = Call("POST", "/api/2.0/keys", {Basic(user_)},
                                R"({"name":"<i>к</i>","permissions":["*"],"expiresInDays":1})");
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.Find("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(created.Find("api-supported-versions"), "2.0");
  EXPECT_THAT(created.Find("Server-Timing"), MatchesRegex("aspnetcore-request-time;dur=[0-9]+ms"));
  const json::value key = ResponseOf(created);
  EXPECT_THAT(std::string(key.at("key").get_string()), MatchesRegex("sk-[0-9a-f]{64}"));
  EXPECT_EQ(key.at("name"), "<i>к</i>");
  EXPECT_EQ(key.at("permissions"), json::array());

  const json::value listed = ResponseOf(Call("GET", "/api/2.0/keys", {Basic(user_)})).at(0);
  EXPECT_EQ(listed.at("id"), key.at("id"));
  EXPECT_THAT(std::string(listed.at("key").get_string()), MatchesRegex("sk-\\*\\*\\*[0-9a-f]{4}"));
}

TEST_F(ApiTest, ListsKeysAsAStreamThatItCannotCount) {
  KeyWith(user_, {});
  KeyWith(owner_, {});
  const Response all = Call("GET", "/api/2.0/keys", {Basic(owner_)});
  EXPECT_TRUE(all.streamed);
  const json::value envelope = json::parse(all.body);
  EXPECT_EQ(envelope.at("response").as_array().size(), 2);
  EXPECT_EQ(envelope.at("count"), 1);
  EXPECT_EQ(envelope.at("total"), 2);
  EXPECT_EQ(envelope.at("links"),
            json::parse(R"([{"href":"http://portal.example/api/2.0/keys","action":"GET"}])"));
  EXPECT_EQ(envelope.at("status"), 0);
  EXPECT_EQ(envelope.at("statusCode"), 200);
  EXPECT_EQ(ResponseOf(Call("GET", "/api/2.0/keys", {Basic(user_)})).as_array().size(), 1);
}

TEST_F(ApiTest, ListsPermissionsInOrder) {
  EXPECT_EQ(ResponseOf(Call("GET", "/api/2.0/keys/permissions", {Basic(user_)})),
            json::parse(R"(["*", "*:read", "*:write", "accounts:read", "accounts:write",
                            "accounts.self:read", "accounts.self:write", "files:read",
                            "files:write", "rooms:read", "rooms:write"])"));
}

TEST_F(ApiTest, TellsAKeyAboutItself) {
  const ApiKey& key = KeyWith(user_, {"files:read"});
  clock_.Advance(seconds(60));
  const Response self = Call("GET", "/api/2.0/keys/@self", {Bearer(key.secret)});
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
  EXPECT_EQ(ResponseOf(Call("GET", "/api/2.0/keys/@self" + query, {Bearer(key.secret)})), expected);
}

TEST_F(ApiTest, TakesEveryCredential) {
  for (const Header& credential :
       {Basic(user_), Jwt(user_, {"*:read", "*:write"}), Bearer(KeyWith(user_, {}).secret),
        Cookie(user_), Bearer(user_.session_token)}) {
    EXPECT_EQ(Call("GET", "/api/2.0/keys", {credential}).status, 200) << credential.value;
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
    const Response answer = Call("GET", "/api/2.0/keys", credentials);
    EXPECT_EQ(answer.status, 401) << (credentials.empty() ? "none" : credentials[0].value);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.Find("WWW-Authenticate"), "");
    EXPECT_EQ(answer.Find("Set-Cookie"), "");
  }
}

TEST_F(ApiTest, ChallengesWrongPasswords) {
  for (const std::string& pair : {user_.email + ":wrong", std::string("nobody@x:y"), user_.email}) {
    const Response answer =
        Call("GET", "/api/2.0/keys", {{"Authorization", "Basic " + Base64(pair)}});
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.Find("WWW-Authenticate"), "Basic");
  }
}

TEST_F(ApiTest, ClearsACookieItDoesNotKnow) {
  const Response answer = Call("GET", "/api/2.0/keys", {{"Cookie", "asc_auth_key=stale"}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.Find("Set-Cookie"), HasSubstr("asc_auth_key=; expires="));
}

TEST_F(ApiTest, RefusesTwoCredentialsLoudly) {
  for (const std::vector<Header>& two : {std::vector{Basic(user_), Cookie(user_)},
                                         {Basic(user_), Basic(user_)},
                                         {Cookie(user_), Cookie(user_)}}) {
    const Response answer = Call("GET", "/api/2.0/keys", two);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "The request carries more than one credential.");
  }
}

struct ScopeRow {
  std::vector<std::string> scopes;
  int read;
  int write;
};

TEST_F(ApiTest, HoldsKeysAndTokensToTheirScopes) {
  const ScopeRow rows[] = {{{}, 200, 200},
                           {{"*"}, 200, 200},
                           {{"*:write"}, 200, 200},
                           {{"*:read"}, 200, 403},
                           {{"files:write"}, 403, 403},
                           {{"accounts:write"}, 403, 403},
                           {{"accounts.self:write", "rooms:read"}, 403, 403}};
  for (const ScopeRow& row : rows) {
    const std::string secret = KeyWith(user_, row.scopes).secret;
    const std::string name = testing::PrintToString(row.scopes);
    EXPECT_EQ(Call("GET", "/api/2.0/keys", {Bearer(secret)}).status, row.read) << name;
    EXPECT_EQ(Call("GET", "/api/2.0/keys/permissions", {Bearer(secret)}).status, row.read) << name;
    EXPECT_EQ(Call("GET", "/api/2.0/keys/@self", {Bearer(secret)}).status, 200) << name;
    EXPECT_EQ(Call("POST", "/api/2.0/keys", {Bearer(secret)}, R"({"name":"n"})").status, row.write)
        << name;
    EXPECT_EQ(Call("PUT", PathOf(KeyWith(user_, {})), {Bearer(secret)}, "{}").status, row.write)
        << name;
    EXPECT_EQ(Call("DELETE", PathOf(KeyWith(user_, {})), {Bearer(secret)}).status, row.write)
        << name;
  }
  // A token without scopes, unlike a key, may nothing.
  const Response refused = Call("GET", "/api/2.0/keys", {Jwt(user_, {"openid"})});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, "");
  EXPECT_EQ(Call("GET", "/api/2.0/keys", {Jwt(user_, {})}).status, 403);
}

TEST_F(ApiTest, DeniesGuestsToCreate) {
  const Response answer = Call("POST", "/api/2.0/keys", {Basic(guest_)}, R"({"name":"n"})");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(MessageOf(answer), "Access denied");
  EXPECT_EQ(Call("GET", "/api/2.0/keys", {Basic(guest_)}).status, 200);
}

TEST_F(ApiTest, AnswersValidationJson) {
  const Response answer = Call("POST", "/api/2.0/keys", {Basic(user_)}, R"({"name":" "})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(ResponseOf(answer).at("errors"),
            json::parse(R"({"Name": ["The Name field is required."]})"));
}

TEST_F(ApiTest, RefusesUnknownPermissions) {
  const ApiKey& key = KeyWith(user_, {});
  for (const Response& answer :
       {Call("POST", "/api/2.0/keys", {Basic(user_)}, R"({"name":"n","permissions":["x"]})"),
        Call("PUT", PathOf(key), {Basic(user_)}, R"({"permissions":["x"]})")}) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(MessageOf(answer), "Permissions are not valid.");
  }
}

TEST_F(ApiTest, CannotTellOtherCredentialsAboutThemselves) {
  EXPECT_EQ(Call("GET", "/api/2.0/keys/@self", {Cookie(user_)}).status, 400);
  for (const Header& credential :
       {Basic(user_), Jwt(user_, {"*:read"}), Bearer(user_.session_token)}) {
    const Response answer = Call("GET", "/api/2.0/keys/@self", {credential});
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

TEST_F(ApiTest, StumblesOverUnknownKeys) {
  for (const Response& answer : {Call("PUT", std::string(kUnknownId), {Basic(owner_)}, "{}"),
                                 Call("DELETE", std::string(kUnknownId), {Basic(owner_)})}) {
    EXPECT_EQ(answer.status, 500);
    const json::value error = json::parse(answer.body).at("error");
    EXPECT_EQ(error.at("type"), "System.NullReferenceException");
    EXPECT_TRUE(error.as_object().contains("stack"));
  }
}

TEST_F(ApiTest, Answers200FalseForOthersKeysAndExpiredOnes) {
  const ApiKey& others = KeyWith(owner_, {});
  const ApiKey& expired = portal_.CreateApiKey(user_, {.name = "e", .expires_in_days = 1});
  clock_.Advance(days(1));
  for (const Response& answer : {Call("PUT", PathOf(others), {Basic(user_)}, "{}"),
                                 Call("DELETE", PathOf(others), {Basic(user_)}),
                                 Call("PUT", PathOf(expired), {Basic(user_)}, "{}")}) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(ResponseOf(answer), false);
  }
}

TEST_F(ApiTest, KnowsTheMethodsOfItsPaths) {
  EXPECT_EQ(Call("DELETE", "/api/2.0/keys", {Basic(user_)}).Find("Allow"), "GET, POST");
  EXPECT_EQ(Call("GET", std::string(kUnknownId), {Basic(user_)}).status, 405);
  EXPECT_EQ(Call("POST", "/api/2.0/keys/@self", {Basic(user_)}, "{}").status, 405);
}

TEST_F(ApiTest, WantsJson) {
  const Request request{.method = "POST",
                        .target = "/api/2.0/keys",
                        .headers = {Basic(user_), {"Content-Type", "text/plain"}},
                        .body = R"({"name":"n"})"};
  EXPECT_EQ(api_.Handle(request).status, 415);
}

class LimitedApiTest : public ApiTest {
 protected:
  LimitedApiTest()
      : ApiTest({.views = {},
                 .creations_per_15_minutes = 5,
                 .calls_per_minute = 10,
                 .host = "portal.example"}) {}
};

TEST_F(LimitedApiTest, LimitsCreationsByUser) {
  const auto create = [&](const User& user) {
    return Call("POST", "/api/2.0/keys", {Basic(user)}, R"({"name":"n"})");
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(create(user_).status, 200);
  const Response limited = create(user_);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.Find("Retry-After"), "900");
  EXPECT_EQ(limited.Find("X-RateLimit-Limit"), "5");
  EXPECT_EQ(create(owner_).status, 200);
  clock_.Advance(minutes(15));
  EXPECT_EQ(create(user_).status, 200);
}

TEST_F(LimitedApiTest, LimitsAllCallsByUser) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Call("GET", "/api/2.0/keys", {Basic(user_)}).status, 200);
  }
  EXPECT_EQ(Call("GET", "/api/2.0/keys", {Basic(user_)}).Find("Retry-After"), "60");
}

TEST_F(LimitedApiTest, KnowsNoOtherTenant) {
  const Response answer = api_.Handle({.method = "GET",
                                       .target = "/api/2.0/keys",
                                       .headers = {{"Host", "other.example"}, Basic(user_)}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Find("Content-Type"), "application/problem+json; charset=utf-8");
}

}  // namespace
}  // namespace docspace::emulator
