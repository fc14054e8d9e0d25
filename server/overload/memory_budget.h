// A bound on the memory that calls hold for their requests and answers.
#ifndef SERVER_OVERLOAD_MEMORY_BUDGET_H_
#define SERVER_OVERLOAD_MEMORY_BUDGET_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

namespace docspace::gateway {

// Keeps the books only: who holds memory says how much, by an estimate. Thread-safe. Outlives its
// charges.
//
// A call is charged a share when it begins, which covers a small answer however full the budget is
// by then. What an answer takes beyond it is charged as it grows, up to three quarters of the
// budget: the last quarter is for the shares of calls to come, so that large answers do not shut
// out the small ones.
class MemoryBudget {
 public:
  // In bytes, as everything here.
  static constexpr std::size_t kShare = std::size_t{64} * 1024;

  // What one call is charged, given back when it goes. Used by one thread at a time.
  class Charge {
   public:
    Charge(Charge&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          charged_(std::exchange(other.charged_, 0)),
          answer_(other.answer_) {}
    Charge& operator=(Charge&&) = delete;
    ~Charge() {
      if (budget_ != nullptr) budget_->charged_.fetch_sub(charged_, std::memory_order_relaxed);
    }

    // False where there was no room for the call. Then it may only be destroyed.
    explicit operator bool() const { return budget_ != nullptr; }

    // The answer takes `bytes` from now on, whatever it took before. False where there is no room
    // for that, and then the charge stays as it was.
    [[nodiscard]] bool HoldAnswer(std::size_t bytes) {
      const std::size_t wanted = std::max(bytes, kShare);
      if (wanted <= answer_) {
        budget_->charged_.fetch_sub(answer_ - wanted, std::memory_order_relaxed);
      } else if (!budget_->Take(wanted - answer_, budget_->bytes_ - budget_->bytes_ / 4)) {
        return false;
      }
      charged_ = charged_ - answer_ + wanted;
      answer_ = wanted;
      return true;
    }

   private:
    friend class MemoryBudget;

    Charge(MemoryBudget* budget, std::size_t charged) : budget_(budget), charged_(charged) {}

    MemoryBudget* budget_;
    std::size_t charged_;
    // Of those, for the answer.
    std::size_t answer_ = kShare;
  };

  explicit MemoryBudget(std::size_t bytes) : bytes_(bytes) {}

  // For a call whose request takes so much: that and a share.
  Charge Begin(std::size_t request) {
    const std::size_t wanted = request + kShare;
    return Take(wanted, bytes_) ? Charge(this, wanted) : Charge(nullptr, 0);
  }

  std::size_t limit() const { return bytes_; }
  std::size_t charged() const { return charged_.load(std::memory_order_relaxed); }

 private:
  bool Take(std::size_t bytes, std::size_t limit) {
    std::size_t charged = charged_.load(std::memory_order_relaxed);
    do {
      if (charged > limit || bytes > limit - charged) return false;
    } while (!charged_.compare_exchange_weak(charged, charged + bytes, std::memory_order_relaxed));
    return true;
  }

  const std::size_t bytes_;
  std::atomic<std::size_t> charged_{0};
};

}  // namespace docspace::gateway

#endif  // SERVER_OVERLOAD_MEMORY_BUDGET_H_
