#include "server/http/retry_budget.h"

#include <algorithm>

namespace docspace::gateway::http {
namespace {

std::int64_t SecondOf(RetryBudget::TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

RetryBudget::Slot& RetryBudget::SlotAt(TimePoint now) {
  const std::int64_t second = SecondOf(now);
  Slot& slot = slots_[static_cast<std::size_t>(second % kSlots)];
  if (slot.second != second) slot = {.second = second};
  return slot;
}

void RetryBudget::CountCall(TimePoint now) { ++SlotAt(now).calls; }

std::uint64_t RetryBudget::Available(TimePoint now) const {
  const std::int64_t oldest = SecondOf(now) - kSlots + 1;
  std::uint64_t calls = 0;
  std::uint64_t retries = 0;
  for (const Slot& slot : slots_) {
    if (slot.second < oldest) continue;
    calls += slot.calls;
    retries += slot.retries;
  }
  return std::max({kMinRetries, calls / 10, retries}) - retries;
}

bool RetryBudget::Withdraw(TimePoint now) {
  if (Available(now) == 0) return false;
  ++SlotAt(now).retries;
  return true;
}

}  // namespace docspace::gateway::http
