// Each test drains a server that consists of steps only. A step that must wait waits for another
// step, so that a drain in the wrong order hangs instead of passing.
#include "server/drainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/testkit/loop.h"

namespace docspace::gateway {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class DrainerTest : public ::testing::Test {
 protected:
  // Steps that record their names. `shut_down` returns at once.
  Drainer::Steps Recorded() {
    return {.is_idle = [this] { return is_idle_.load(); },
            .refuse_calls = [this] { Record("refuse"); },
            .stop_calls = [this] { Record("stop"); },
            .close_connections = [this] { Record("close"); },
            .abort_connections = [this] { Record("abort"); },
            .shut_down = [this](http::Clock::time_point) { Record("shut down"); },
            .stop_loops =
                [this] {
                  loop_.Stop();
                  Record("stop loops");
                }};
  }

  void Record(const char* step) {
    const std::lock_guard lock(mutex_);
    steps_.emplace_back(step);
  }
  std::vector<std::string> steps() {
    const std::lock_guard lock(mutex_);
    return steps_;
  }

  // Makes `step` fulfil a promise, and `shut_down` wait for it as gRPC waits for calls.
  void ShutDownAfter(Drainer::Steps& steps, std::function<void()> Drainer::Steps::*step) {
    steps.*step = [this, recorded = steps.*step] {
      recorded();
      if (!std::exchange(is_fulfilled_, true)) step_happened_.set_value();
    };
    steps.shut_down = [this](http::Clock::time_point) {
      testkit::WaitFor(step_happened_.get_future());
      Record("shut down");
    };
  }

  std::atomic<bool> is_idle_ = true;
  std::mutex mutex_;
  std::vector<std::string> steps_;
  std::promise<void> step_happened_;
  // Set on the loop's thread only.
  bool is_fulfilled_ = false;
  testkit::Loop loop_;
};

TEST_F(DrainerTest, ClosesConnectionsOfAnIdleServerBeforeItShutsDown) {
  Drainer(loop_.context(), Recorded()).Run(hours(1));
  EXPECT_THAT(steps(), ElementsAre("refuse", "close", "shut down", "stop loops"));
}

TEST_F(DrainerTest, LetsGrpcShutDownWhileCallsGoOn) {
  is_idle_ = false;
  Drainer(loop_.context(), Recorded()).Run(hours(1));
  EXPECT_THAT(steps(), ElementsAre("refuse", "shut down", "stop loops"));
}

TEST_F(DrainerTest, TellsGrpcTheEndOfTheGrace) {
  Drainer::Steps steps = Recorded();
  http::Clock::time_point told;
  steps.shut_down = [&told](http::Clock::time_point end) { told = end; };
  const http::Clock::time_point before = http::Clock::now();
  Drainer(loop_.context(), std::move(steps)).Run(hours(1));
  EXPECT_GE(told, before + hours(1));
  EXPECT_LE(told, http::Clock::now() + hours(1));
}

TEST_F(DrainerTest, AnswersCallsBeforeTheEndOfTheGrace) {
  is_idle_ = false;
  Drainer::Steps steps = Recorded();
  ShutDownAfter(steps, &Drainer::Steps::stop_calls);
  Drainer(loop_.context(), std::move(steps)).Run(milliseconds(20));
  EXPECT_THAT(this->steps(), Not(Contains("close")));
  EXPECT_THAT(this->steps(), Contains("stop"));
}

TEST_F(DrainerTest, ClosesConnectionsOnceTheLastCallHasEnded) {
  is_idle_ = false;
  Drainer::Steps steps = Recorded();
  ShutDownAfter(steps, &Drainer::Steps::close_connections);
  // The last call ends after gRPC has begun to shut down.
  steps.shut_down = [this, wait = steps.shut_down](http::Clock::time_point end) {
    EXPECT_THAT(this->steps(), ElementsAre("refuse"));
    is_idle_ = true;
    wait(end);
  };
  Drainer(loop_.context(), std::move(steps)).Run(hours(1));
  EXPECT_THAT(this->steps(), Contains("close"));
}

TEST_F(DrainerTest, AbortsConnectionsOfCallersThatDoNotRead) {
  is_idle_ = false;
  Drainer::Steps steps = Recorded();
  ShutDownAfter(steps, &Drainer::Steps::abort_connections);
  Drainer(loop_.context(), std::move(steps)).Run(milliseconds(20));
  const std::vector<std::string> steps_taken = this->steps();
  EXPECT_THAT(steps_taken, Contains("refuse"));
  EXPECT_LT(std::ranges::find(steps_taken, "stop"), std::ranges::find(steps_taken, "abort"));
  EXPECT_LT(std::ranges::find(steps_taken, "abort"), std::ranges::find(steps_taken, "shut down"));
}

TEST_F(DrainerTest, EndsAtOnceWithoutAGrace) {
  is_idle_ = false;
  Drainer::Steps steps = Recorded();
  ShutDownAfter(steps, &Drainer::Steps::abort_connections);
  Drainer(loop_.context(), std::move(steps)).Run(milliseconds(0));
  EXPECT_THAT(this->steps(), Contains("stop"));
}

}  // namespace
}  // namespace docspace::gateway
