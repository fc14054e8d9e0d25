#include "server/docspace/date_time.h"

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <string>

namespace docspace::gateway {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

// Returns the date-time as RFC 3339 in UTC, "absent" or "malformed".
std::string Read(std::string_view text) {
  Instant instant;
  switch (ParseDateTime(text, instant)) {
    case DateTime::kInstant: {
      Timestamp timestamp;
      timestamp.set_seconds(instant.seconds);
      timestamp.set_nanos(instant.nanos);
      return TimeUtil::ToString(timestamp);
    }
    case DateTime::kAbsent:
      return "absent";
    case DateTime::kMalformed:
      return "malformed";
  }
  return "";
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST(ParseDateTime, R15ReadsInstantsExactly) {
  constexpr Case kCases[] = {
      {"2026-06-15T13:30:00.1234567+03:00", "2026-06-15T10:30:00.123456700Z"},
      {"2026-06-15T10:30:00.1234567Z", "2026-06-15T10:30:00.123456700Z"},
      {"2026-06-15T10:30:00.0000001Z", "2026-06-15T10:30:00.000000100Z"},
      {"2026-06-15T10:30:00.9999999Z", "2026-06-15T10:30:00.999999900Z"},
      {"2026-06-15T10:30:00Z", "2026-06-15T10:30:00Z"},
      {"2026-06-15T10:30:00.1Z", "2026-06-15T10:30:00.100Z"},
      {"2026-06-15T10:30:00.12Z", "2026-06-15T10:30:00.120Z"},
      {"2026-06-15T10:30:00.123Z", "2026-06-15T10:30:00.123Z"},
      {"2026-06-15T10:30:00.1234Z", "2026-06-15T10:30:00.123400Z"},
      {"2026-06-15T10:30:00.12345Z", "2026-06-15T10:30:00.123450Z"},
      {"2026-06-15T10:30:00.123456Z", "2026-06-15T10:30:00.123456Z"},
      {"2026-06-15T10:30:00.12345678Z", "2026-06-15T10:30:00.123456780Z"},
      {"2026-06-15T10:30:00.123456789Z", "2026-06-15T10:30:00.123456789Z"},
      {"2026-06-15T10:30:00+14:00", "2026-06-14T20:30:00Z"},
      {"2026-06-15T10:30:00-14:00", "2026-06-16T00:30:00Z"},
      {"2026-06-15T10:30:00+05:45", "2026-06-15T04:45:00Z"},
      {"2026-06-15T10:30:00-00:00", "2026-06-15T10:30:00Z"},
      {"2026-12-31T23:59:59-00:01", "2027-01-01T00:00:59Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
      {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
      {"1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999900Z"},
      {"0001-01-01T00:00:00.0000001Z", "0001-01-01T00:00:00.000000100Z"},
      {"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999900Z"},
  };
  for (const auto& [text, expected] : kCases) EXPECT_EQ(Read(text), expected) << text;
}

TEST(ParseDateTime, R15ReadsTheMinimumAsAbsent) {
  for (const std::string_view text :
       {"0001-01-01T00:00:00.0000000Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+03:00",
        "0001-01-01T00:00:00-14:00", "0001-01-01T03:00:00+03:00"}) {
    EXPECT_EQ(Read(text), "absent") << text;
  }
}

TEST(ParseDateTime, R15RefusesRubbish) {
  for (const std::string_view text : {"",
                                      "x",
                                      "2026",
                                      "2026-06-15",
                                      "2026-06-15T10:30",
                                      "2026-06-15T10:30:00",
                                      "2026-06-15T10:30:00.Z",
                                      "2026-06-15T10:30:00,1Z",
                                      "2026-06-15T10:30:00.1234567890Z",
                                      "2026-06-15T10:30:00.12a4Z",
                                      "2026-06-15t10:30:00Z",
                                      "2026-06-15 10:30:00Z",
                                      "2026-06-15T10:30:00z",
                                      "2026-06-15T10:30:00Z ",
                                      " 2026-06-15T10:30:00Z",
                                      "2026-06-15T10:30:00ZZ",
                                      "2026-06-15T10:30:00UTC",
                                      "2026-06-15T10:30:00+3:00",
                                      "2026-06-15T10:30:00+0300",
                                      "2026-06-15T10:30:00+03",
                                      "2026-06-15T10:30:00+14:01",
                                      "2026-06-15T10:30:00-15:00",
                                      "2026-06-15T10:30:00+03:60",
                                      "2026-06-15T10:30:00+-3:00",
                                      "2026-00-15T10:30:00Z",
                                      "2026-13-15T10:30:00Z",
                                      "2026-06-00T10:30:00Z",
                                      "2026-06-31T10:30:00Z",
                                      "2026-02-29T10:30:00Z",
                                      "1900-02-29T10:30:00Z",
                                      "2026-06-15T24:00:00Z",
                                      "2026-06-15T10:60:00Z",
                                      "0000-06-15T10:30:00Z",
                                      "0000-12-31T23:59:59.9-14:00",
                                      "0000-12-31T23:00:00-01:00",
                                      "0001-01-01T00:00:00.1+03:00",
                                      "9999-12-31T23:59:59-00:01",
                                      "12026-06-15T10:30:00Z",
                                      "-2026-06-15T10:30:00Z",
                                      "+026-06-15T10:30:00Z",
                                      "20 6-06-15T10:30:00Z",
                                      "1750000000",
                                      "/Date(1750000000)/"}) {
    EXPECT_EQ(Read(text), "malformed") << text;
  }
  EXPECT_EQ(Read(std::string_view("2026-06-15T10:30:00Z\0", 21)), "malformed");
}

TEST(ParseDateTime, R15RefusesALeapSecond) {
  EXPECT_EQ(Read("2016-12-31T23:59:60Z"), "malformed");
  EXPECT_EQ(Read("2016-12-31T23:59:59.9999999Z"), "2016-12-31T23:59:59.999999900Z");
}

TEST(ParseDateTime, LeavesTheInstantAloneUnlessThereIsOne) {
  Instant instant{.seconds = 7};
  ParseDateTime("0001-01-01T00:00:00Z", instant);
  ParseDateTime("2026-06-15T10:30:00", instant);
  EXPECT_EQ(instant.seconds, 7);
}

TEST(IsTimeZoneOffset, KnowsOffsets) {
  for (const std::string_view text : {"00:00:00", "03:00:00", "-03:30:00", "14:00:00"}) {
    EXPECT_TRUE(IsTimeZoneOffset(text)) << text;
  }
  for (const std::string_view text : {"", "3:00:00", "03:00", "03:00:01", "14:01:00", "-15:00:00",
                                      "+03:00:00", "03:60:00", "03:00:00 ", "1.03:00:00", "Z"}) {
    EXPECT_FALSE(IsTimeZoneOffset(text)) << text;
  }
}

}  // namespace
}  // namespace docspace::gateway
