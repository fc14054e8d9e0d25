// Tells the service manager again and again that the process works, as long as it does.
#ifndef SERVER_SYSTEMD_WATCHDOG_H_
#define SERVER_SYSTEMD_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace docspace::gateway::systemd {

// Watchdog has a thread of its own, because the main thread waits while the gateway drains.
class Watchdog {
 public:
  // Calls `tell` twice in each `timeout`, beginning at once, unless `is_alive` returns false. Both
  // are called on the watchdog's thread and must be callable as long as this object exists.
  Watchdog(std::chrono::microseconds timeout, std::function<bool()> is_alive,
           std::function<void()> tell);
  // Ends the thread.
  ~Watchdog() = default;
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Run(const std::stop_token& stop);

  const std::chrono::microseconds interval_;
  const std::function<bool()> is_alive_;
  const std::function<void()> tell_;
  std::mutex mutex_;
  std::condition_variable_any never_;
  // The last member, so that the thread ends before the others are destroyed.
  std::jthread thread_;
};

}  // namespace docspace::gateway::systemd

#endif  // SERVER_SYSTEMD_WATCHDOG_H_
