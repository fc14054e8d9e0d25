// The callers' requests: those that reach the portal, and those that the gateway refuses before.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <cstdint>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/error_matchers.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::Pair;

class RequestsTest : public EndToEndTest {
 protected:
  // The emulated database stores every name unchanged.
  emulator::EmulatorOptions PortalOptions() override {
    return {.api = {.views = {.database = emulator::Database::kPostgreSql}}};
  }

  // Some requests here are larger than the default limit.
  void Configure(Config& config) override {
    config.limits.max_request_bytes = std::size_t{8} * 1024 * 1024;
  }

  Metadata Owner() { return ApiKeyOf(Role::kOwner); }

  // Returns the body that reaches the portal.
  std::string BodyOf(UpdateApiKeyRequest request) {
    request.set_key_id(portal().user(Role::kUser).api_key_id);
    const auto answer = Call(request, Owner());
    EXPECT_TRUE(answer.ok()) << answer;
    EXPECT_TRUE(answer.response.updated());
    return portal().Requests().back().body;
  }

  // Returns the body of the portal's latest request.
  boost::json::object SentBody() {
    return boost::json::parse(portal().Requests().back().body).as_object();
  }
  std::string SentName() { return std::string(SentBody().at("name").as_string()); }

  CreateApiKeyRequest Named(const std::string& name) {
    CreateApiKeyRequest request;
    request.set_name(name);
    return request;
  }
};

std::string Repeated(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST_F(RequestsTest, AnEmptyUpdateChangesNothing) {
  EXPECT_EQ(BodyOf({}), "{}");
  EXPECT_TRUE(portal().Keys().front().is_active);
}

TEST_F(RequestsTest, WhatAnUpdateLeavesUnsetStaysUnset) {
  UpdateApiKeyRequest name;
  name.set_name("New");
  EXPECT_EQ(BodyOf(name), R"({"name":"New"})");
  UpdateApiKeyRequest permissions;
  permissions.add_permissions("*");
  EXPECT_EQ(BodyOf(permissions), R"({"permissions":["*"]})");
  UpdateApiKeyRequest active;
  active.set_is_active(true);
  EXPECT_EQ(BodyOf(active), R"({"isActive":true})");
}

TEST_F(RequestsTest, WhatAnUpdateSetsToFalseOrEmptyIsSent) {
  UpdateApiKeyRequest inactive;
  inactive.set_is_active(false);
  EXPECT_EQ(BodyOf(inactive), R"({"isActive":false})");
  UpdateApiKeyRequest empty_name;
  empty_name.set_name("");
  EXPECT_EQ(BodyOf(empty_name), R"({"name":""})");
}

TEST_F(RequestsTest, ACreationWithoutOptionsSendsOnlyTheName) {
  EXPECT_TRUE(Call(Named("Key"), Owner()).ok());
  EXPECT_EQ(portal().Requests().back().body, R"({"name":"Key"})");
}

TEST_F(RequestsTest, G6_NamesPassUnchangedBothWays) {
  const std::string names[] = {"Ключ 🔑 鍵 مفتاح",          "<script>alert('x')</script>",
                               "&lt;b&gt; &amp;amp; &#39;", R"(quote " backslash \ slash /)",
                               "tab\tnewline\ncontrol\x01", std::string("nul\0inside", 10),
                               "e\u0301 is not \u00e9",     "\u202eright to left\u2028"};
  for (const std::string& name : names) {
    const auto created = Call(Named(name), Owner());
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(created.response.api_key().name(), name);
    EXPECT_EQ(portal().Keys().back().name, name);
    const auto listed = Call(GetApiKeysRequest(), Owner());
    ASSERT_TRUE(listed.ok()) << listed;
    EXPECT_EQ(listed.response.api_keys().begin()->name(), name);
  }
}

TEST_F(RequestsTest, G6_TheLengthOfANameIsForThePortalToJudge) {
  const std::string fifteen = Repeated("\U0001F511", 15);  // Each is two UTF-16 code units.
  for (const std::string& name : {std::string("k"), std::string(30, 'k'), fifteen}) {
    EXPECT_TRUE(Call(Named(name), Owner()).ok()) << name;
    EXPECT_EQ(SentName(), name);
  }
  for (const std::string& name : {std::string(), std::string(" "), std::string(31, 'k'),
                                  fifteen + "\U0001F511", std::string(100'000, 'k')}) {
    const auto answer = Call(Named(name), Owner());
    EXPECT_EQ(answer.status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(answer.violations(), ElementsAre(Pair("name", ::testing::_)));
    EXPECT_EQ(answer.metadata("http_status"), "400");
    EXPECT_EQ(SentName(), name);
  }
}

TEST_F(RequestsTest, G6_TheLengthOfANewNameIsForThePortalToJudge) {
  UpdateApiKeyRequest request;
  request.set_key_id(portal().user(Role::kUser).api_key_id);
  for (const std::string& name : {std::string(30, 'k'), Repeated("\U0001F511", 15)}) {
    request.set_name(name);
    EXPECT_TRUE(Call(request, Owner()).response.updated()) << name;
  }
  for (const std::string& name : {std::string(31, 'k'), Repeated("\U0001F511", 16)}) {
    request.set_name(name);
    const auto answer = Call(request, Owner());
    EXPECT_EQ(answer.status.error_code(), StatusCode::INVALID_ARGUMENT) << name;
    EXPECT_THAT(answer.violations(), ElementsAre(Pair("name", ::testing::_))) << name;
    EXPECT_EQ(answer.metadata("http_status"), "400");
  }
}

TEST_F(RequestsTest, G6_EachControlCharacterReachesThePortalAsItIs) {
  for (char control = 0; control < 0x20; ++control) {
    const std::string name = std::string("a") + control + "b";
    ASSERT_TRUE(Call(Named(name), Owner()).ok());
    EXPECT_EQ(SentName(), name);
    EXPECT_EQ(portal().Keys().back().name, name);
  }
  ASSERT_TRUE(Call(Named("\x7f"), Owner()).ok());
  EXPECT_EQ(SentName(), "\x7f");
}

TEST_F(RequestsTest, G6_TheBoundsOfDaysAreThePortals) {
  CreateApiKeyRequest request = Named("Key");
  for (const std::int32_t days : {1, 365}) {
    request.set_expires_in_days(days);
    const auto answer = Call(request, Owner());
    ASSERT_TRUE(answer.ok()) << answer;
    const auto lasts = answer.response.api_key().expires_at().seconds() -
                       answer.response.api_key().create_on().seconds();
    EXPECT_EQ(lasts, std::int64_t{days} * 24 * 60 * 60);
  }
  for (const std::int32_t days : {0, 366, -1, INT32_MIN, INT32_MAX}) {
    request.set_expires_in_days(days);
    const auto answer = Call(request, Owner());
    EXPECT_EQ(answer.status.error_code(), StatusCode::INVALID_ARGUMENT) << days;
    EXPECT_THAT(answer.violations(), ElementsAre(Pair("expires_in_days", ::testing::_)));
    EXPECT_EQ(answer.metadata("http_status"), "400");
    EXPECT_EQ(SentBody().at("expiresInDays"), days);
  }
}

TEST_F(RequestsTest, G6_ManyPermissionsAreThePortalsToRefuse) {
  CreateApiKeyRequest request = Named("Key");
  for (int i = 0; i < 10'000; ++i) request.add_permissions("planet:" + std::to_string(i));
  const auto answer = Call(request, Owner());
  EXPECT_THAT(answer, IsError(StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  EXPECT_EQ(answer.metadata("http_status"), "400");
  EXPECT_EQ(SentBody().at("permissions").as_array().size(), 10'000U);
}

TEST_F(RequestsTest, G6_ManyPermissionsAreThePortalsToGrant) {
  CreateApiKeyRequest creation = Named("Key");
  UpdateApiKeyRequest update;
  for (int i = 0; i < 10'000; ++i) {
    creation.add_permissions(i % 2 == 0 ? "files:read" : "rooms:write");
  }
  *update.mutable_permissions() = creation.permissions();
  const auto answer = Call(creation, Owner());
  ASSERT_TRUE(answer.ok()) << answer;
  EXPECT_EQ(SentBody().at("permissions").as_array().size(), 10'000U);
  update.set_key_id(answer.response.api_key().id());
  EXPECT_TRUE(Call(update, Owner()).response.updated());
  EXPECT_EQ(SentBody().at("permissions").as_array().size(), 10'000U);
}

TEST_F(RequestsTest, G5_AKeyIdOfAMebibyteIsNone) {
  DeleteApiKeyRequest request;
  request.set_key_id(std::string(1024 * 1024, 'a'));
  const auto answer = Call(request, Owner());
  EXPECT_EQ(answer.status.error_code(), StatusCode::INVALID_ARGUMENT) << answer;
  EXPECT_THAT(answer.violations(), ElementsAre(Pair("key_id", ::testing::_)));
  EXPECT_EQ(portal().request_count(), 0U);
}

TEST_F(RequestsTest, G6_ABodyThatNoPortalTakesIsRefusedHere) {
  CreateApiKeyRequest request = Named("Key");
  request.add_permissions(std::string(1024 * 1024, 'p'));
  const auto answer = Call(request, Owner());
  EXPECT_EQ(answer.status.error_code(), StatusCode::INVALID_ARGUMENT) << answer;
  EXPECT_THAT(answer.violations(), ElementsAre(Pair("permissions", ::testing::_)));
  EXPECT_EQ(portal().request_count(), 0U);
}

TEST_F(RequestsTest, G5_OnlyAGuidIsAKeyId) {
  const std::string bad[] = {
      "", "@self", "permissions", "../permissions", "%2e%2e", "a?b", "a#b",
      "{3fa85f64-5717-4562-b3fc-2c963f66afa6}", "3fa85f6457174562b3fc2c963f66afa6",
      "3fa85f64-5717-4562-b3fc-2c963f66afa6/", "3fa85f64-5717-4562-b3fc-2c963f66afa6?fields=id",
      "3fa85f64-5717-4562-b3fc-2c963f66afag", "3fa85f64_5717_4562_b3fc_2c963f66afa6",
      "3fa85f64-5717-4562-b3fc-2c963f66afa6\r\nX-Injected: 1",
      std::string("3fa85f64-5717-4562-b3fc-2c963f66afa6\0", 37), "..%2fpermissions", "/", " ",
      " 3fa85f64-5717-4562-b3fc-2c963f66afa6", "3fa85f64-5717-4562-b3fc-2c963f66afa6 ",
      "３fa85f64-5717-4562-b3fc-2c963f66afa6",
      // With its tag and length this is the maximum size of a message.
      std::string(1024 * 1024 - 4, 'a')};
  for (const std::string& key_id : bad) {
    UpdateApiKeyRequest update;
    update.set_key_id(key_id);
    const auto updated = Call(update, Owner());
    EXPECT_EQ(updated.status.error_code(), StatusCode::INVALID_ARGUMENT) << updated;
    EXPECT_THAT(updated.violations(), ElementsAre(Pair("key_id", ::testing::_)));
    DeleteApiKeyRequest deletion;
    deletion.set_key_id(key_id);
    EXPECT_EQ(Call(deletion, Owner()).status.error_code(), StatusCode::INVALID_ARGUMENT);
  }
  EXPECT_EQ(portal().request_count(), 0U);
}

TEST_F(RequestsTest, G5_AGuidMayBeInEitherCase) {
  std::string key_id = portal().SeedKey(Role::kOwner, {.name = "Doomed"}).id;
  std::transform(key_id.begin(), key_id.end(), key_id.begin(), ::toupper);
  DeleteApiKeyRequest request;
  request.set_key_id(key_id);
  EXPECT_TRUE(Call(request, Owner()).response.deleted());
  EXPECT_EQ(portal().Received("DELETE", "/api/2.0/keys/"), 1U);
}

TEST_F(RequestsTest, FieldsThatAreNoNamesAreRefused) {
  for (const std::string fields :
       {"id name", "id&count=1", "id#", "id%2Cname", "ключ", "id\r\nX: 1", "*"}) {
    GetApiKeysRequest request;
    request.set_fields(fields);
    const auto answer = Call(request, Owner());
    EXPECT_EQ(answer.status.error_code(), StatusCode::INVALID_ARGUMENT) << fields;
    EXPECT_THAT(answer.violations(), ElementsAre(Pair("fields", ::testing::_)));
  }
  GetApiKeyRequest long_one;
  long_one.set_fields(std::string(513, 'i'));
  EXPECT_EQ(Call(long_one, Owner()).status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(portal().request_count(), 0U);
  long_one.set_fields(std::string(512, 'i'));
  EXPECT_TRUE(Call(long_one, Owner()).ok());
}

TEST_F(RequestsTest, EachRpcIsItsRestCall) {
  std::vector<std::pair<std::string, std::string>> calls;
  for (const Rpc rpc : kRpcs) {
    EXPECT_TRUE(Call(rpc, Owner()).ok());
    const emulator::Request request = portal().Requests().back();
    calls.emplace_back(request.method, request.target);
  }
  const std::string key_id = "/api/2.0/keys/[0-9a-f-]{36}";
  EXPECT_THAT(
      calls,
      ElementsAre(Pair("POST", "/api/2.0/keys"), Pair("DELETE", ::testing::MatchesRegex(key_id)),
                  Pair("GET", "/api/2.0/keys/permissions"), Pair("GET", "/api/2.0/keys/@self"),
                  Pair("GET", "/api/2.0/keys"), Pair("PUT", ::testing::MatchesRegex(key_id))));
}

}  // namespace
}  // namespace docspace::gateway::testkit
