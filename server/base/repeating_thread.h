// A thread that does the same thing again and again.
#ifndef SERVER_BASE_REPEATING_THREAD_H_
#define SERVER_BASE_REPEATING_THREAD_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace docspace::gateway {

// RepeatingThread calls a function after each interval, and when it is asked to, until it is
// destroyed. Thread-safe.
class RepeatingThread {
 public:
  // An exception of `action` is ignored, because the most likely reason is a lack of memory, so the
  // next call may succeed.
  RepeatingThread(std::chrono::steady_clock::duration interval, std::function<void()> action);
  // Waits until a call that is under way has ended.
  ~RepeatingThread() = default;
  RepeatingThread(const RepeatingThread&) = delete;
  RepeatingThread& operator=(const RepeatingThread&) = delete;

  // Makes the thread call the function now. Does not block.
  void RunNow();

 private:
  void Run(const std::stop_token& stop);

  const std::chrono::steady_clock::duration interval_;
  const std::function<void()> action_;
  std::mutex mutex_;
  bool asked_ = false;
  std::condition_variable_any changed_;
  // The last member, so that the thread ends before the others are destroyed.
  std::jthread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_BASE_REPEATING_THREAD_H_
