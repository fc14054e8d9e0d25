#include "bench/load/phase.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <stdexcept>

#include "bench/load/process.h"
#include "bench/load/schedule.h"

namespace docspace::bench {
namespace {

namespace asio = boost::asio;
using gateway::http::kAsTuple;
using gateway::http::Timer;

constexpr std::chrono::minutes kPatience(1);

Task<void> Work(Caller& caller, Schedule& schedule, Timer timer, const Answer& expected,
                PhaseResult& result) {
  while (const std::optional<Clock::time_point> start = schedule.Next()) {
    if (*start > Clock::now()) {
      timer.expires_at(*start);
      co_await timer.async_wait(kAsTuple);
    }
    const Answer answer = co_await caller.Call();
    result.latencies.push_back(Clock::now() - *start);
    if (answer != expected) ++result.failures;
  }
}

}  // namespace

PhaseResult RunPhase(asio::io_context& loop, std::span<const std::unique_ptr<Caller>> callers,
                     const Answer& expected, const PhaseOptions& options) {
  PhaseResult result;
  result.latencies.reserve(1'000'000);
  for (const pid_t process : options.processes) {
    result.used.push_back({.cpu_time = -CpuTimeOf(process)});
  }
  const Clock::time_point begin = Clock::now();
  Schedule schedule(options.calls_per_second, options.duration);

  // The timer is the last of them: the phase does not end before its time.
  std::size_t under_way = options.in_flight + 1;
  const auto end_one = [&] {
    if (--under_way == 0) loop.stop();
  };
  for (std::size_t i = 0; i < options.in_flight; ++i) {
    asio::co_spawn(loop,
                   Work(*callers[i % callers.size()], schedule, Timer(loop), expected, result),
                   [&](const std::exception_ptr& error) {
                     if (error) ++result.failures;
                     end_one();
                   });
  }
  Timer last_start(loop, schedule.end());
  last_start.async_wait([&](boost::system::error_code) {
    for (std::size_t i = 0; i < options.processes.size(); ++i) {
      result.used[i].resident_bytes = ResidentBytesOf(options.processes[i]);
    }
    end_one();
  });
  loop.restart();
  loop.run_until(schedule.end() + kPatience);
  if (under_way > 0) throw std::runtime_error("some calls are not answered");

  result.duration = Clock::now() - begin;
  for (std::size_t i = 0; i < options.processes.size(); ++i) {
    result.used[i].cpu_time += CpuTimeOf(options.processes[i]);
  }
  std::ranges::sort(result.latencies);
  return result;
}

}  // namespace docspace::bench
