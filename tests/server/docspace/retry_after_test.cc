#include "server/docspace/retry_after.h"

#include <gtest/gtest.h>

namespace docspace::gateway {
namespace {

TEST(ParseRetryAfter, ReadsWholeSecondsUpToAnHour) {
  EXPECT_EQ(ParseRetryAfter("0"), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("7"), absl::Seconds(7));
  EXPECT_EQ(ParseRetryAfter("0030"), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("3600"), absl::Hours(1));
  EXPECT_EQ(ParseRetryAfter("3601"), absl::Hours(1));
  EXPECT_EQ(ParseRetryAfter("99999999999999999999999999"), absl::Hours(1));
}

TEST(ParseRetryAfter, IgnoresAnythingElse) {
  for (const std::string_view value :
       {"", " ", "-1", "+1", "1.5", "1 ", "0x10", "soon", "Mon, 15 Jun 2026 10:30:00 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace docspace::gateway
