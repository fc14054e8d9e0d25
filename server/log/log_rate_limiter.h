// Limits identical log lines to a number in each window, and counts the rest.
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

// Thread-safe. The caller gives the time.
class LogRateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::size_t lines = 100;
    // The window of a key begins with its first line.
    Clock::duration window = std::chrono::seconds(10);
  };

  // What makes lines identical. The number of different keys must be small.
  struct Key {
    std::string method;
    std::string code;
    std::string reason;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  struct Repeats {
    Key key;
    std::uint64_t count = 0;
  };

  explicit LogRateLimiter(const Options& options) : options_(options) {}

  // Returns true if the line may be logged. Otherwise it is counted.
  bool ShouldLog(const Key& key, Clock::time_point now);

  // True if a window is open, or has a count that was not taken.
  bool any() const { return any_.load(std::memory_order_relaxed); }

  // Returns the counts, other than 0, of the windows that have ended. Each is returned once.
  std::vector<Repeats> TakeEnded(Clock::time_point now);
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
