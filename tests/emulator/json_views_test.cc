#include "tests/emulator/json_views.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr Time kCreated =
    Time(std::chrono::sys_days(2026y / 6 / 15)) + 10h + 30min + Ticks(1234567);

const User& Somebody() {
  static const User user{.id = "5f3c1a52-6b1e-4b8e-9f6e-0d4b1c2a3e4f",
                         .role = Role::kUser,
                         .email = "ann@portal.example",
                         .password = "",
                         .display_name = R"(Ann <O'Neil> & "Co")",
                         .session_token = ""};
  return user;
}

ApiKey SomeKey() {
  return {.id = "0f8fad5b-d9cb-469f-a165-70867728950e",
          .name = "<b>CI & ключ 🔑</b>",
          .secret = "sk-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          .created_on = kCreated,
          .created_by = &Somebody()};
}

const RequestLine kRequest{
    .method = "GET", .portal = "https://portal.example", .target = "/api/2.0/keys?fields=id"};

json::object View(const ApiKey& key, Moment moment = Moment::kLater,
                  const ViewOptions& options = {.database = Database::kPostgreSql},
                  Generation generation = Generation::k37) {
  return ApiKeyView(key, moment, kRequest, options, RulesOf(generation));
}

TEST(ApiKeyView, LeavesOutWhatIsNull) {
  EXPECT_EQ(View(SomeKey()), json::parse(R"({
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "name": "<b>CI & ключ 🔑</b>",
    "key": "sk-***cdef",
    "keyPostfix": "cdef",
    "createOn": "2026-06-15T13:30:00.1234560+03:00",
    "createBy": {
      "id": "5f3c1a52-6b1e-4b8e-9f6e-0d4b1c2a3e4f",
      "displayName": "Ann &lt;O&#39;Neil&gt; &amp; &quot;Co&quot;",
      "avatar": "/static/images/default_user_photo_size_82-82.png?hash=1780000000",
      "avatarOriginal": "/static/images/default_user_photo_size_200-200.png?hash=1780000000",
      "avatarMax": "/static/images/default_user_photo_size_200-200.png?hash=1780000000",
      "avatarMedium": "/static/images/default_user_photo_size_48-48.png?hash=1780000000",
      "avatarSmall": "/static/images/default_user_photo_size_32-32.png?hash=1780000000",
      "profileUrl": "https://portal.example/accounts/people/filter?search=ann@portal.example",
      "hasAvatar": false,
      "isAnonim": false
    },
    "isActive": true})"));
}

TEST(ApiKeyView, ShowsTheSecretAndTheExactTimeAtTheCreation) {
  const json::object view = View(SomeKey(), Moment::kCreation);
  EXPECT_EQ(view.at("key"), json::value(SomeKey().secret));
  EXPECT_EQ(view.at("createOn"), "2026-06-15T13:30:00.1234567+03:00");
}

TEST(ApiKeyView, ShowsLaterWhatTheDatabaseKept) {
  ApiKey key = SomeKey();
  key.last_used = kCreated;
  key.expires_at = kCreated;
  const json::object view = View(key, Moment::kLater, {.database = Database::kMySql});
  for (const char* member : {"createOn", "lastUsed", "expiresAt"}) {
    EXPECT_EQ(view.at(member), "2026-06-15T13:30:00.0000000+03:00") << member;
  }
  EXPECT_EQ(view.at("name"), "<b>CI & ключ ?</b>");
  EXPECT_EQ(View(key, Moment::kCreation, {}).at("name"), json::value(key.name));
}

TEST(ApiKeyView, EncodesNamesAndAddsTitlesAsItsGenerationDoes) {
  EXPECT_EQ(View(SomeKey(), Moment::kLater, {}, Generation::kNext).at("name"),
            "&lt;b&gt;CI &amp; ключ ?&lt;/b&gt;");
  EXPECT_EQ(View(SomeKey(), Moment::kLater, {}, Generation::k32).at("createBy").at("title"),
            "Manager");
}

TEST(ApiKeyView, ShowsARemovedUserWithoutTheirData) {
  User removed = Somebody();
  removed.state = UserState::kRemoved;
  ApiKey key = SomeKey();
  key.created_by = &removed;
  const json::value creator = View(key).at("createBy");
  EXPECT_EQ(creator.at("displayName"), "Profile removed");
  EXPECT_EQ(json::serialize(creator).find("ann@"), std::string::npos);
}

TEST(ApiKeyView, HasEveryMemberOfAFullKey) {
  ApiKey key = SomeKey();
  key.permissions = {"files:read"};
  key.last_used = kCreated + 1h;
  key.expires_at = kCreated + std::chrono::days(30);
  key.is_active = false;
  const json::object view =
      View(key, Moment::kLater, {.portal_offset = -90min, .database = Database::kPostgreSql});
  EXPECT_EQ(view.at("permissions"), json::parse(R"(["files:read"])"));
  EXPECT_EQ(view.at("lastUsed"), "2026-06-15T10:00:00.1234560-01:30");
  EXPECT_EQ(view.at("expiresAt"), "2026-07-15T09:00:00.1234560-01:30");
  EXPECT_EQ(view.at("isActive"), false);
}

TEST(ApiKeyView, WritesDateTimesAsObjectsWhereItIsTold) {
  const json::object view = View(SomeKey(), Moment::kCreation, {.date_time_objects = true});
  EXPECT_EQ(view.at("createOn"), json::parse(R"({"utcTime": "2026-06-15T10:30:00.1234567Z",
                            "timeZoneOffset": "03:00:00"})"));
}

TEST(ApiKeyView, WritesTheMinimumForNoDateTimeWhereItIsTold) {
  const json::object view = View(SomeKey(), Moment::kLater, {.minimum_date_time_for_none = true});
  EXPECT_EQ(view.at("lastUsed"), "0001-01-01T00:00:00.0000000Z");
  EXPECT_EQ(view.at("expiresAt"), "0001-01-01T00:00:00.0000000Z");
}

TEST(ToJson, WritesTheEnvelope) {
  EXPECT_EQ(ToJson({.response = true, .count = 2}, kRequest, {}),
            R"({"response":true,"count":2,"links":[{"href":)"
            R"("https://portal.example/api/2.0/keys?fields=id","action":"GET"}],)"
            R"("status":0,"statusCode":200})");
}

TEST(ToJson, EscapesAllButAsciiWhereItIsTold) {
  const std::string text = ToJson({.response = "<я€🔑&'+>"}, kRequest, {.ascii_json = true});
  EXPECT_TRUE(
      text.starts_with(R"({"response":"\u003C\u044F\u20AC\uD83D\uDD11\u0026\u0027\u002B\u003E",)"))
      << text;
  EXPECT_EQ(json::parse(text).at("response"), "<я€🔑&'+>");
}

TEST(ErrorJson, HasTheMembersOfAnException) {
  const json::value error = json::parse(ErrorJson(PortalException::AccessDenied()));
  EXPECT_EQ(error.at("error").at("message"), "Access denied");
  EXPECT_EQ(error.at("error").at("type"), "System.Security.SecurityException");
  EXPECT_EQ(error.at("error").at("hresult"), -2146233078);
  EXPECT_TRUE(error.at("error").at("stack").get_string().starts_with("   at ASC."));
  EXPECT_EQ(error.at("status"), 1);
  EXPECT_EQ(error.at("statusCode"), 403);
}

TEST(ErrorJson, HasNullsWithoutATrace) {
  EXPECT_EQ(ErrorJson(PortalException(403, std::nullopt, "Why", 7)),
            R"({"error":{"message":"Why","type":null,"stack":null,"hresult":0},)"
            R"("status":1,"statusCode":403})");
}

TEST(ValidationJson, IsAnEnvelopeOfErrors) {
  EXPECT_EQ(json::parse(ValidationJson({{"Name", {"The Name field is required."}}}, kRequest,
                                       RulesOf(Generation::k37))),
            json::parse(R"({"response": {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.", "status": 400,
      "errors": {"Name": ["The Name field is required."]},
      "traceId": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"},
      "count": 1, "links": [{"href": "https://portal.example/api/2.0/keys?fields=id",
      "action": "GET"}],
      "status": 1, "statusCode": 400})"));
}

TEST(ProblemJson, NamesStatusAndTitle) {
  const json::value problem = json::parse(ProblemJson(404, "Not Found"));
  EXPECT_EQ(problem.at("status"), 404);
  EXPECT_EQ(problem.at("title"), "Not Found");
}

}  // namespace
}  // namespace docspace::emulator
