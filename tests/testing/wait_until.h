// Waiting for what another thread brings about and cannot announce.
#ifndef TESTS_TESTING_WAIT_UNTIL_H_
#define TESTS_TESTING_WAIT_UNTIL_H_

#include <chrono>
#include <thread>

namespace docspace::gateway::testing {

// Asks every millisecond. False where it does not become true within a minute: a hang.
template <class Condition>
bool WaitUntil(const Condition& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace docspace::gateway::testing

#endif  // TESTS_TESTING_WAIT_UNTIL_H_
