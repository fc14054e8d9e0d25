// Keeps retries a small part of the calls, so that they cannot bring down a portal that struggles.
#ifndef SERVER_HTTP_RETRY_BUDGET_H_
#define SERVER_HTTP_RETRY_BUDGET_H_

#include <array>
#include <chrono>
#include <cstdint>

namespace docspace::gateway::http {

// Over the last 10 seconds, retries are at most a tenth of the calls, or 3 where there are few
// calls. Used by one event loop; the time is the caller's to give, and never goes back.
class RetryBudget {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void CountCall(TimePoint now);

  // Takes one retry; false where none is left.
  bool Withdraw(TimePoint now);

  // How often it could be withdrawn from now.
  std::uint64_t Available(TimePoint now) const;

 private:
  static constexpr int kSlots = 10;
  static constexpr std::uint64_t kMinRetries = 3;

  struct Slot {
    std::int64_t second = -1;
    std::uint64_t calls = 0;
    std::uint64_t retries = 0;
  };

  Slot& SlotAt(TimePoint now);

  std::array<Slot, kSlots> slots_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RETRY_BUDGET_H_
