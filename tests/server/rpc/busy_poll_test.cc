#include "server/rpc/busy_poll.h"

#include <gtest/gtest.h>

namespace docspace::gateway {
namespace {

// Returns the number of sleeps until the next poll.
int SleepsUntilPoll(BusyPoll& poll) {
  int sleeps = 0;
  while (!poll.Begin()) ++sleeps;
  return sleeps;
}

TEST(BusyPoll, PollsBeforeEachSleepWhileItFindsEvents) {
  BusyPoll poll;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(poll.Begin());
    poll.End(/*found=*/true);
  }
}

TEST(BusyPoll, PollsLessOftenTheLongerItFindsNothing) {
  BusyPoll poll;
  EXPECT_EQ(SleepsUntilPoll(poll), 0);
  for (const int sleeps : {1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1023, 1023}) {
    poll.End(/*found=*/false);
    EXPECT_EQ(SleepsUntilPoll(poll), sleeps);
  }
}

TEST(BusyPoll, AnIdleLoopPollsBeforeOneOfAThousandSleeps) {
  BusyPoll poll;
  int polls = 0;
  for (int sleep = 0; sleep < 100'000; ++sleep) {
    if (!poll.Begin()) continue;
    ++polls;
    poll.End(/*found=*/false);
  }
  EXPECT_LT(polls, 110);
}

TEST(BusyPoll, PollsAgainSoonOnceEventsAreNear) {
  BusyPoll poll;
  for (int i = 0; i < 20; ++i) {
    SleepsUntilPoll(poll);
    poll.End(/*found=*/false);
  }
  int sleeps = 0;
  for (int i = 0; i < 11; ++i) {
    sleeps += SleepsUntilPoll(poll);
    poll.End(/*found=*/true);
  }
  EXPECT_LT(sleeps, 2048);
  EXPECT_EQ(SleepsUntilPoll(poll), 0);
}

}  // namespace
}  // namespace docspace::gateway
