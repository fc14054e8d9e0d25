#include "client/cli/doctor/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace docspace::apikeys::cli {
namespace {

TEST(StopSignals, HoldBackWhatWouldEndTheProcess) {
  StopSignals signals;
  EXPECT_EQ(signals.Arrived(), 0);
  raise(SIGTERM);
  EXPECT_EQ(signals.Arrived(), SIGTERM);
  // The first signal stays the reason, and later ones do not end the process.
  raise(SIGINT);
  raise(SIGHUP);
  EXPECT_EQ(signals.Arrived(), SIGTERM);
  EXPECT_EQ(signals.Arrived(), SIGTERM);
}

TEST(StopSignals, OutliveAReaderThatIsGone) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  const StopSignals signals;
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  close(ends[1]);
}

TEST(StopSignals, TakeEffectAgainAfterwards) {
  { const StopSignals signals; }
  EXPECT_EXIT(raise(SIGTERM), ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace docspace::apikeys::cli
