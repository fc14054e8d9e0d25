// Limits identical log lines to a number per window, and counts the rest.
#ifndef SERVER_LOG_LOG_RATE_LIMITER_H_
#define SERVER_LOG_LOG_RATE_LIMITER_H_

#include <atomic>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace docspace::gateway {

// LogRateLimiter decides whether a line is logged. Its user passes the time. Thread-safe.
class LogRateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    // The most lines of one key per window.
    std::size_t lines = 100;
    // A key's window begins with its first line.
    Clock::duration window = std::chrono::seconds(10);
  };

  // Lines with equal keys are identical. The number of different keys must be small.
  struct Key {
    std::string method;
    std::string code;
    std::string reason;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  // The number of lines of `key` that were left out of one window.
  struct Repeats {
    Key key;
    std::uint64_t count = 0;
  };

  explicit LogRateLimiter(const Options& options) : options_(options) {}

  // Returns true if the line may be logged. Otherwise counts it as left out.
  bool ShouldLog(const Key& key, Clock::time_point now);

  // Returns true if a window is open, or has a count that was not taken.
  bool any() const { return any_.load(std::memory_order_relaxed); }

  // Returns the counts above 0 of the windows that have ended by `now`. It returns each count once.
  std::vector<Repeats> TakeEnded(Clock::time_point now);
  // Returns the counts of all windows, and closes them.
  std::vector<Repeats> TakeAll() { return TakeEnded(Clock::time_point::max()); }

 private:
  struct Window {
    Clock::time_point end;
    std::size_t said = 0;
    std::uint64_t suppressed = 0;
  };

  const Options options_;
  std::mutex mutex_;
  std::map<Key, Window> windows_;
  std::atomic<bool> any_{false};
};

}  // namespace docspace::gateway

#endif  // SERVER_LOG_LOG_RATE_LIMITER_H_
