// The five rate limits of the vendor's cloud. Each applies per user, over all credentials of the
// user.
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

// `Limits` holds the limits. 0 means no limit, as in a self-hosted installation.
struct Limits {
  std::size_t creations_per_15_minutes = 0;
  std::size_t calls_per_minute = 0;
  std::size_t reads_at_a_time = 0;
  std::size_t writes_at_a_time = 0;
  // The number of POST and PUT calls.
  std::size_t changes_per_day = 0;

  static constexpr Limits Cloud() {
    return {.creations_per_15_minutes = 5,
            .calls_per_minute = 1500,
            .reads_at_a_time = 50,
            .writes_at_a_time = 15,
            .changes_per_day = 10'000};
  }
};

// `WindowLimit` allows a number of calls in a sliding window of time. Not thread-safe.
class WindowLimit {
 public:
  WindowLimit(std::size_t calls, std::chrono::seconds window) : calls_(calls), window_(window) {}

  // Counts the call and returns nothing, or returns the time until the next call is allowed.
  std::optional<std::chrono::seconds> Count(const std::string& caller, Time now);

  std::size_t calls() const { return calls_; }

 private:
  std::size_t calls_;
  std::chrono::seconds window_;
  std::map<std::string, std::deque<Time>> counted_;
};

// `PlaceLimit` allows a number of concurrent calls. Not thread-safe, but any thread may release a
// place, even after the limit is destroyed.
class PlaceLimit {
 public:
  explicit PlaceLimit(std::size_t places) : places_(places) {}

  // Takes a place, which is occupied until the last copy of the pointer is destroyed. Returns null
  // if none is free.
  std::shared_ptr<void> Take(const std::string& caller);

  std::size_t places() const { return places_; }

 private:
  std::size_t places_;
  std::map<std::string, std::shared_ptr<std::atomic<std::size_t>>> taken_;
};

// `RateLimiter` applies all five limits. Not thread-safe.
class RateLimiter {
 public:
  explicit RateLimiter(const Limits& limits)
      : creations_(limits.creations_per_15_minutes, std::chrono::minutes(15)),
        calls_(limits.calls_per_minute, std::chrono::minutes(1)),
        changes_(limits.changes_per_day, std::chrono::days(1)),
        reads_(limits.reads_at_a_time),
        writes_(limits.writes_at_a_time) {}

  // Returns the 429, or a place that the call must hold until its response is sent. A refused call
  // counts for the limits that were checked before the one that refused it.
  std::variant<Response, std::shared_ptr<void>> Admit(const std::string& caller,
                                                      std::string_view method, Time now);

 private:
  WindowLimit creations_;
  WindowLimit calls_;
  WindowLimit changes_;
  PlaceLimit reads_;
  PlaceLimit writes_;
};

// Returns the empty response of a limit, with X-RateLimit-Limit and X-RateLimit-Remaining.
Response TooManyRequests(std::size_t limit);

// Returns the response of the daily limit. Only this limit says when to call again, by Retry-After
// (seconds) and X-RateLimit-Reset (seconds since the Unix epoch).
Response TooManyRequestsToday(std::size_t limit, std::chrono::seconds retry_after, Time now);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_RATE_LIMIT_H_
