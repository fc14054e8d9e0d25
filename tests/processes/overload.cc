// bazel run -c opt //tests/processes:overload -- SECONDS
//
// Offers the gateway as many calls as its portal can serve, and five times as many, each for
// SECONDS, first with a constant limit on concurrent calls, then with --adaptive-limit. Prints
// goodput, refusals and memory. Fails if the goodput at five times the portal's capacity is below
// 90 % of that at the capacity.
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/processes/busy_portal.h"
#include "tests/processes/offered_load.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/seconds_argument.h"

namespace docspace::gateway::testkit {
namespace {

// 800 requests a second.
constexpr std::size_t kWorkers = 16;
constexpr std::chrono::milliseconds kServiceTime(20);
constexpr double kCapacity = 800;

constexpr std::chrono::milliseconds kCallDeadline(1000);
constexpr std::size_t kChannels = 4;
constexpr std::chrono::seconds kWarmUp(3);

// Measures the most memory that the gateway uses during the lifetime of this object.
class MemoryWatch {
 public:
  explicit MemoryWatch(const GatewayProcess& gateway)
      : thread_([this, &gateway](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            most_kib_ = std::max(most_kib_, gateway.resident_kib());
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {}

  std::size_t Stop() {
    thread_.request_stop();
    thread_.join();
    return most_kib_;
  }

 private:
  std::size_t most_kib_ = 0;
  std::jthread thread_;
};

void Print(std::string_view what, const LoadReport& report) {
  std::printf(
      "  %-4s offered %5.0f/s  goodput %4.0f/s  answers p50 %5.1f p99 %6.1f ms  refused %4.1f %%  "
      "refusals p50 %4.1f p99 %5.1f ms  failed %zu\n",
      std::string(what).c_str(), static_cast<double>(report.offered) / report.lasted.count(),
      report.Goodput(), report.answered.Quantile(0.5), report.answered.Quantile(0.99),
      100 * report.RefusedShare(), report.refused.Quantile(0.5), report.refused.Quantile(0.99),
      report.failed);
}

// Returns whether goodput stays at 90 % of its peak.
bool Measure(const std::vector<std::string>& flags, std::chrono::seconds duration) {
  BusyPortal portal(kWorkers, kServiceTime);
  const GatewayProcess gateway(portal.url(), flags);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (std::size_t i = 0; i < kChannels; ++i) channels.push_back(gateway.NewChannel());
  for (const std::string& flag : flags) std::printf("%s ", flag.c_str());
  std::printf("\n");

  Offer(channels, kCapacity, kWarmUp, kCallDeadline);
  const LoadReport full = Offer(channels, kCapacity, duration, kCallDeadline);
  Print("1x", full);
  const std::size_t before_kib = gateway.resident_kib();
  MemoryWatch memory(gateway);
  const LoadReport overload = Offer(channels, 5 * kCapacity, duration, kCallDeadline);
  const std::size_t most_kib = memory.Stop();
  Print("5x", overload);
  const LoadReport after = Offer(channels, kCapacity, kWarmUp, kCallDeadline);
  Print("1x", after);
  const double kept = overload.Goodput() / full.Goodput();
  std::printf("  goodput at 5x: %.0f %% of that at 1x\n", 100 * kept);
  std::printf("  resident: %zu KiB before, at most %zu during, %zu after\n", before_kib, most_kib,
              gateway.resident_kib());
  return kept >= 0.9;
}

}  // namespace
}  // namespace docspace::gateway::testkit

int main(int argc, char** argv) {
  using docspace::gateway::testkit::Measure;
  const auto duration = docspace::gateway::testkit::SecondsArgument(argc, argv);
  if (!duration) {
    std::cerr << "Usage: overload SECONDS\n";
    return 2;
  }
  try {
    const bool fixed = Measure({"--max-in-flight=64"}, *duration);
    const bool adaptive = Measure({"--adaptive-limit=on"}, *duration);
    return fixed && adaptive ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "overload: " << error.what() << '\n';
    return 1;
  }
}
