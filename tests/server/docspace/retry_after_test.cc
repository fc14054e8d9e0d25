#include "server/docspace/retry_after.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::gateway {
namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
const absl::Time kNow = absl::FromUnixSeconds(784'111'777);

TEST(ParseRetryAfter, R22_ReadsWholeSecondsUpToADay) {
  EXPECT_EQ(ParseRetryAfter("0", kNow), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("7", kNow), absl::Seconds(7));
  EXPECT_EQ(ParseRetryAfter("0030", kNow), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("86400", kNow), absl::Hours(24));
  EXPECT_EQ(ParseRetryAfter("86401", kNow), absl::Hours(24));
  EXPECT_EQ(ParseRetryAfter("99999999999999999999999999", kNow), absl::Hours(24));
}

TEST(ParseRetryAfter, R22_ReadsAnHttpDateInEachOfItsForms) {
  for (const std::string_view date :
       {"Sun, 06 Nov 1994 08:50:07 GMT", "Sunday, 06-Nov-94 08:50:07 GMT",
        "Sun Nov  6 08:50:07 1994"}) {
    EXPECT_EQ(ParseRetryAfter(date, kNow), absl::Seconds(30)) << date;
  }
}

TEST(ParseRetryAfter, R22_ClampsADate) {
  const auto wait = [](const char* date) { return ParseRetryAfter(date, kNow); };
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT"), absl::ZeroDuration());
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:36 GMT"), absl::ZeroDuration());
  EXPECT_EQ(wait("Mon, 01 Jan 0001 00:00:00 GMT"), absl::ZeroDuration());
  EXPECT_EQ(wait("Mon, 07 Nov 1994 08:49:37 GMT"), absl::Hours(24));
  EXPECT_EQ(wait("Mon, 07 Nov 1994 08:49:38 GMT"), absl::Hours(24));
  EXPECT_EQ(wait("Sat, 06 Nov 2094 08:49:37 GMT"), absl::Hours(24));
  EXPECT_EQ(wait("Fri, 31 Dec 9999 23:59:59 GMT"), absl::Hours(24));
}

TEST(ParseRetryAfter, R22_IgnoresAnythingElse) {
  for (const std::string_view value :
       {"", " ", "-1", "+1", "1.5", "1 ", "0x10", "soon", ":", "infinite-future", "infinite-past",
        "Sun, 06 Nov 1994 08:50:07", "Sun, 06 Nov 1994 08:50:07 +0100",
        "Sun, 32 Nov 1994 08:50:07 GMT", "Sun, 06 Nov 1994 25:50:07 GMT", "1994-11-06T08:50:07Z",
        "Sun, 06 Nov 1994 08:50:07 GMT; Sun, 06 Nov 1994 08:50:07 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(value, kNow), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace docspace::gateway
