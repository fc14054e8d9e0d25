// The proto JSON of every response is equivalent to the REST JSON, in both directions.
//
// Two portals with the same seed and a stopped clock give the same responses to the same calls. One
// is called through the gateway and the other directly. Protobuf's own JSON library makes the
// comparison.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/e2e/end_to_end.h"
#include "tests/e2e/rest_call.h"

namespace docspace::gateway::testkit {
namespace {

namespace json = boost::json;
namespace util = google::protobuf::util;
using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

// Removes differences that proto JSON cannot express: an empty list and `false` outside `optional`
// are omitted, and only the instant of a date-time counts.
json::value Canonical(const json::value& value) {
  if (value.is_array()) {
    json::array canonical;
    for (const json::value& item : value.get_array()) canonical.push_back(Canonical(item));
    return canonical;
  }
  if (!value.is_object()) return value;
  json::object canonical;
  for (const auto& [name, member] : value.get_object()) {
    if (member.is_array() && member.get_array().empty()) continue;
    if (name == "response" && member == false) continue;
    absl::Time instant;
    std::string error;
    if (member.is_string() &&
        absl::ParseTime(absl::RFC3339_full, member.get_string().c_str(), &instant, &error)) {
      canonical[name] = absl::ToUnixNanos(instant);
    } else {
      canonical[name] = Canonical(member);
    }
  }
  return canonical;
}

class JsonParityTest : public EndToEndTest {
 protected:
  emulator::EmulatorOptions PortalOptions() override {
    return {.seed = 7, .now = emulator::Time(std::chrono::seconds(1'781'519'400))};
  }

  void SetUp() override {
    EndToEndTest::SetUp();
    twin_ = emulator::Emulator::Start(PortalOptions());
  }

  std::string Rest(const std::string& method, const std::string& target,
                   const std::string& body = "") {
    return Send({.method = method,
                 .target = target,
                 .host = "127.0.0.1:" + std::to_string(portal().port()),
                 .authorization = "Bearer " + portal().user(Role::kOwner).api_key,
                 .body = body},
                twin_->port());
  }

  template <class Request>
  auto Grpc(const Request& request) {
    const auto answer = Call(request, ApiKeyOf(Role::kOwner));
    EXPECT_TRUE(answer.ok()) << answer;
    return answer.response;
  }

  template <class Response>
  void ExpectSame(const Response& message, const std::string& rest) {
    std::string printed;
    ASSERT_TRUE(util::MessageToJsonString(message, &printed).ok());
    EXPECT_EQ(Canonical(json::parse(printed)), Canonical(json::parse(rest)));
    Response parsed;
    const auto status = util::JsonStringToMessage(rest, &parsed);
    ASSERT_TRUE(status.ok()) << status.ToString() << "\n" << rest;
    EXPECT_TRUE(util::MessageDifferencer::Equals(parsed, message))
        << parsed.DebugString() << message.DebugString();
  }

  emulator::Emulator& twin() { return *twin_; }

  // Creates the key in both portals.
  emulator::ApiKey Seed(const emulator::NewApiKey& key) {
    twin_->SeedKey(Role::kUser, key);
    return portal().SeedKey(Role::kUser, key);
  }

 private:
  std::unique_ptr<emulator::Emulator> twin_;
};

TEST_F(JsonParityTest, CreateApiKey) {
  CreateApiKeyRequest request;
  request.set_name("Plain");
  ExpectSame(Grpc(request), Rest("POST", "/api/2.0/keys", R"({"name":"Plain"})"));
  request.set_name("<b>Ключ</b> \"🔑\" & Söhne");
  request.add_permissions("files:read");
  request.add_permissions("accounts.self:write");
  request.set_expires_in_days(30);
  ExpectSame(Grpc(request),
             Rest("POST", "/api/2.0/keys", R"({"name":"<b>Ключ</b> \"🔑\" & Söhne","permissions":
                  ["files:read","accounts.self:write"],"expiresInDays":30})"));
}

TEST_F(JsonParityTest, DeleteApiKey) {
  const std::string key_id = Seed({.name = "Doomed"}).id;
  DeleteApiKeyRequest request;
  request.set_key_id(key_id);
  ExpectSame(Grpc(request), Rest("DELETE", "/api/2.0/keys/" + key_id));
}

TEST_F(JsonParityTest, GetAllPermissions) {
  ExpectSame(Grpc(GetAllPermissionsRequest()), Rest("GET", "/api/2.0/keys/permissions"));
}

TEST_F(JsonParityTest, GetApiKey) {
  ExpectSame(Grpc(GetApiKeyRequest()), Rest("GET", "/api/2.0/keys/@self"));
}

TEST_F(JsonParityTest, GetApiKeys) {
  Seed({.name = "Limited", .permissions = {{"*:read"}}, .expires_in_days = 365});
  Seed({.name = "Unlimited", .permissions = std::vector<std::string>()});
  ExpectSame(Grpc(GetApiKeysRequest()), Rest("GET", "/api/2.0/keys"));
}

TEST_F(JsonParityTest, UpdateApiKey) {
  const std::string key_id = Seed({.name = "Old"}).id;
  UpdateApiKeyRequest request;
  request.set_key_id(key_id);
  request.set_name("New");
  request.set_is_active(false);
  ExpectSame(Grpc(request),
             Rest("PUT", "/api/2.0/keys/" + key_id, R"({"name":"New","isActive":false})"));
  ExpectSame(Grpc(GetApiKeysRequest()), Rest("GET", "/api/2.0/keys"));
}

TEST_F(JsonParityTest, FalseIsWhatThePortalSays) {
  const std::string key_id = Seed({.name = "Short", .expires_in_days = 1}).id;
  portal().AdvanceTime(std::chrono::hours(25));
  twin().AdvanceTime(std::chrono::hours(25));
  UpdateApiKeyRequest request;
  request.set_key_id(key_id);
  request.set_name("New");
  ExpectSame(Grpc(request), Rest("PUT", "/api/2.0/keys/" + key_id, R"({"name":"New"})"));
}

TEST_F(JsonParityTest, FieldsFilter) {
  for (const std::string fields :
       {"id", "id,name", "createBy.displayName", "name,createBy.id,isActive", "none", "key,"}) {
    GetApiKeysRequest list;
    list.set_fields(fields);
    ExpectSame(Grpc(list), Rest("GET", absl::StrCat("/api/2.0/keys?fields=", fields)));
    GetApiKeyRequest self;
    self.set_fields(fields);
    ExpectSame(Grpc(self), Rest("GET", absl::StrCat("/api/2.0/keys/@self?fields=", fields)));
  }
}

TEST_F(JsonParityTest, EveryRequestIsItsRestRequest) {
  CreateApiKeyRequest create;
  create.set_name("Request <ключ>");
  create.add_permissions("*");
  create.set_expires_in_days(1);
  Grpc(create);
  std::string printed;
  ASSERT_TRUE(util::MessageToJsonString(create, &printed).ok());
  EXPECT_EQ(json::parse(portal().Requests().back().body), json::parse(printed));

  UpdateApiKeyRequest update;
  update.set_key_id(Seed({.name = "Old"}).id);
  update.set_name("New");
  update.add_permissions("*:read");
  update.set_is_active(true);
  Grpc(update);
  update.clear_key_id();  // The path has the id.
  printed.clear();
  ASSERT_TRUE(util::MessageToJsonString(update, &printed).ok());
  EXPECT_EQ(json::parse(portal().Requests().back().body), json::parse(printed));
}

TEST_F(JsonParityTest, OtherWaysToWriteTheSameAnswerAreTheSameMessage) {
  Seed({.name = "Ключ & <b>", .expires_in_days = 30});
  const GetApiKeysResponse plain = Grpc(GetApiKeysRequest());
  const emulator::ViewOptions others[] = {
      {.date_time_objects = true},
      {.minimum_date_time_for_none = true},
      {.date_time_objects = true, .minimum_date_time_for_none = true},
      {.ascii_json = true},
      {.portal_offset = std::chrono::minutes(0)},
      {.portal_offset = std::chrono::minutes(-570)},
  };
  for (const emulator::ViewOptions& views : others) {
    portal().SetViews(views);
    EXPECT_TRUE(util::MessageDifferencer::Equals(Grpc(GetApiKeysRequest()), plain));
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
