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

using Callers = std::span<const std::unique_ptr<Caller>>;

// Makes calls through `callers[first]`, then the one `stride` further, and so on, in turns.
Task<void> Work(Callers callers, std::size_t first, std::size_t stride, Schedule& schedule,
                Timer timer, const Answer& expected, PhaseResult& result) {
  std::size_t next = first;
  while (const std::optional<Clock::time_point> start = schedule.Next()) {
    if (*start > Clock::now()) {
      timer.expires_at(*start);
      co_await timer.async_wait(kAsTuple);
    }
    const Answer answer = co_await callers[next]->Call();
    next = next + stride < callers.size() ? next + stride : first;
    result.latencies.push_back(Clock::now() - *start);
    if (answer != expected) ++result.failures;
  }
}

}  // namespace

PhaseResult RunPhase(asio::io_context& loop, Callers callers, const Answer& expected,
                     const PhaseOptions& options) {
  PhaseResult result;
  result.latencies.reserve(1'000'000);
  for (const pid_t process : options.processes) {
    result.used.push_back(
        {.cpu_time = -CpuTimeOf(process), .context_switches = -ContextSwitchesOf(process)});
  }
  const Clock::time_point begin = Clock::now();
  Schedule schedule(options.calls_per_second, options.duration);

  // The timer counts too, because the phase must not end before its time.
  std::size_t under_way = options.in_flight + 1;
  const auto end_one = [&] {
    if (--under_way == 0) loop.stop();
  };
  for (std::size_t i = 0; i < options.in_flight; ++i) {
    asio::co_spawn(loop,
                   Work(callers, i % callers.size(), options.in_flight, schedule, Timer(loop),
                        expected, result),
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
  if (under_way > 0) throw std::runtime_error("some calls got no response");

  result.duration = Clock::now() - begin;
  for (std::size_t i = 0; i < options.processes.size(); ++i) {
    result.used[i].cpu_time += CpuTimeOf(options.processes[i]);
    result.used[i].context_switches += ContextSwitchesOf(options.processes[i]);
  }
  std::ranges::sort(result.latencies);
  return result;
}

}  // namespace docspace::bench
