#include "bench/load/phase.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "bench/load/process.h"

namespace docspace::bench {
namespace {

using gateway::http::kAsTuple;
using gateway::http::Timer;
using std::chrono::milliseconds;

const Answer kExpected{.status = 200, .body = "as it should be"};

// Completes its n-th call, counted from 0, with the result of `answer`.
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

  // Returns how many of eight calls each caller got.
  std::vector<int> Shares(std::size_t callers, std::size_t in_flight) {
    std::vector<int> shares(callers);
    std::vector<std::unique_ptr<Caller>> scripted;
    for (int& share : shares) {
      scripted.push_back(std::make_unique<ScriptedCaller>([this, &share](int) -> Task<Answer> {
        ++share;
        Timer timer(loop_, milliseconds(2));
        co_await timer.async_wait(kAsTuple);
        co_return kExpected;
      }));
    }
    RunPhase(loop_, scripted, kExpected,
             {.calls_per_second = 1000, .duration = milliseconds(8), .in_flight = in_flight});
    return shares;
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
  // The first call took 40 ms, the second was due 1 ms after the start of the first, and so on.
  EXPECT_GE(
      std::ranges::count_if(result.latencies,
                            [](Clock::duration latency) { return latency >= milliseconds(20); }),
      21);
}

TEST_F(PhaseTest, CallsUnderWayGoRoundTheCallersWhereTheseAreMore) {
  EXPECT_EQ(Shares(/*callers=*/4, /*in_flight=*/1), (std::vector<int>{2, 2, 2, 2}));
  EXPECT_EQ(Shares(/*callers=*/8, /*in_flight=*/1), std::vector<int>(8, 1));
}

TEST_F(PhaseTest, NoCallerHasTwoCallsUnderWayWhereThereAreAsManyAsCalls) {
  for (const std::size_t callers : {2, 4}) {
    int most = 0;
    std::vector<std::unique_ptr<Caller>> scripted;
    std::vector<int> under_way(callers);
    for (int& count : under_way) {
      scripted.push_back(
          std::make_unique<ScriptedCaller>([this, &count, &most](int call) -> Task<Answer> {
            most = std::max(most, ++count);
            Timer timer(loop_, milliseconds(call % 3));
            co_await timer.async_wait(kAsTuple);
            --count;
            co_return kExpected;
          }));
    }
    // On a busy machine a phase may have fewer calls than there are callers.
    for (std::size_t calls = 0; calls <= callers;) {
      calls += RunPhase(loop_, scripted, kExpected, {.duration = milliseconds(20), .in_flight = 2})
                   .latencies.size();
    }
    EXPECT_EQ(most, 1) << callers << " callers";
  }
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

// A phase of one call, which is made even if it starts late. Without a rate a phase on a busy
// machine could end before its first call.
const PhaseOptions kOneCallOfThisProcess{
    .calls_per_second = 1000, .duration = milliseconds(1), .in_flight = 1, .processes = {getpid()}};

TEST_F(PhaseTest, MeasuresWhatAProcessUsesMeanwhile) {
  const auto busy = [](int) -> Task<Answer> {
    // More than two of the kernel's clock ticks, in which CPU time is counted.
    const auto until = CpuTimeOf(getpid()) + milliseconds(20);
    while (CpuTimeOf(getpid()) < until) continue;
    co_return kExpected;
  };
  const PhaseResult result = Run(busy, kOneCallOfThisProcess);
  ASSERT_EQ(result.used.size(), 1U);
  EXPECT_GE(result.used.front().cpu_time, milliseconds(20));
  EXPECT_GT(result.used.front().resident_bytes, 1024U * 1024U);
}

TEST_F(PhaseTest, CountsTheContextSwitchesOfAProcessMeanwhile) {
  const auto waits = [](int) -> Task<Answer> {
    const auto until = ContextSwitchesOf(getpid()) + 10;
    while (ContextSwitchesOf(getpid()) < until) std::this_thread::sleep_for(milliseconds(1));
    co_return kExpected;
  };
  const PhaseResult result = Run(waits, kOneCallOfThisProcess);
  ASSERT_EQ(result.used.size(), 1U);
  EXPECT_GE(result.used.front().context_switches, 10);
}

TEST(ProcessTest, AProcessThatIsNoneIsAnError) {
  EXPECT_THROW(CpuTimeOf(-1), std::runtime_error);
  EXPECT_THROW(ContextSwitchesOf(-1), std::runtime_error);
  EXPECT_THROW(ResidentBytesOf(-1), std::runtime_error);
}

}  // namespace
}  // namespace docspace::bench
