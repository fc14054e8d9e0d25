#include "tests/soak/soak.h"

#include <grpcpp/create_channel.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <thread>

#include "server/gateway.h"
#include "tests/soak/caller.h"
#include "tests/soak/faulty_proxy.h"
#include "tests/testkit/gateway_under_test.h"

namespace docspace::gateway::testkit {
namespace {

constexpr std::size_t kMaxConnections = 32;
// A connection has one end in the gateway, two in the proxy and one in the emulator.
constexpr std::size_t kDescriptorsPerConnection = 4;

// The allowed growth, in addition to the records that emulator, proxy and callers keep of each
// creation.
#ifdef DOCSPACE_SANITIZER
constexpr std::size_t kMemorySlackKib = std::size_t{1024} * 1024;
#else
constexpr std::size_t kMemorySlackKib = std::size_t{48} * 1024;
#endif
constexpr std::size_t kBooksKib = 1;

Holdings HoldingsNow() {
  Holdings holdings;
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  holdings.resident_kib = resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024;
  const std::filesystem::directory_iterator open("/proc/self/fd");
  holdings.descriptors = static_cast<std::size_t>(std::distance(begin(open), end(open)));
  return holdings;
}

Config SoakConfig(const std::string& portal_url) {
  Config config = TestConfig(portal_url);
  config.portal.pool.max_connections = kMaxConnections;
  // A short timeout, because every stall lasts until it.
  config.limits.request_timeout = std::chrono::milliseconds(500);
  return config;
}

std::unique_ptr<Gateway> StartGateway(const Config& config) {
  auto gateway = Gateway::Start(
      config,
      std::make_shared<spdlog::logger>("soak", std::make_shared<spdlog::sinks::null_sink_mt>()));
  if (!gateway.ok()) throw std::runtime_error(std::string(gateway.status().message()));
  return *std::move(gateway);
}

template <class Counts>
void AddAll(Counts& sum, const Counts& more) {
  for (const auto& [name, count] : more) sum[name] += count;
}

void Add(SoakReport& sum, const SoakReport& more) {
  sum.calls += more.calls;
  AddAll(sum.outcomes, more.outcomes);
  sum.duplicated_writes += more.duplicated_writes;
  sum.false_successes += more.false_successes;
  sum.unreported_writes += more.unreported_writes;
  sum.wrong_answers += more.wrong_answers;
  sum.creations += more.creations;
  sum.violations.insert(sum.violations.end(), more.violations.begin(), more.violations.end());
}

}  // namespace

bool SoakReport::Passed() const {
  const std::size_t books = creations * kBooksKib;
  return duplicated_writes == 0 && false_successes == 0 && unreported_writes == 0 &&
         wrong_answers == 0 && calls > 0 && faults_injected > 0 &&
         after.resident_kib <= before.resident_kib + kMemorySlackKib + books &&
         after.descriptors <= before.descriptors + kMaxConnections * kDescriptorsPerConnection;
}

SoakReport RunSoak(const SoakOptions& options) {
  const auto portal = emulator::Emulator::Start();
  FaultyProxy proxy(portal->port(), options.share_of_faults, options.seed);
  const auto gateway = StartGateway(SoakConfig(proxy.url()));
  const auto stub = apikeys::v1::ApiKeys::NewStub(
      grpc::CreateChannel(gateway->address(), grpc::InsecureChannelCredentials()));
  std::vector<std::unique_ptr<Caller>> callers;
  for (std::size_t i = 0; i < options.callers; ++i) {
    const auto seed = options.seed + static_cast<unsigned>(i);
    callers.push_back(std::make_unique<Caller>(i, *stub, *portal, seed));
  }

  SoakReport report;
  {
    std::vector<std::jthread> threads;
    for (const auto& caller : callers) {
      threads.emplace_back([&caller](const std::stop_token& stop) { caller->Run(stop); });
    }
    // By then all buffers, threads and connections exist.
    const auto warm_up =
        std::min<std::chrono::milliseconds>(options.duration / 5, std::chrono::seconds(20));
    std::this_thread::sleep_for(warm_up);
    report.before = HoldingsNow();
    std::this_thread::sleep_for(options.duration - warm_up);
    for (std::jthread& thread : threads) thread.request_stop();
  }
  report.after = HoldingsNow();
  for (const auto& caller : callers) {
    caller->Audit();
    Add(report, caller->report());
  }
  if (proxy.repeated_writes() > 0) report.violations.emplace_back("a write was sent twice");
  report.duplicated_writes += proxy.repeated_writes();
  report.faults_injected = proxy.faults();
  for (std::size_t i = 0; i < kProxyFaults; ++i) {
    const auto fault = static_cast<ProxyFault>(i);
    report.faults[std::string(ToString(fault))] = proxy.count(fault);
  }
  return report;
}

std::ostream& operator<<(std::ostream& out, const SoakReport& report) {
  const auto line = [&out](std::string_view name, std::uint64_t count) {
    out << std::left << std::setw(40) << name << std::right << std::setw(12) << count << '\n';
  };
  line("calls", report.calls);
  for (const auto& [name, count] : report.outcomes) line("  " + name, count);
  line("faults injected", report.faults_injected);
  for (const auto& [name, count] : report.faults) line("  " + name, count);
  line("creations asked for", report.creations);
  line("duplicated writes", report.duplicated_writes);
  line("answered OK and not done", report.false_successes);
  line("done and answered as not done", report.unreported_writes);
  line("wrong answers", report.wrong_answers);
  line("resident KiB, after warming up", report.before.resident_kib);
  line("resident KiB, at the end", report.after.resident_kib);
  line("descriptors, after warming up", report.before.descriptors);
  line("descriptors, at the end", report.after.descriptors);
  for (const std::string& violation : report.violations) out << "VIOLATION " << violation << '\n';
  return out << (report.Passed() ? "passed" : "FAILED") << '\n';
}

}  // namespace docspace::gateway::testkit
