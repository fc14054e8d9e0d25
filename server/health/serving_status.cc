#include "server/health/serving_status.h"

#include <utility>

namespace docspace::gateway {

ServingStatus::State ServingStatus::StateOf(std::string_view service) const {
  const std::lock_guard lock(mutex_);
  bool serves = !is_draining_;
  if (service == "liveness") {
    serves = is_live_();
  } else if (service == "readiness") {
    serves = serves && is_portal_reached_;
  } else if (!service.empty() && service != service_) {
    return State::kUnknown;
  }
  return serves ? State::kServing : State::kNotServing;
}

void ServingStatus::OnChange(std::function<void()> tell) {
  const std::lock_guard lock(mutex_);
  told_.push_back(std::move(tell));
}

void ServingStatus::CheckLiveness() {
  std::vector<std::function<void()>> told;
  {
    const bool is_live = is_live_();
    const std::lock_guard lock(mutex_);
    if (std::exchange(was_live_, is_live) == is_live) return;
    told = told_;
  }
  for (const auto& tell : told) tell();
}

void ServingStatus::Set(bool ServingStatus::*fact) {
  std::vector<std::function<void()>> told;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(this->*fact, true)) return;
    told = told_;
  }
  for (const auto& tell : told) tell();
}

}  // namespace docspace::gateway
