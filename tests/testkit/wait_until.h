// Waits for a condition that another thread causes and cannot announce, and says how long any test
// waits for anything.
#ifndef TESTS_TESTKIT_WAIT_UNTIL_H_
#define TESTS_TESTKIT_WAIT_UNTIL_H_

#include <chrono>
#include <thread>

namespace docspace::gateway::testkit {

// Longer than any step of a test takes, even under a sanitizer on a busy machine. Only a hang lasts
// longer, so it decides no test that works.
inline constexpr std::chrono::seconds kPatience{60};

// Evaluates `condition` every millisecond until it is true. Returns false if it is still false
// after kPatience.
template <class Condition>
bool WaitUntil(const Condition& condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_WAIT_UNTIL_H_
