// Tells the service manager again and again that the process works, as long as it does.
#ifndef SERVER_SYSTEMD_WATCHDOG_H_
#define SERVER_SYSTEMD_WATCHDOG_H_

#include <chrono>
#include <functional>

#include "server/base/repeating_thread.h"

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
  RepeatingThread thread_;
};

}  // namespace docspace::gateway::systemd

#endif  // SERVER_SYSTEMD_WATCHDOG_H_
