// The state that the health service reports, and its changes.
#ifndef SERVER_HEALTH_SERVING_STATUS_H_
#define SERVER_HEALTH_SERVING_STATUS_H_

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway {

// ServingStatus holds whether the gateway serves: from its start until it drains. It is ready once
// it has also reached a portal. So a replica that was configured or placed in such a way that it
// reaches none gets no calls, and its rollout stops. Later failures of portals change nothing,
// because they would take every replica out at once, and callers would learn less than from
// UNAVAILABLE.
//
// Thread-safe.
class ServingStatus {
 public:
  // `service` is the name of the service that is served besides the health service. `is_live`
  // returns whether every event loop responds; it must be thread-safe and must not block.
  explicit ServingStatus(
      std::string service, std::function<bool()> is_live = [] { return true; })
      : service_(std::move(service)), is_live_(std::move(is_live)) {}
  ServingStatus(const ServingStatus&) = delete;
  ServingStatus& operator=(const ServingStatus&) = delete;

  enum class State { kServing, kNotServing, kUnknown };
  // Returns the state of the whole gateway (""), of the service, of `readiness`, or of `liveness`;
  // kUnknown for any other name. `liveness` does not end with a drain; it is NOT_SERVING while an
  // event loop does not respond.
  State StateOf(std::string_view service) const;
  bool ready() const { return StateOf("readiness") == State::kServing; }
  bool live() const { return StateOf("liveness") == State::kServing; }

  void PortalReached() { Set(&ServingStatus::is_portal_reached_); }
  void Drain() { Set(&ServingStatus::is_draining_); }
  // Reports a change of liveness to the watchers. Must be called every few seconds.
  void CheckLiveness();

  // Calls `tell` after each change, on the thread that makes the change. `tell` must be callable as
  // long as changes happen.
  void OnChange(std::function<void()> tell);

 private:
  void Set(bool ServingStatus::*fact);

  const std::string service_;
  const std::function<bool()> is_live_;
  mutable std::mutex mutex_;
  bool is_portal_reached_ = false;
  bool is_draining_ = false;
  bool was_live_ = true;
  std::vector<std::function<void()>> told_;
};

}  // namespace docspace::gateway

#endif  // SERVER_HEALTH_SERVING_STATUS_H_
