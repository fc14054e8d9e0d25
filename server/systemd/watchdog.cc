#include "server/systemd/watchdog.h"

#include <utility>

namespace docspace::gateway::systemd {

Watchdog::Watchdog(std::chrono::microseconds timeout, std::function<bool()> is_alive,
                   std::function<void()> tell)
    // sd_watchdog_enabled(3) recommends half of the time.
    : thread_(timeout / 2, [is_alive = std::move(is_alive), tell = std::move(tell)] {
        if (is_alive()) tell();
      }) {
  thread_.RunNow();
}

}  // namespace docspace::gateway::systemd
