// The five rate limits of the vendor's cloud. Each is per user, all credentials together.
#ifndef TESTS_EMULATOR_RATE_LIMIT_H_
#define TESTS_EMULATOR_RATE_LIMIT_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tests/emulator/clock.h"
#include "tests/emulator/message.h"

namespace docspace::emulator {

// For each, 0 means no limit: what an installation of one's own has.
struct Limits {
  std::size_t creations_per_15_minutes = 0;
  std::size_t calls_per_minute = 0;
  std::size_t reads_at_a_time = 0;
  std::size_t writes_at_a_time = 0;
  // POST and PUT.
  std::size_t changes_per_day = 0;

  static constexpr Limits Cloud() {
    return {.creations_per_15_minutes = 5,
            .calls_per_minute = 1500,
            .reads_at_a_time = 50,
            .writes_at_a_time = 15,
            .changes_per_day = 10'000};
  }
};

// So many calls in a sliding window of time. Not thread-safe.
class WindowLimit {
 public:
  WindowLimit(std::size_t calls, std::chrono::seconds window) : calls_(calls), window_(window) {}

  // Returns how long until the next call is free, or counts the call and returns nothing.
  std::optional<std::chrono::seconds> Count(const std::string& caller, Time now);

  std::size_t calls() const { return calls_; }

 private:
  std::size_t calls_;
  std::chrono::seconds window_;
  std::map<std::string, std::deque<Time>> counted_;
};

// So many calls at a time. Not thread-safe, but a place may be given back by any thread, even after
// the limit is gone.
class PlaceLimit {
 public:
  explicit PlaceLimit(std::size_t places) : places_(places) {}

  // A place is taken until its last copy is gone. Null if none is free.
  std::shared_ptr<void> Take(const std::string& caller);

  std::size_t places() const { return places_; }

 private:
  std::size_t places_;
  std::map<std::string, std::shared_ptr<std::atomic<std::size_t>>> taken_;
};

// All five. Not thread-safe.
class RateLimiter {
 public:
  explicit RateLimiter(const Limits& limits)
      : creations_(limits.creations_per_15_minutes, std::chrono::minutes(15)),
        calls_(limits.calls_per_minute, std::chrono::minutes(1)),
        changes_(limits.changes_per_day, std::chrono::days(1)),
        reads_(limits.reads_at_a_time),
        writes_(limits.writes_at_a_time) {}

  // Returns the 429, or a place that the call has to hold until it is answered. A refused call
  // counts for the limits that were asked before the one that refused it.
  std::variant<Response, std::shared_ptr<void>> Admit(const std::string& caller,
                                                      std::string_view method, Time now);

 private:
  WindowLimit creations_;
  WindowLimit calls_;
  WindowLimit changes_;
  PlaceLimit reads_;
  PlaceLimit writes_;
};

// The response of a limit, empty, with X-RateLimit-Limit and -Remaining.
Response TooManyRequests(std::size_t limit);

// The response of the daily limit, which alone says when to come back: by Retry-After (seconds) and
// X-RateLimit-Reset (seconds since the Unix epoch) too.
Response TooManyRequestsToday(std::size_t limit, std::chrono::seconds retry_after, Time now);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_RATE_LIMIT_H_
