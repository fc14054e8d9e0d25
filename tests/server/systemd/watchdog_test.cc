#include "server/systemd/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "tests/testkit/wait_until.h"

namespace docspace::gateway::systemd {
namespace {

using testkit::WaitUntil;

constexpr std::chrono::microseconds kSoon{2};

TEST(Watchdog, TellsAgainAndAgainThatTheProcessIsAlive) {
  std::atomic<int> told = 0;
  const Watchdog watchdog(
      kSoon, [] { return true; }, [&told] { ++told; });
  EXPECT_TRUE(WaitUntil([&told] { return told >= 3; }));
}

TEST(Watchdog, TellsAtOnce) {
  std::atomic<int> told = 0;
  const Watchdog watchdog(
      std::chrono::hours(24), [] { return true; }, [&told] { ++told; });
  EXPECT_TRUE(WaitUntil([&told] { return told == 1; }));
}

TEST(Watchdog, S9_IsSilentWhileTheProcessIsNotAlive) {
  std::atomic<bool> alive = false;
  std::atomic<int> asked = 0;
  std::atomic<int> told = 0;
  const Watchdog watchdog(
      kSoon,
      [&] {
        ++asked;
        return alive.load();
      },
      [&told] { ++told; });
  EXPECT_TRUE(WaitUntil([&asked] { return asked >= 3; }));
  EXPECT_EQ(told, 0);
  alive = true;
  EXPECT_TRUE(WaitUntil([&told] { return told >= 1; }));
}

}  // namespace
}  // namespace docspace::gateway::systemd
