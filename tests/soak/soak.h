// Callers, the gateway, a proxy full of faults, and an emulated portal that keeps the books.
//
// Each answer is held against its request, and each write against what the portal did: the gateway
// may fail a call, but never in silence, never twice, and never with somebody else's answer.
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
  // At once; each is idle for 30 % of the time.
  std::size_t callers = 24;
  // Of the exchanges with the portal.
  double share_of_faults = 0.35;
  unsigned seed = 1;
};

// What the process holds.
struct Holdings {
  std::size_t resident_kib = 0;
  std::size_t descriptors = 0;
};

struct SoakReport {
  std::uint64_t calls = 0;
  // "CreateApiKey OK" and the like.
  std::map<std::string, std::uint64_t> outcomes;
  std::map<std::string, std::uint64_t> faults;
  std::uint64_t faults_injected = 0;

  // Of these there may be none.
  std::uint64_t duplicated_writes = 0;
  std::uint64_t false_successes = 0;
  // Writes that were done though the answer said that a retry is safe.
  std::uint64_t unreported_writes = 0;
  std::uint64_t wrong_answers = 0;
  // The first few of them, in words.
  std::vector<std::string> violations;

  // After the first calls, and when the callers are gone.
  Holdings before;
  Holdings after;
  // What the emulator's memory grows by: it remembers every name.
  std::uint64_t creations = 0;

  // Whether it is as it should be, holdings included.
  bool Passed() const;
};

// Throws std::exception where it cannot start.
SoakReport RunSoak(const SoakOptions& options);

std::ostream& operator<<(std::ostream& out, const SoakReport& report);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_SOAK_SOAK_H_
