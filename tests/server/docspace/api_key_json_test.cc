#include "server/docspace/api_key_json.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/json_print_defaults.h"
#include "server/docspace/encoded_response.h"

namespace docspace::gateway {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using google::protobuf::Value;
using google::protobuf::util::MessageDifferencer;

// A key with every member of the contract, in the proto's canonical JSON.
constexpr char kKey[] =
    R"({"id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","name":"Ключ <b>&amp;</b> 🔑\n",)"
    R"("key":"sk-***afa6","keyPostfix":"afa6","permissions":["files:read","rooms:write"],)"
    R"("lastUsed":"2026-06-15T10:30:00.123456700Z","createOn":"2026-06-14T00:00:00Z",)"
    R"("createBy":{"id":"66faa6e4-f133-11ea-b126-00ffeec8b4ef","displayName":"Ann &amp; Bob",)"
    R"("avatar":"/a.png","avatarOriginal":"/o.png","avatarMax":"/max.png",)"
    R"("avatarMedium":"/medium.png","avatarSmall":"/small.png","profileUrl":"/ann",)"
    R"("hasAvatar":true,"isAnonim":false},"expiresAt":"2027-06-15T10:30:00.100Z","isActive":true})";
constexpr char kTail[] =
    R"("count":1,"total":3,"links":[{"href":"https://portal/api/2.0/keys","action":"GET"}],)"
    R"("status":0,"statusCode":200})";

std::string Envelope(std::string_view response) {
  return R"({"response":)" + std::string(response) + "," + kTail;
}

template <class Response>
std::string Golden() {
  return Envelope(kKey);
}
template <>
std::string Golden<DeleteApiKeyResponse>() {
  return Envelope("true");
}
template <>
std::string Golden<UpdateApiKeyResponse>() {
  return Envelope("true");
}
template <>
std::string Golden<GetAllPermissionsResponse>() {
  return Envelope(R"(["*","accounts.self:read","rooms:write"])");
}
template <>
std::string Golden<GetApiKeysResponse>() {
  return Envelope("[" + std::string(kKey) +
                  R"(,{"name":"second","permissions":[]},{"permissions":[]}])");
}

std::string CanonicalJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  apikeys::cli::PrintDefaults(options);
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

template <class Message>
Message ParsedByProtobuf(std::string_view json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  Message message;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &message, options)
          .ok())
      << json;
  return message;
}

template <class Response>
absl::Status Decode(std::string body, Response& response) {
  EncodedResponse<Response> encoded;
  const absl::Status status = FromJson(body, encoded);
  const std::string_view bytes = encoded.bytes();
  EXPECT_LE(bytes.size(), status.ok() ? MaxEncodedSize(body.size()) : 0);
  EXPECT_TRUE(response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return status;
}

template <class Response>
Response Decoded(const std::string& body) {
  Response response;
  const absl::Status status = Decode(body, response);
  EXPECT_TRUE(status.ok()) << status << " " << body;
  return response;
}

template <class Response>
class FromJsonTo : public ::testing::Test {};
using Responses =
    ::testing::Types<CreateApiKeyResponse, DeleteApiKeyResponse, GetAllPermissionsResponse,
                     GetApiKeyResponse, GetApiKeysResponse, UpdateApiKeyResponse>;
TYPED_TEST_SUITE(FromJsonTo, Responses);

TYPED_TEST(FromJsonTo, AgreesWithTheProtosCanonicalJsonBothWays) {
  const std::string golden = Golden<TypeParam>();
  const auto response = Decoded<TypeParam>(golden);
  EXPECT_TRUE(MessageDifferencer::Equals(response, ParsedByProtobuf<TypeParam>(golden)));
  EXPECT_TRUE(MessageDifferencer::Equals(ParsedByProtobuf<Value>(CanonicalJson(response)),
                                         ParsedByProtobuf<Value>(golden)))
      << CanonicalJson(response);
  EXPECT_TRUE(MessageDifferencer::Equals(Decoded<TypeParam>(CanonicalJson(response)), response));
}

TYPED_TEST(FromJsonTo, R12aRefusesEveryCut) {
  const std::string golden = Golden<TypeParam>();
  for (std::size_t size = 0; size < golden.size(); ++size) {
    TypeParam response;
    const absl::Status status = Decode(golden.substr(0, size), response);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_TRUE(MessageDifferencer::Equals(response, TypeParam())) << size;
  }
}

TYPED_TEST(FromJsonTo, R12aNeverMisreadsAReplacedOctet) {
  // A truncated number is another valid number, which JSON cannot detect.
  const auto without_numbers = [](TypeParam response) {
    response.clear_count();
    response.clear_total();
    response.clear_status();
    response.clear_status_code();
    return response;
  };
  const std::string golden = Golden<TypeParam>();
  const auto expected = without_numbers(Decoded<TypeParam>(golden));
  for (std::size_t at = 0; at < golden.size(); ++at) {
    for (const char octet : {'\0', '\r', '\n', '\x80'}) {
      // Inside a non-ASCII character this byte makes another valid character.
      if (octet == '\x80' && (golden[at] & 0x80) != 0) continue;
      std::string body = golden;
      body[at] = octet;
      TypeParam response;
      if (!Decode(body, response).ok()) continue;
      EXPECT_TRUE(octet == '\r' || octet == '\n') << at;
      EXPECT_TRUE(MessageDifferencer::Equals(without_numbers(response), expected)) << at;
    }
  }
}

TYPED_TEST(FromJsonTo, R19_SkipsAByteOrderMark) {
  TypeParam expected;
  ASSERT_TRUE(Decode(Golden<TypeParam>(), expected).ok());
  TypeParam response;
  ASSERT_TRUE(Decode("\xEF\xBB\xBF" + Golden<TypeParam>(), response).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(response, expected));
}

TYPED_TEST(FromJsonTo, R10RefusesWhatIsNotOneJsonValueInUtf8) {
  const std::string golden = Golden<TypeParam>();
  constexpr int kDeep = 1'000'000;
  const std::string deep_array = std::string(kDeep, '[') + std::string(kDeep, ']');
  std::string deep_object;
  for (int i = 0; i < kDeep; ++i) deep_object += R"({"a":)";
  const std::string unknown = golden.substr(0, golden.size() - 1) + R"(,"x":)";
  const std::string bodies[] = {
      "",
      " ",
      "x",
      "<html></html>",
      "null",
      "true",
      "7",
      R"("response")",
      "[]",
      "[" + golden + "]",
      golden + "x",
      golden + golden,
      golden + ",",
      "," + golden,
      "]",
      golden + std::string("\0", 1),
      golden + std::string("\0 rubbish", 9),
      std::string("\0", 1) + golden,
      "\xEF\xBB\xBF\xEF\xBB\xBF" + golden,
      golden + "\xEF\xBB\xBF",
      " \xEF\xBB\xBF" + golden,
      "\xFF\xFE" + golden,
      "/* comment */" + golden,
      deep_array,
      deep_object,
      unknown + deep_array + "}",
      unknown + deep_object,
      unknown + "1e400}",
      unknown + "01}",
      unknown + "NaN}",
      unknown + "'a'}",
      unknown + "[1,]}",
      unknown + "{\"a\":1,}}",
      unknown + "\"\x80\"}",
      unknown + "\"\xC0\xAF\"}",
      unknown + "\"\xED\xA0\x80\"}",
      unknown + "\"\xF4\x90\x80\x80\"}",
      unknown + R"("\udc00"})",
      unknown + R"("\ud800"})",
      unknown + R"("\ud800\ud800"})",
      unknown + R"("\u12g4"})",
      unknown + R"({"\udc00":1}})",
      unknown + "\"\n\"}",
      R"({"response")",
      R"({})",
      R"({"response":null})",
      R"({"count":1,"total":3})",
      R"({"Response":true})",
      R"({"error":{"message":"Access denied"},"status":1,"statusCode":403})",
      R"({"response":7})",
      R"({"response":"true"})",
      R"({"response":[[]]})",
      R"({"response":[null]})",
      R"({"response":[7]})",
  };
  for (const std::string& body : bodies) {
    TypeParam response;
    const absl::Status status = Decode(body, response);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << body.substr(0, 200);
    EXPECT_FALSE(status.message().empty());
    EXPECT_TRUE(MessageDifferencer::Equals(response, TypeParam())) << body.substr(0, 200);
  }
}

TYPED_TEST(FromJsonTo, R10RefusesAMemberGivenTwice) {
  const std::string golden = Golden<TypeParam>();
  for (const std::string_view again : {R"("response":null)", R"("count":1)", R"("total":null)",
                                       R"("links":[])", R"("status":0)", R"("statusCode":200)"}) {
    TypeParam response;
    const absl::Status status =
        Decode(golden.substr(0, golden.size() - 1) + "," + std::string(again) + "}", response);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << again;
  }
}

TYPED_TEST(FromJsonTo, R16IgnoresUnknownMembersOfAnyShape) {
  const std::string golden = Golden<TypeParam>();
  const std::string deep = std::string(31, '[') + std::string(31, ']');
  for (const std::string& value :
       {std::string("null"), std::string("true"), std::string("-1.5e300"),
        std::string(R"("\u0000")"), std::string("18446744073709551616"), std::string("[]"),
        std::string("{}"), std::string(R"({"response":7,"response":8,"count":"x","":null})"),
        std::string(R"([[{"response":[{"name":7}]}],"x",null,1])"), deep}) {
    std::string body = R"({"x":)";
    body.append(value).append(R"(,"count2":)").append(value).append(",").append(golden, 1);
    EXPECT_TRUE(MessageDifferencer::Equals(Decoded<TypeParam>(body), Decoded<TypeParam>(golden)))
        << value;
  }
  TypeParam response;
  EXPECT_FALSE(Decode(R"({"x":[)" + deep + "]," + golden.substr(1), response).ok());
}

TYPED_TEST(FromJsonTo, R16TakesNullForAbsent) {
  std::string body = Golden<TypeParam>();
  const auto at = body.find(R"("count")");
  const std::string absent = body.substr(0, at - 1) + "}";
  const std::string null = body.substr(0, at) +
                           R"("count":null,"total":null,"links":null,"status":null,)"
                           R"("statusCode":null})";
  const auto response = Decoded<TypeParam>(null);
  EXPECT_TRUE(MessageDifferencer::Equals(response, Decoded<TypeParam>(absent)));
  EXPECT_FALSE(response.has_count());
  EXPECT_FALSE(response.has_status_code());
}

TYPED_TEST(FromJsonTo, R16RefusesMembersOfTheWrongType) {
  const std::string start = R"({"count2":0,)";
  const std::string golden = Golden<TypeParam>();
  const std::string rest = golden.substr(1, golden.find(R"("count")") - 2);
  for (const std::string_view name : {"count", "total", "status", "statusCode"}) {
    for (const std::string_view value :
         {"\"1\"", "true", "1.0", "1e2", "2147483648", "-2147483649", "4294967296",
          "9223372036854775808", "18446744073709551616", "[]", "[1]", "{}"}) {
      TypeParam response;
      const std::string body =
          start + rest + ",\"" + std::string(name) + "\":" + std::string(value) + "}";
      const absl::Status status = Decode(body, response);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << body;
      EXPECT_EQ(status.message(), "`" + std::string(name) + "` has the wrong type");
    }
    for (const std::string_view value : {"2147483647", "-2147483648", "-1", "0"}) {
      Decoded<TypeParam>(start + rest + ",\"" + std::string(name) + "\":" + std::string(value) +
                         "}");
    }
  }
  for (const std::string_view links :
       {"{}", "1", "\"\"", "[null]", "[1]", "[[]]", R"([{"href":1}])", R"([{"action":[]}])",
        R"([{"href":"a","href":"b"}])"}) {
    TypeParam response;
    EXPECT_FALSE(Decode(start + rest + R"(,"links":)" + std::string(links) + "}", response).ok())
        << links;
  }
}

TEST(FromJson, DropsALinkThatIsNoWebAddress) {
  const auto href = [](const std::string& text) {
    const auto response = Decoded<GetApiKeysResponse>(R"({"response":[],"links":[{"href":")" +
                                                      text + R"(","action":"GET"}]})");
    EXPECT_EQ(response.links(0).action(), "GET");
    return response.links(0).has_href() ? response.links(0).href() : "dropped";
  };
  for (const std::string url :
       {"https://portal/api/2.0/keys?fields=id,name", "http://127.0.0.1:8080/api/2.0/keys",
        "HTTPS://portal/", "https://портал.example/ключ"}) {
    EXPECT_EQ(href(url), url);
  }
  for (const std::string url :
       {"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd",
        "ftp://portal/", "/api/2.0/keys", "//portal/api/2.0/keys", "portal", "", "https:portal",
        " https://portal/", "https://portal/ a", "https://portal/\\u0007", "https://portal/\\n",
        "https://portal/\u202egnp.exe", "https://por\u200btal/", "\u200bhttps://portal/"}) {
    EXPECT_EQ(href(url), "dropped") << url;
  }
}

TEST(FromJson, DropsAnAddressOfAPersonThatIsNeitherAPathNorAWebAddress) {
  const auto person = [](const std::string& text) {
    std::string members;
    for (const char* member :
         {"avatar", "avatarOriginal", "avatarMax", "avatarMedium", "avatarSmall", "profileUrl"}) {
      members += std::string(members.empty() ? "" : ",") + "\"" + member + "\":\"" + text + "\"";
    }
    const auto response =
        Decoded<GetApiKeyResponse>(R"({"response":{"createBy":{)" + members + "}}}");
    return response.api_key().create_by();
  };
  for (const std::string url : {"/a.png?hash=1", "https://portal/a.png?t=10:30", "//portal/a.png",
                                "a.png", "?a=b:c", "#a:b", "a/b:c", ""}) {
    EXPECT_EQ(person(url).avatar(), url);
    EXPECT_EQ(person(url).profile_url(), url);
  }
  for (const std::string url :
       {"javascript:alert(1)", "data:image/png;base64,AA==", "x:y", "/a b.png", "/\u202egnp.exe"}) {
    EXPECT_EQ(person(url).ByteSizeLong(), 0U) << url;
  }
}

TEST(FromJson, LeavesNamesAsTheyAre) {
  const std::string name = "\u202eName\u200b javascript:alert(1) <b>&#39;";
  const auto response = Decoded<GetApiKeyResponse>(
      R"({"response":{"name":")" + name + R"(","createBy":{"displayName":")" + name + R"("}}})");
  EXPECT_EQ(response.api_key().name(), name);
  EXPECT_EQ(response.api_key().create_by().display_name(), name);
}

std::string WithKey(std::string_view members) {
  return R"({"response":{)" + std::string(members) + "}}";
}

TEST(FromJson, R16RefusesMembersOfAKeyOfTheWrongType) {
  for (const std::string_view member : {R"("id":1)",
                                        R"("id":["a"])",
                                        R"("name":{})",
                                        R"("name":true)",
                                        R"("name":"\udc00")",
                                        R"("name":"a\ud83d")",
                                        R"("key":1)",
                                        R"("keyPostfix":1)",
                                        R"("permissions":"*")",
                                        R"("permissions":{})",
                                        R"("permissions":[1])",
                                        R"("permissions":[null])",
                                        R"("permissions":[["*"]])",
                                        R"("permissions":["\udfff"])",
                                        R"("isActive":"true")",
                                        R"("isActive":1)",
                                        R"("isActive":[true])",
                                        R"("createBy":"Ann")",
                                        R"("createBy":[{}])",
                                        R"("createBy":{"id":1})",
                                        R"("createBy":{"hasAvatar":"yes"})",
                                        R"("createBy":{"hasAvatar":true,"hasAvatar":true})",
                                        R"("name":"a","name":"a")",
                                        R"("name":null,"name":"a")",
                                        R"("createBy":{},"createBy":{})",
                                        R"("permissions":[],"permissions":[])"}) {
    GetApiKeyResponse response;
    EXPECT_EQ(Decode(WithKey(member), response).code(), absl::StatusCode::kDataLoss) << member;
  }
}

TEST(FromJson, NamesTheMemberAndNeverItsValue) {
  for (const std::string_view member :
       {R"("createOn":"PLANTED")", R"("name":["PLANTED"])", R"("key":"PLANTED","key":"PLANTED")",
        R"("name":"PLANTED)", R"("name":"PLANTED\udc00")", R"("isActive":"PLANTED")"}) {
    CreateApiKeyResponse response;
    const absl::Status status = Decode(WithKey(member), response);
    EXPECT_FALSE(status.ok()) << member;
    EXPECT_EQ(status.message().find("PLANTED"), absl::string_view::npos) << status;
  }
  CreateApiKeyResponse response;
  EXPECT_EQ(Decode(WithKey(R"("createOn":7)"), response).message(),
            "`createOn` has the wrong type");
  EXPECT_EQ(Decode(R"({"count":1})", response).message(), "`response` is missing");
}

TEST(FromJson, LeavesAbsentMembersUnset) {
  const auto key = Decoded<GetApiKeyResponse>(
                       WithKey(R"("id":null,"permissions":null,"lastUsed":null,"createBy":null)"))
                       .api_key();
  EXPECT_TRUE(MessageDifferencer::Equals(key, ApiKey()));
  EXPECT_FALSE(key.has_id());
  EXPECT_FALSE(key.has_is_active());
  EXPECT_FALSE(key.has_last_used());
  EXPECT_FALSE(key.has_create_by());

  const auto given = Decoded<GetApiKeyResponse>(
                         WithKey(R"("id":"","permissions":[],"isActive":false,"createBy":{})"))
                         .api_key();
  EXPECT_TRUE(given.has_id());
  EXPECT_TRUE(given.has_is_active());
  EXPECT_TRUE(given.has_create_by());
  EXPECT_TRUE(Decoded<GetApiKeyResponse>(R"({"response":{}})").has_api_key());
}

TEST(FromJson, KeepsFalseAndEmptyAnswers) {
  EXPECT_FALSE(Decoded<DeleteApiKeyResponse>(R"({"response":false})").deleted());
  EXPECT_FALSE(Decoded<UpdateApiKeyResponse>(R"({"response":false})").updated());
  EXPECT_EQ(Decoded<GetApiKeysResponse>(R"({"response":[]})").api_keys_size(), 0);
  EXPECT_EQ(Decoded<GetAllPermissionsResponse>(R"({"response":[]})").permissions_size(), 0);
}

TEST(FromJson, ReadsCountAsThePortalSaysIt) {
  const auto response = Decoded<GetApiKeysResponse>(R"({"count":7,"response":[{}]})");
  EXPECT_EQ(response.count(), 7);
  EXPECT_EQ(response.api_keys_size(), 1);
}

TEST(FromJson, NeverTouchesAName) {
  const auto name = [](std::string_view json) {
    return Decoded<GetApiKeyResponse>(WithKey(R"("name":)" + std::string(json))).api_key().name();
  };
  EXPECT_EQ(name(R"("<script>&lt;\"\\\/\b\f\n\r\t")"), "<script>&lt;\"\\/\b\f\n\r\t");
  EXPECT_EQ(name(R"("\u041a\u043b😀\ud83d\ude00")"), "Кл😀😀");
  EXPECT_EQ(name(R"("a\u0000b")"), std::string("a\0b", 3));
  EXPECT_EQ(name(R"("\uFFFE\uFFFF")"), "\xEF\xBF\xBE\xEF\xBF\xBF");
}

TEST(FromJson, R15ReadsDateTimesInBothForms) {
  const std::string_view same[] = {
      R"("2026-06-15T13:30:00.1234567+03:00")",
      R"("2026-06-15T10:30:00.1234567Z")",
      R"({"utcTime":"2026-06-15T10:30:00.1234567Z","timeZoneOffset":"03:00:00"})",
      R"({"timeZoneOffset":"-14:00:00","utcTime":"2026-06-15T10:30:00.1234567Z"})",
      R"({"utcTime":"2026-06-15T10:30:00.1234567Z"})",
      R"({"utcTime":"2026-06-15T10:30:00.1234567Z","timeZoneOffset":null,"zone":{"id":["x"]}})",
  };
  for (const std::string_view value : same) {
    for (const std::string_view name : {"lastUsed", "createOn", "expiresAt"}) {
      const auto key =
          Decoded<GetApiKeyResponse>(WithKey("\"" + std::string(name) + "\":" + std::string(value)))
              .api_key();
      const auto& time = name == "lastUsed"   ? key.last_used()
                         : name == "createOn" ? key.create_on()
                                              : key.expires_at();
      EXPECT_EQ(time.seconds(), 1781519400) << value;
      EXPECT_EQ(time.nanos(), 123'456'700) << value;
      EXPECT_EQ(key.has_last_used() + key.has_create_on() + key.has_expires_at(), 1);
    }
  }
}

TEST(FromJson, R15TakesTheMinimumDateTimeForAbsent) {
  for (const std::string_view value :
       {R"("0001-01-01T00:00:00.0000000Z")", R"("0001-01-01T00:00:00+03:00")", "null",
        R"({"utcTime":"0001-01-01T00:00:00Z","timeZoneOffset":"00:00:00"})"}) {
    const auto key =
        Decoded<GetApiKeyResponse>(WithKey(R"("expiresAt":)" + std::string(value))).api_key();
    EXPECT_FALSE(key.has_expires_at()) << value;
  }
}

TEST(FromJson, R15RefusesImpossibleDateTimes) {
  for (const std::string_view value :
       {R"("")",
        R"("rubbish")",
        R"("2026-06-15T10:30:00")",
        R"("2016-12-31T23:59:60Z")",
        "1750000000",
        "1750000000.5",
        "true",
        "[]",
        R"(["2026-06-15T10:30:00Z"])",
        "{}",
        R"({"timeZoneOffset":"03:00:00"})",
        R"({"utcTime":null,"timeZoneOffset":"03:00:00"})",
        R"({"utcTime":7})",
        R"({"utcTime":true})",
        R"({"utcTime":[]})",
        R"({"utcTime":{}})",
        R"({"utcTime":{"utcTime":"2026-06-15T10:30:00Z"}})",
        R"({"utcTime":"2026-06-15T13:30:00+03:00","timeZoneOffset":"03:00:00"})",
        R"({"utcTime":"2026-06-15T10:30:00Z","utcTime":"2026-06-15T10:30:00Z"})",
        R"({"utcTime":"2026-06-15T10:30:00Z","timeZoneOffset":"3 h"})",
        R"({"utcTime":"2026-06-15T10:30:00Z","timeZoneOffset":3})"}) {
    GetApiKeyResponse response;
    EXPECT_EQ(Decode(WithKey(R"("createOn":)" + std::string(value)), response).code(),
              absl::StatusCode::kDataLoss)
        << value;
  }
}

TEST(FromJson, ReadsTenThousandKeys) {
  std::string body = R"({"response":[)";
  for (int i = 0; i < 10'000; ++i) {
    body.append(i == 0 ? "" : ",").append(R"({"name":")" + std::to_string(i) + R"(",)");
    body.append(std::string_view(kKey).substr(std::string_view(kKey).find(R"("key")")));
  }
  body.append(R"(],"count":10000})");
  const auto response = Decoded<GetApiKeysResponse>(body);
  ASSERT_EQ(response.api_keys_size(), 10'000);
  for (const int i : {0, 1, 4'999, 9'999}) {
    EXPECT_EQ(response.api_keys(i).name(), std::to_string(i));
    EXPECT_EQ(response.api_keys(i).permissions_size(), 2);
    EXPECT_EQ(response.api_keys(i).create_by().display_name(), "Ann &amp; Bob");
    EXPECT_TRUE(response.api_keys(i).create_by().avatar_is_own());
  }
}

TEST(FromJson, R10ReadsAMillionElements) {
  std::string body = R"({"x":[0)";
  for (int i = 0; i < 1'000'000; ++i) body += ",0";
  body += R"(],"response":[""])";
  std::string known = body;
  known.replace(0, 5, R"({"response":[)");
  EXPECT_EQ(Decoded<GetAllPermissionsResponse>(body + "}").permissions_size(), 1);
  GetAllPermissionsResponse response;
  EXPECT_FALSE(Decode(known, response).ok());
}

// Protobuf writes the fields in the order of their numbers, which is that of the members here.
TYPED_TEST(FromJsonTo, WritesTheBytesThatProtobufWrites) {
  std::string body = Golden<TypeParam>();
  const std::string expected = Decoded<TypeParam>(body).SerializeAsString();
  EncodedResponse<TypeParam> encoded;
  ASSERT_TRUE(FromJson(body, encoded).ok());
  EXPECT_EQ(encoded.bytes(), expected);
}

TEST(FromJson, WritesMessagesOfEveryLength) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size < 300; ++size) sizes.push_back(size);
  for (const std::size_t limit : {std::size_t{1} << 14, std::size_t{1} << 21}) {
    for (std::size_t size = limit - 40; size < limit + 3; ++size) sizes.push_back(size);
  }
  for (const std::size_t size : sizes) {
    const std::string name(size, 'n');
    const auto response = Decoded<GetApiKeysResponse>(R"({"response":[{"name":"first"},{"name":")" +
                                                      name + R"(","createBy":{"displayName":")" +
                                                      name + R"("},"isActive":true}],"count":2})");
    ASSERT_EQ(response.api_keys_size(), 2) << size;
    const ApiKey& key = response.api_keys(1);
    EXPECT_EQ(response.api_keys(0).name(), "first") << size;
    EXPECT_EQ(key.name(), name) << size;
    EXPECT_EQ(key.create_by().display_name(), name) << size;
    EXPECT_TRUE(key.is_active()) << size;
    EXPECT_EQ(response.count(), 2) << size;
  }
}

// The bodies with the longest messages for their size.
TEST(MaxEncodedSize, IsNeverLessThanAMessage) {
  const auto repeated = [](std::string_view element, int times) {
    std::string list(element);
    for (int i = 1; i < times; ++i) list.append(",").append(element);
    return "{\"response\":[" + list + "]}";
  };
  const std::string long_text = "\"" + std::string(std::size_t{1} << 14, 'x') + "\"";
  EXPECT_EQ(Decoded<GetApiKeysResponse>(repeated("{}", 100'000)).api_keys_size(), 100'000);
  EXPECT_EQ(Decoded<GetAllPermissionsResponse>(repeated("\"\"", 100'000)).permissions_size(),
            100'000);
  EXPECT_EQ(Decoded<GetAllPermissionsResponse>(repeated(long_text, 300)).permissions_size(), 300);
  EXPECT_EQ(
      Decoded<GetApiKeysResponse>(repeated(R"({"name":)" + long_text + "}", 300)).api_keys_size(),
      300);
  EXPECT_EQ(Decoded<GetAllPermissionsResponse>(
                R"({"response":[],"count":-1,"total":-1,"status":-1,"statusCode":-1})")
                .status_code(),
            -1);
  EXPECT_TRUE(Decoded<GetApiKeyResponse>(
                  R"({"response":{"createOn":"0001-01-01T00:00:00.1Z"},"count":-1,"total":-1})")
                  .api_key()
                  .has_create_on());
}

TEST(EncodedResponse, IsNoLongerThanTwiceItsBytes) {
  std::string body = R"({"response":true)" + std::string(10'000, ' ') + "}";
  EncodedResponse<DeleteApiKeyResponse> encoded;
  ASSERT_TRUE(FromJson(body, encoded).ok());
  EXPECT_EQ(encoded.bytes(), "\x08\x01");
  const std::size_t size = encoded.size();
  char* const bytes = encoded.Release();
  EXPECT_LT(malloc_usable_size(bytes), 100U);
  EncodedResponse<DeleteApiKeyResponse>::Free(bytes, size);
}

TEST(ToJson, WritesACreateRequest) {
  CreateApiKeyRequest request;
  EXPECT_EQ(ToJson(request), R"({"name":""})");
  request.set_name("n");
  EXPECT_EQ(ToJson(request), R"({"name":"n"})");
  request.set_expires_in_days(0);
  EXPECT_EQ(ToJson(request), R"({"name":"n","expiresInDays":0})");
  request.add_permissions("files:read");
  request.add_permissions("*");
  request.set_expires_in_days(-1);
  EXPECT_EQ(ToJson(request), R"({"name":"n","permissions":["files:read","*"],"expiresInDays":-1})");
}

TEST(ToJson, WritesOnlyWhatAnUpdateChanges) {
  UpdateApiKeyRequest request;
  request.set_key_id("3fa85f64-5717-4562-b3fc-2c963f66afa6");
  EXPECT_EQ(ToJson(request), "{}");
  request.set_is_active(false);
  EXPECT_EQ(ToJson(request), R"({"isActive":false})");
  request.set_name("");
  request.add_permissions("*");
  EXPECT_EQ(ToJson(request), R"({"name":"","permissions":["*"],"isActive":false})");
}

TEST(ToJson, NeverTouchesAName) {
  for (const std::string& name :
       {std::string("Ключ 🔑 <b>&amp;</b>"), std::string("\"\\/\b\f\n\r\t\x1f\x7f"),
        std::string("a\0b", 3), std::string("\xE2\x80\xA8\xEF\xBB\xBF")}) {
    CreateApiKeyRequest request;
    request.set_name(name);
    EXPECT_EQ(ParsedByProtobuf<CreateApiKeyRequest>(ToJson(request)).name(), name);
  }
  CreateApiKeyRequest request;
  request.set_name("Ключ <b>&amp;</b>/🔑");
  EXPECT_EQ(ToJson(request), R"({"name":"Ключ <b>&amp;</b>/🔑"})");
}

}  // namespace
}  // namespace docspace::gateway
