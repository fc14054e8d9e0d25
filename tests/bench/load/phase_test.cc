#include "bench/load/phase.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <stdexcept>
#include <utility>

#include "bench/load/process.h"

namespace docspace::bench {
namespace {

using gateway::http::kAsTuple;
using gateway::http::Timer;
using std::chrono::milliseconds;

const Answer kExpected{.status = 200, .body = "as it should be"};

// Answers its n-th call, counted from 0, by `answer`.
class ScriptedCaller final : public Caller {
 public:
  explicit ScriptedCaller(std::function<Task<Answer>(int call)> answer)
      : answer_(std::move(answer)) {}
  Task<Answer> Call() override { return answer_(calls_++); }

 private:
  std::function<Task<Answer>(int call)> answer_;
  int calls_ = 0;
};

class PhaseTest : public ::testing::Test {
 protected:
  PhaseResult Run(std::function<Task<Answer>(int call)> answer, const PhaseOptions& options) {
    std::vector<std::unique_ptr<Caller>> callers;
    callers.push_back(std::make_unique<ScriptedCaller>(std::move(answer)));
    return RunPhase(loop_, callers, kExpected, options);
  }

  boost::asio::io_context loop_{1};
};

TEST_F(PhaseTest, AtARateEachCallIsMadeAndAnswered) {
  const PhaseResult result =
      Run([](int) -> Task<Answer> { co_return kExpected; },
          {.calls_per_second = 1000, .duration = milliseconds(50), .in_flight = 4});
  EXPECT_EQ(result.latencies.size(), 50U);
  EXPECT_EQ(result.failures, 0U);
  EXPECT_GE(result.duration, milliseconds(50));
}

TEST_F(PhaseTest, ACallThatIsHeldUpByAnotherIsLateFromItsMeantStart) {
  const auto stalled_at_first = [this](int call) -> Task<Answer> {
    Timer timer(loop_, milliseconds(call == 0 ? 40 : 0));
    co_await timer.async_wait(kAsTuple);
    co_return kExpected;
  };
  const PhaseResult result = Run(
      stalled_at_first, {.calls_per_second = 1000, .duration = milliseconds(50), .in_flight = 1});
  ASSERT_EQ(result.latencies.size(), 50U);
  // The first took 40 ms, the second was to start 1 ms after it, and so on.
  EXPECT_GE(
      std::ranges::count_if(result.latencies,
                            [](Clock::duration latency) { return latency >= milliseconds(20); }),
      21);
}

TEST_F(PhaseTest, AnAnswerThatIsNotAsExpectedIsAFailure) {
  const PhaseResult result = Run(
      [](int call) -> Task<Answer> {
        co_return call == 3 ? Answer{.status = 200, .body = "another's"} : kExpected;
      },
      {.calls_per_second = 1000, .duration = milliseconds(10), .in_flight = 1});
  EXPECT_EQ(result.latencies.size(), 10U);
  EXPECT_EQ(result.failures, 1U);
}

TEST_F(PhaseTest, AConnectionThatIsLostIsAFailureAndEndsItsWorker) {
  const PhaseResult result = Run(
      [](int call) -> Task<Answer> {
        if (call == 3) throw std::runtime_error("the connection is lost");
        co_return kExpected;
      },
      {.calls_per_second = 1000, .duration = milliseconds(10), .in_flight = 1});
  EXPECT_EQ(result.latencies.size(), 3U);
  EXPECT_EQ(result.failures, 1U);
}

TEST_F(PhaseTest, MeasuresWhatAProcessUsesMeanwhile) {
  const auto busy = [](int) -> Task<Answer> {
    // More than two of the kernel's clock ticks, which is how CPU time is counted.
    const auto until = CpuTimeOf(getpid()) + milliseconds(20);
    while (CpuTimeOf(getpid()) < until) continue;
    co_return kExpected;
  };
  const PhaseResult result =
      Run(busy, {.duration = milliseconds(1), .in_flight = 1, .processes = {getpid()}});
  ASSERT_EQ(result.used.size(), 1U);
  EXPECT_GE(result.used.front().cpu_time, milliseconds(20));
  EXPECT_GT(result.used.front().resident_bytes, 1024U * 1024U);
}

TEST(ProcessTest, AProcessThatIsNoneIsAnError) {
  EXPECT_THROW(CpuTimeOf(-1), std::runtime_error);
  EXPECT_THROW(ResidentBytesOf(-1), std::runtime_error);
}

}  // namespace
}  // namespace docspace::bench
