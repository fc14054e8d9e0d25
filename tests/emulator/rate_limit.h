// So many calls in so much time, for each caller.
#ifndef TESTS_EMULATOR_RATE_LIMIT_H_
#define TESTS_EMULATOR_RATE_LIMIT_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "tests/emulator/clock.h"
#include "tests/emulator/message.h"

namespace docspace::emulator {

// A sliding window. Not thread-safe.
class RateLimit {
 public:
  // `calls` of 0: no limit.
  RateLimit(std::size_t calls, std::chrono::seconds window) : calls_(calls), window_(window) {}

  // Counts a call, or answers 429 with Retry-After (seconds) and X-RateLimit-Limit, -Remaining and
  // -Reset (seconds since the Unix epoch).
  std::optional<Response> Count(const std::string& caller, Time now);

 private:
  std::size_t calls_;
  std::chrono::seconds window_;
  std::map<std::string, std::deque<Time>> counted_;
};

// That answer.
Response TooManyRequests(std::size_t limit, std::chrono::seconds retry_after, Time now);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_RATE_LIMIT_H_
