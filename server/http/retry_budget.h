// Limits retries to a small part of the calls, so that they cannot overload an upstream that has
// trouble. Compare the retry throttling of gRPC (proposal A6).
#ifndef SERVER_HTTP_RETRY_BUDGET_H_
#define SERVER_HTTP_RETRY_BUDGET_H_

#include <array>
#include <chrono>
#include <cstdint>

namespace docspace::gateway::http {

// Allows one retry for ten calls of the last 10 seconds, and at least 3. Must be used on one event
// loop's thread. It has no clock: the caller passes the time, which must not go back.
class RetryBudget {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Counts a call, of which a tenth is added to the budget.
  void CountCall(TimePoint now);

  // Takes one retry from the budget. Returns false if none is left.
  bool Withdraw(TimePoint now);

  // Returns how many retries are left now.
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
