// Decides when an event loop polls for a moment before it sleeps.
#ifndef SERVER_RPC_BUSY_POLL_H_
#define SERVER_RPC_BUSY_POLL_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace docspace::gateway {

// To sleep and be woken takes longer than a portal beside the gateway needs for a response, so a
// loop that polls instead saves both time and context switches, if the next event is near. BusyPoll
// learns from its success whether events are near, like the kernel's halt_poll_ns for virtual
// machines: each poll in vain doubles the number of sleeps until the next poll, up to kMostSkipped,
// and each success halves it. An idle loop, and one whose portal needs milliseconds, therefore poll
// before one of 1,000 sleeps. Not thread-safe.
class BusyPoll {
 public:
  // The longest time of one poll.
  static constexpr std::chrono::microseconds kLongest{50};
  static constexpr std::uint32_t kMostSkipped = 1023;

  // Returns whether to poll before the next sleep. If so, End must be called afterwards.
  bool Begin() {
    if (skip_ == 0) return true;
    --skip_;
    return false;
  }

  // `found` is true if the poll found an event.
  void End(bool found) {
    penalty_ = found ? penalty_ / 2 : std::min(kMostSkipped, 2 * penalty_ + 1);
    skip_ = penalty_;
  }

 private:
  // The number of sleeps between two polls, and how many of them are left.
  std::uint32_t penalty_ = 0;
  std::uint32_t skip_ = 0;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_BUSY_POLL_H_
