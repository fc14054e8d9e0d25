#include "server/log/repeat_limit.h"

namespace docspace::gateway {

bool RepeatLimit::Admits(const What& what, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = windows_.try_emplace(what);
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

std::vector<RepeatLimit::Repeats> RepeatLimit::TakeEnded(Clock::time_point now) {
  std::vector<Repeats> ended;
  const std::lock_guard lock(mutex_);
  std::erase_if(windows_, [&](const auto& entry) {
    const auto& [what, window] = entry;
    if (now < window.end) return false;
    if (window.suppressed > 0) ended.push_back({what, window.suppressed});
    return true;
  });
  any_ = !windows_.empty();
  return ended;
}

}  // namespace docspace::gateway
