// The soak test: callers, the gateway, a proxy that injects faults, and an emulated portal that
// records every write.
//
// Each response is compared with its request, and each write with what the portal did. The gateway
// may fail a call, but it may not report a false success, apply a write twice, or deliver another
// caller's response.
#ifndef TESTS_SOAK_SOAK_H_
#define TESTS_SOAK_SOAK_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace docspace::gateway::testkit {

struct SoakOptions {
  std::chrono::seconds duration{5};
  // The number of concurrent callers; each is idle for 30 % of the time.
  std::size_t callers = 24;
  // The share of the exchanges with the portal that get a fault.
  double share_of_faults = 0.35;
  unsigned seed = 1;
};

// The memory and descriptors that the process holds.
struct Holdings {
  std::size_t resident_kib = 0;
  std::size_t descriptors = 0;
};

struct SoakReport {
  std::uint64_t calls = 0;
  // The number of calls by RPC and code, such as "CreateApiKey OK".
  std::map<std::string, std::uint64_t> outcomes;
  std::map<std::string, std::uint64_t> faults;
  std::uint64_t faults_injected = 0;

  // These counts must be 0.
  std::uint64_t duplicated_writes = 0;
  std::uint64_t false_successes = 0;
  // Writes that were applied although the error said that a retry is safe.
  std::uint64_t unreported_writes = 0;
  std::uint64_t wrong_answers = 0;
  // Descriptions of the first few violations.
  std::vector<std::string> violations;

  // The holdings after the first calls, and after the callers have ended.
  Holdings before;
  Holdings after;
  // The number of created keys. The emulator's memory grows with it, because it remembers every
  // name.
  std::uint64_t creations = 0;

  // Returns whether there were calls and faults but no violation, and the holdings grew by no more
  // than is expected.
  bool Passed() const;
};

// Runs the soak test. Throws std::exception if it cannot start.
SoakReport RunSoak(const SoakOptions& options);

std::ostream& operator<<(std::ostream& out, const SoakReport& report);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_SOAK_SOAK_H_
