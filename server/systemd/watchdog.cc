#include "server/systemd/watchdog.h"

#include <utility>

namespace docspace::gateway::systemd {

Watchdog::Watchdog(std::chrono::microseconds timeout, std::function<bool()> is_alive,
                   std::function<void()> tell)
    // sd_watchdog_enabled(3) recommends half of the time.
    : interval_(timeout / 2),
      is_alive_(std::move(is_alive)),
      tell_(std::move(tell)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Watchdog::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (is_alive_()) tell_();
    never_.wait_for(lock, stop, interval_, [] { return false; });
  }
}

}  // namespace docspace::gateway::systemd
