// How often the same may be said: so many times in a while, and then how many times more.
#ifndef SERVER_LOG_REPEAT_LIMIT_H_
#define SERVER_LOG_REPEAT_LIMIT_H_

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

// Thread-safe. Times are the caller's to tell.
class RepeatLimit {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::size_t lines = 100;
    // Begins with the first of its lines.
    Clock::duration window = std::chrono::seconds(10);
  };

  // What a line says, of which there are few.
  struct What {
    std::string method;
    std::string code;
    std::string reason;

    friend auto operator<=>(const What&, const What&) = default;
  };

  struct Repeats {
    What what;
    std::uint64_t count = 0;
  };

  explicit RepeatLimit(const Options& options) : options_(options) {}

  // Whether it may be said once more. If not, it is counted.
  bool Admits(const What& what, Clock::time_point now);

  // Whether a window is open, or has a count to be taken.
  bool any() const { return any_.load(std::memory_order_relaxed); }

  // The counts of the windows that have ended, each once; none that is 0.
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
  std::map<What, Window> windows_;
  std::atomic<bool> any_{false};
};

}  // namespace docspace::gateway

#endif  // SERVER_LOG_REPEAT_LIMIT_H_
