// What a portal's JSON may be: rows R10, R15, R16 and R19 of the fault matrix.
#include <gmock/gmock.h>

#include <string_view>

#include "tests/faults/fault_test.h"

namespace docspace::gateway::testkit {
namespace {

using namespace std::string_literals;

class JsonTest : public FaultTest, public ::testing::WithParamInterface<FaultyResponse> {};

TEST_P(JsonTest, IsReadExactlyOrRefused) { ExpectResultOf(GetParam()); }

std::string NameOf(const ::testing::TestParamInfo<FaultyResponse>& test) { return test.param.name; }

// Where a body ends is not in doubt, so its connection is used again, whatever it says.
FaultyResponse Refused(const std::string& name, const std::string& body) {
  return {.name = name, .body = body, .expected = kMalformed, .fate = Fate::kReused};
}
FaultyResponse Read(const std::string& name, const std::string& body,
                    const std::string& means = "$JSON") {
  return {.name = name, .body = body, .expected = kAnswered, .fate = Fate::kReused, .means = means};
}

FaultyResponse For(std::vector<Rpc> rpcs, FaultyResponse response) {
  response.rpcs = std::move(rpcs);
  return response;
}

const std::vector<Rpc> kOfAKey = {Rpc::kGetApiKey, Rpc::kCreateApiKey};
const std::vector<Rpc> kOfAList = {Rpc::kGetAllPermissions, Rpc::kGetApiKeys};
const std::vector<Rpc> kOfABoolean = {Rpc::kDeleteApiKey, Rpc::kUpdateApiKey};

std::string Nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string NestedObjects(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text.append(R"({"a":)");
  return text.append("1").append(static_cast<std::size_t>(depth), '}');
}

std::string Elements(int count, std::string_view element) {
  std::string text(element);
  for (int i = 1; i < count; ++i) text.append(",").append(element);
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    R10_NotOneValue, JsonTest,
    ::testing::Values(Refused("Text", "It works!"), Refused("Space", " "), Refused("Cut", "$OPEN"),
                      Refused("CutInsideAString", R"({"response":"tru)"),
                      Refused("Garbage", "$JSON x"), Refused("Twice", "$JSON$JSON"),
                      Refused("Comma", "$JSON,"), Refused("Nul", "$JSON\0"s),
                      Refused("NulAndGarbage", "$JSON\0 x"s),
                      Refused("TwoByteOrderMarks", "\xEF\xBB\xBF\xEF\xBB\xBF$JSON"),
                      Refused("ByteOrderMarkBehind", "$JSON\xEF\xBB\xBF"),
                      Refused("OnlyByteOrderMark", "\xEF\xBB\xBF"),
                      Refused("Utf16", "\xFF\xFE{\0}\0"s), Refused("Comment", "/* $JSON */ $JSON"),
                      Refused("SingleQuotes", "{'response':true}"),
                      Refused("TrailingComma", "$OPEN,}"), Refused("List", "[$JSON]"),
                      Refused("Null", "null"), Refused("Number", "7"),
                      Refused("String", R"("response")"), Read("SpaceAround", " \r\n\t$JSON\n")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(R19, JsonTest,
                         ::testing::Values(Read("ByteOrderMark", "\xEF\xBB\xBF$JSON"),
                                           Read("ByteOrderMarkAndSpace", "\xEF\xBB\xBF\r\n $JSON")),
                         NameOf);

// Behind the members that are in order.
FaultyResponse RefusedUnknown(const std::string& name, const std::string& value) {
  return Refused(name, "$OPEN,\"x\":" + value + "}");
}
FaultyResponse ReadUnknown(const std::string& name, const std::string& value) {
  return Read(name, "$OPEN,\"x\":" + value + "}");
}

constexpr int kMillion = 1'000'000;

INSTANTIATE_TEST_SUITE_P(
    R10_DepthAndSize, JsonTest,
    ::testing::Values(
        RefusedUnknown("TenThousandLists", Nested(10'000)),
        For(kOfAList, RefusedUnknown("ManyObjects", NestedObjects(200'000))),
        Refused("TenThousandListsOnly", Nested(10'000)),
        Refused("TenThousandListsAsResponse", R"({"response":)" + Nested(10'000) + "}"),
        Refused("AMillionListsThatNeverEnd", std::string(kMillion, '[')),
        ReadUnknown("SomeLists", Nested(30)),
        For(kOfAList, ReadUnknown("AMillionElements", "[" + Elements(kMillion, "0") + "]")),
        For(kOfAList,
            Refused("AMillionMembersAndNoResponse", "{" + Elements(kMillion, R"("x":0)") + "}")),
        For(kOfAList, Refused("AMillionNumbersAsResponse",
                              R"({"response":[)" + Elements(kMillion, "0") + "]}")),
        For({Rpc::kGetAllPermissions},
            Read("AMillionPermissions", R"({"response":[)" + Elements(kMillion, R"("")") + "]}",
                 R"({"response":[)" + Elements(kMillion, R"("")") + "]}"))),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R10_Numbers, JsonTest,
    ::testing::Values(RefusedUnknown("TooLarge", "1e400"), RefusedUnknown("TooSmall", "-1e400"),
                      RefusedUnknown("OfAHugeExponent", "1e99999999999999999999"),
                      RefusedUnknown("LeadingZero", "01"), RefusedUnknown("LeadingPlus", "+1"),
                      RefusedUnknown("Hex", "0x1"), RefusedUnknown("NaN", "NaN"),
                      RefusedUnknown("Infinity", "-Infinity"), RefusedUnknown("NoFraction", "1."),
                      ReadUnknown("Large", "-1.5e300"), ReadUnknown("NextToNothing", "1e-400"),
                      ReadUnknown("Beyond64Bits", "18446744073709551616")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R10_Text, JsonTest,
    ::testing::Values(
        RefusedUnknown("NoUtf8", "\"\x80\""), RefusedUnknown("OverlongUtf8", "\"\xC0\xAF\""),
        RefusedUnknown("CutUtf8", "\"\xD0\""),
        RefusedUnknown("SurrogateInUtf8", "\"\xED\xA0\x80\""),
        RefusedUnknown("BeyondUnicode", "\"\xF4\x90\x80\x80\""),
        RefusedUnknown("LowSurrogate", R"("\udc00")"),
        RefusedUnknown("HighSurrogate", R"("\ud800")"),
        RefusedUnknown("TwoHighSurrogates", R"("\ud800\ud800")"),
        RefusedUnknown("SurrogateInAName", R"({"\udc00":1})"),
        RefusedUnknown("BadEscape", R"("\x41")"), RefusedUnknown("CutEscape", R"("\u12")"),
        RefusedUnknown("RawNul", "\"\0\""s), RefusedUnknown("RawLineFeed", "\"\n\""),
        RefusedUnknown("RawControlCharacter", "\"\x01\""), ReadUnknown("EscapedNul", R"("\u0000")"),
        ReadUnknown("SurrogatePair", R"("\ud83d\ude00")"),
        For(kOfAKey, Refused("LowSurrogateOfAKey", R"({"response":{"name":"\udc00"}})")),
        For(kOfAKey, Refused("NoUtf8OfAKey", "{\"response\":{\"name\":\"\x80\"}}")),
        For(kOfAKey, Read("EscapesOfAKey", R"({"response":{"name":"\u0000\ud83d\ude00\"\\\/\n"}})",
                          R"({"response":{"name":"\u0000\ud83d\ude00\"\\\/\n"}})"))),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R10_Members, JsonTest,
    ::testing::Values(Refused("ResponseTwice", "$OPEN,\"response\":$VALUE}"),
                      Refused("ResponseThenNull", "$OPEN,\"response\":null}"),
                      Refused("CountTwice", "$OPEN,\"count\":1}"),
                      Refused("LinksTwice", "$OPEN,\"links\":[]}"),
                      For(kOfAKey, Refused("IdTwice", R"({"response":{"id":"a","id":"b"}})")),
                      For({Rpc::kGetApiKeys},
                          Refused("IdTwiceInAList", R"({"response":[{"id":"a","id":"b"}]})")),
                      ReadUnknown("UnknownTwice", R"(1,"x":2)")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R10_Response, JsonTest,
    ::testing::Values(
        Refused("Missing", R"({"count":1,"status":0,"statusCode":200})"), Refused("Empty", "{}"),
        Refused("Null", R"({"response":null})"), Refused("InCapitals", R"({"RESPONSE":$VALUE})"),
        Refused("Nested", R"({"data":$JSON})"),
        Refused("AnErrorOfStatus200",
                R"({"error":{"message":"Access denied"},"status":1,"statusCode":403})"),
        Refused("Number", R"({"response":7})"), Refused("Text", R"({"response":"true"})"),
        Refused("ListOfNull", R"({"response":[null]})"),
        Refused("ListOfLists", R"({"response":[[]]})"),
        Refused("ListOfNumbers", R"({"response":[7]})"),
        For(kOfAKey, Refused("ListForAKey", R"({"response":[$VALUE]})")),
        For(kOfAKey, Refused("BooleanForAKey", R"({"response":true})")),
        For(kOfAKey, Read("NothingOfAKey", R"({"response":{}})", R"({"response":{}})")),
        For(kOfAList, Refused("ObjectForAList", R"({"response":{}})")),
        For(kOfAList, Refused("BooleanForAList", R"({"response":false})")),
        For(kOfAList, Read("EmptyList", R"({"response":[]})", R"({"response":[]})")),
        For(kOfABoolean, Refused("ObjectForABoolean", R"({"response":{}})")),
        For(kOfABoolean, Refused("ListForABoolean", R"({"response":[true]})")),
        For(kOfABoolean, Refused("NumberForABoolean", R"({"response":1})")),
        For(kOfABoolean, Read("False", R"({"response":false})", R"({"response":false})"))),
    NameOf);

// R15: each date-time of a key, written like that.

std::string KeyOf(const std::string& date_time) {
  return R"({"response":{"lastUsed":)" + date_time + R"(,"createOn":)" + date_time +
         R"(,"expiresAt":)" + date_time + "}}";
}

FaultyResponse Instant(const std::string& name, const std::string& value,
                       const std::string& instant) {
  return For(kOfAKey, Read(name, KeyOf(value), KeyOf('"' + instant + '"')));
}
FaultyResponse Absent(const std::string& name, const std::string& value) {
  return For(kOfAKey, Read(name, KeyOf(value), R"({"response":{}})"));
}
FaultyResponse NoInstant(const std::string& name, const std::string& value) {
  return For(kOfAKey, Refused(name, KeyOf(value)));
}

INSTANTIATE_TEST_SUITE_P(
    R15, JsonTest,
    ::testing::Values(
        Instant("SevenDigits", R"("2026-06-15T13:30:00.1234567+03:00")",
                "2026-06-15T10:30:00.123456700Z"),
        Instant("AHundredNanoseconds", R"("2026-06-15T10:30:00.0000001Z")",
                "2026-06-15T10:30:00.000000100Z"),
        Instant("TheLastOfASecond", R"("2026-06-15T10:30:00.9999999Z")",
                "2026-06-15T10:30:00.999999900Z"),
        Instant("NoFraction", R"("2026-06-15T10:30:00Z")", "2026-06-15T10:30:00Z"),
        Instant("OneDigit", R"("2026-06-15T10:30:00.1Z")", "2026-06-15T10:30:00.100Z"),
        Instant("TwoDigits", R"("2026-06-15T10:30:00.12Z")", "2026-06-15T10:30:00.120Z"),
        Instant("ThreeDigits", R"("2026-06-15T10:30:00.123Z")", "2026-06-15T10:30:00.123Z"),
        Instant("FourDigits", R"("2026-06-15T10:30:00.1234Z")", "2026-06-15T10:30:00.123400Z"),
        Instant("FiveDigits", R"("2026-06-15T10:30:00.12345Z")", "2026-06-15T10:30:00.123450Z"),
        Instant("SixDigits", R"("2026-06-15T10:30:00.123456Z")", "2026-06-15T10:30:00.123456Z"),
        Instant("EightDigits", R"("2026-06-15T10:30:00.12345678Z")",
                "2026-06-15T10:30:00.123456780Z"),
        Instant("NineDigits", R"("2026-06-15T10:30:00.123456789Z")",
                "2026-06-15T10:30:00.123456789Z"),
        NoInstant("TenDigits", R"("2026-06-15T10:30:00.1234567890Z")"),
        Instant("FarEast", R"("2026-06-15T10:30:00+14:00")", "2026-06-14T20:30:00Z"),
        Instant("FarWest", R"("2026-06-15T10:30:00-14:00")", "2026-06-16T00:30:00Z"),
        Instant("QuarterOfAnHour", R"("2026-06-15T10:30:00+05:45")", "2026-06-15T04:45:00Z"),
        NoInstant("TooFarEast", R"("2026-06-15T10:30:00+14:01")"),
        NoInstant("TooFarWest", R"("2026-06-15T10:30:00-15:00")"),
        Instant("Object",
                R"({"utcTime":"2026-06-15T10:30:00.1234567Z","timeZoneOffset":"03:00:00"})",
                "2026-06-15T10:30:00.123456700Z"),
        Instant("ObjectWithoutOffset", R"({"utcTime":"2026-06-15T10:30:00.1234567Z"})",
                "2026-06-15T10:30:00.123456700Z"),
        Instant("ObjectInAnotherOrder",
                R"({"timeZoneOffset":"-14:00:00","x":[],"utcTime":"2026-06-15T10:30:00Z"})",
                "2026-06-15T10:30:00Z"),
        Absent("Minimum", R"("0001-01-01T00:00:00.0000000Z")"),
        Absent("MinimumInLocalTime", R"("0001-01-01T00:00:00+03:00")"),
        Absent("MinimumAsObject",
               R"({"utcTime":"0001-01-01T00:00:00.0000000Z","timeZoneOffset":"00:00:00"})"),
        Absent("Null", "null"),
        Instant("Maximum", R"("9999-12-31T23:59:59.9999999Z")", "9999-12-31T23:59:59.999999900Z"),
        NoInstant("BeyondTheMaximum", R"("9999-12-31T23:59:59-00:01")"),
        Instant("BeforeTheEpoch", R"("1969-12-31T23:59:59.9999999Z")",
                "1969-12-31T23:59:59.999999900Z"),
        Instant("LeapDay", R"("2024-02-29T00:00:00Z")", "2024-02-29T00:00:00Z"),
        NoInstant("NoLeapDay", R"("2026-02-29T00:00:00Z")"),
        NoInstant("LeapSecond", R"("2016-12-31T23:59:60Z")"),
        NoInstant("NoZone", R"("2026-06-15T10:30:00")"), NoInstant("NoTime", R"("2026-06-15")"),
        NoInstant("Hour24", R"("2026-06-15T24:00:00Z")"), NoInstant("EmptyText", R"("")"),
        NoInstant("Words", R"("yesterday")"), NoInstant("Number", "1781519400"),
        NoInstant("Boolean", "true"), NoInstant("List", R"(["2026-06-15T10:30:00Z"])"),
        NoInstant("EmptyObject", "{}"),
        NoInstant("ObjectOfOffsetOnly", R"({"timeZoneOffset":"03:00:00"})"),
        NoInstant("ObjectOfLocalTime",
                  R"({"utcTime":"2026-06-15T13:30:00+03:00","timeZoneOffset":"03:00:00"})"),
        NoInstant("ObjectOfAnotherOffset",
                  R"({"utcTime":"2026-06-15T10:30:00Z","timeZoneOffset":"3 h"})")),
    NameOf);

// R16: members of the wrong type, null, or not known.

FaultyResponse WrongTail(const std::string& name, const std::string& members) {
  return Refused(name, R"({"response":$VALUE,)" + members + "}");
}
FaultyResponse WrongKey(const std::string& name, const std::string& members) {
  return For(kOfAKey, Refused(name, R"({"response":{)" + members + "}}"));
}

INSTANTIATE_TEST_SUITE_P(
    R16_WrongType, JsonTest,
    ::testing::Values(
        WrongTail("NumberAsText", R"("count":"1")"),
        WrongTail("NumberAsBoolean", R"("total":true)"),
        WrongTail("NumberAsFraction", R"("count":1.0)"),
        WrongTail("NumberAsList", R"("status":[1])"),
        WrongTail("NumberBeyond32Bits", R"("total":2147483648)"),
        WrongTail("NumberBelow32Bits", R"("total":-2147483649)"),
        WrongTail("NumberBeyond64Bits", R"("statusCode":18446744073709551616)"),
        WrongTail("ObjectAsList", R"("links":{})"), WrongTail("LinkAsText", R"("links":["a"])"),
        WrongTail("LinkAsNull", R"("links":[null])"),
        WrongTail("TextOfALinkAsNumber", R"("links":[{"href":1}])"),
        WrongKey("TextAsNumber", R"("name":7)"), WrongKey("TextAsBoolean", R"("id":false)"),
        WrongKey("TextAsObject", R"("key":{})"), WrongKey("BooleanAsText", R"("isActive":"true")"),
        WrongKey("BooleanAsNumber", R"("isActive":1)"),
        WrongKey("ListAsText", R"("permissions":"files:read")"),
        WrongKey("ListOfNumbers", R"("permissions":[1])"),
        WrongKey("ListOfNull", R"("permissions":[null])"),
        WrongKey("PersonAsText", R"("createBy":"Ann")"),
        WrongKey("PersonAsList", R"("createBy":[{}])"),
        WrongKey("BooleanOfAPersonAsText", R"("createBy":{"hasAvatar":"false"})"),
        For({Rpc::kGetApiKeys}, Refused("InAList", R"({"response":[{"name":7}]})"))),
    NameOf);

constexpr const char* kNullKey =
    R"({"response":{"id":null,"name":null,"key":null,"keyPostfix":null,"permissions":null,)"
    R"("lastUsed":null,"createOn":null,"createBy":null,"expiresAt":null,"isActive":null}})";

INSTANTIATE_TEST_SUITE_P(
    R16_Null, JsonTest,
    ::testing::Values(
        Read("InTheEnvelope",
             R"({"response":$VALUE,"count":null,"total":null,"links":null,"status":null,)"
             R"("statusCode":null})",
             R"({"response":$VALUE})"),
        For(kOfAKey, Read("InAKey", kNullKey, R"({"response":{}})")),
        For(kOfAKey, Read("InAPerson",
                          R"({"response":{"createBy":{"id":null,"hasAvatar":null,"avatar":null}}})",
                          R"({"response":{"createBy":{}}})"))),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R16_Unknown, JsonTest,
    ::testing::Values(
        Read("InTheEnvelope",
             R"({"new":{"response":7,"response":8},"response":$VALUE,"":null,"Count":"x"})",
             R"({"response":$VALUE})"),
        For(kOfAKey, Read("InAKey",
                          R"({"response":{"new":[{"name":7}],"name":"a","createBy":{"new":true}}})",
                          R"({"response":{"name":"a","createBy":{}}})")),
        ReadUnknown("OfAnyShape",
                    R"([null,true,-1.5e300,"\u0000",[],{},[[{"response":[{"name":7}]}]]])")),
    NameOf);

}  // namespace
}  // namespace docspace::gateway::testkit
