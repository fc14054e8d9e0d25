#include "server/base/repeating_thread.h"

#include <exception>
#include <utility>

namespace docspace::gateway {

RepeatingThread::RepeatingThread(std::chrono::steady_clock::duration interval,
                                 std::function<void()> action)
    : interval_(interval),
      action_(std::move(action)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void RepeatingThread::RunNow() {
  const std::lock_guard lock(mutex_);
  asked_ = true;
  changed_.notify_all();
}

void RepeatingThread::Run(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, interval_, [this] { return asked_; });
      asked_ = false;
    }
    if (stop.stop_requested()) return;
    try {
      action_();
    } catch (const std::exception&) {
      // The next call may succeed.
    }
  }
}

}  // namespace docspace::gateway
