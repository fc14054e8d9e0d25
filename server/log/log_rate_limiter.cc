#include "server/log/log_rate_limiter.h"

namespace docspace::gateway {

bool LogRateLimiter::ShouldLog(const Key& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = windows_.try_emplace(key);
  Window& window = entry->second;
  any_ = true;
  if (is_new || now >= window.end) {
    window.end = now + options_.window;
    window.said = 0;
  }
  if (window.said < options_.lines) {
    ++window.said;
    return true;
  }
  ++window.suppressed;
  return false;
}

std::vector<LogRateLimiter::Repeats> LogRateLimiter::TakeEnded(Clock::time_point now) {
  std::vector<Repeats> ended;
  const std::lock_guard lock(mutex_);
  std::erase_if(windows_, [&](const auto& entry) {
    const auto& [key, window] = entry;
    if (now < window.end) return false;
    if (window.suppressed > 0) ended.push_back({key, window.suppressed});
    return true;
  });
  any_ = !windows_.empty();
  return ended;
}

}  // namespace docspace::gateway
