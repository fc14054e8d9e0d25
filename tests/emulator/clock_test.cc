#include "tests/emulator/clock.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using namespace std::chrono_literals;

// 2026-06-15T10:30:00.1234567Z
constexpr Time kTime = Time(sys_days(2026y / 6 / 15)) + 10h + 30min + Ticks(1234567);

TEST(WireDateTime, IsLocalTimeWithSevenDigitsAndOffset) {
  EXPECT_EQ(WireDateTime(kTime, hours(3)), "2026-06-15T13:30:00.1234567+03:00");
  EXPECT_EQ(WireDateTime(kTime, minutes(-570)), "2026-06-15T01:00:00.1234567-09:30");
  EXPECT_EQ(WireDateTime(kTime, hours(14)), "2026-06-16T00:30:00.1234567+14:00");
}

TEST(WireDateTime, SaysZWithoutOffset) {
  EXPECT_EQ(WireDateTime(kTime, minutes(0)), "2026-06-15T10:30:00.1234567Z");
}

TEST(WireDateTime, KeepsTicksBeforeTheEpoch) {
  EXPECT_EQ(WireDateTime(Time(Ticks(-1)), minutes(0)), "1969-12-31T23:59:59.9999999Z");
}

TEST(WireTimeSpan, IsSignedHoursMinutesSeconds) {
  EXPECT_EQ(WireTimeSpan(hours(3)), "03:00:00");
  EXPECT_EQ(WireTimeSpan(minutes(-330)), "-05:30:00");
  EXPECT_EQ(WireTimeSpan(minutes(0)), "00:00:00");
}

TEST(Clock, StandsWhereItIsSetAndMovesByAdvance) {
  Clock clock;
  clock.Set(kTime);
  EXPECT_EQ(clock.Now(), kTime);
  clock.Advance(Ticks(5));
  EXPECT_EQ(clock.Now(), kTime + Ticks(5));
}

TEST(Clock, RunsAheadOfTheSystemWhenAdvancedUnset) {
  Clock clock;
  clock.Advance(hours(24));
  EXPECT_GE(clock.Now(), std::chrono::system_clock::now() + hours(23));
}

}  // namespace
}  // namespace docspace::emulator
