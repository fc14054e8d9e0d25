// A limit of the memory that calls hold for their requests and responses.
#ifndef SERVER_OVERLOAD_MEMORY_BUDGET_H_
#define SERVER_OVERLOAD_MEMORY_BUDGET_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

namespace docspace::gateway {

// MemoryBudget does bookkeeping only; it does not allocate. Callers report their estimated use, in
// bytes. Thread-safe. It must outlive its reservations.
//
// Each call reserves a minimum when it begins, which is enough for a small response however full
// the budget is later. A larger response reserves more as it grows, up to three quarters of the
// budget. The last quarter is for the minimum of further calls, so that large responses do not
// prevent small ones.
class MemoryBudget {
 public:
  // The bytes that each call reserves for its response.
  static constexpr std::size_t kMinimumPerCall = std::size_t{64} * 1024;

  // The reservation of one call, which ends when it is destroyed. Used by one thread at a time.
  class Reservation {
   public:
    Reservation(Reservation&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          reserved_(std::exchange(other.reserved_, 0)),
          answer_(other.answer_) {}
    Reservation& operator=(Reservation&&) = delete;
    ~Reservation() {
      if (budget_ != nullptr) budget_->reserved_.fetch_sub(reserved_, std::memory_order_relaxed);
    }

    // False if the budget had no room for the call. Such a reservation may only be destroyed.
    explicit operator bool() const { return budget_ != nullptr; }

    // Changes what is reserved for the response to `bytes`. Returns false, and changes nothing, if
    // the budget has no room for it.
    [[nodiscard]] bool ReserveResponse(std::size_t bytes) {
      const std::size_t wanted = std::max(bytes, kMinimumPerCall);
      if (wanted <= answer_) {
        budget_->reserved_.fetch_sub(answer_ - wanted, std::memory_order_relaxed);
      } else if (!budget_->Take(wanted - answer_, budget_->bytes_ - budget_->bytes_ / 4)) {
        return false;
      }
      reserved_ = reserved_ - answer_ + wanted;
      answer_ = wanted;
      return true;
    }

   private:
    friend class MemoryBudget;

    Reservation(MemoryBudget* budget, std::size_t reserved)
        : budget_(budget), reserved_(reserved) {}

    MemoryBudget* budget_;
    std::size_t reserved_;
    // The part of it that is for the response.
    std::size_t answer_ = kMinimumPerCall;
  };

  explicit MemoryBudget(std::size_t bytes) : bytes_(bytes) {}

  // Reserves `request` bytes and the minimum for the response.
  Reservation ReserveForCall(std::size_t request) {
    const std::size_t wanted = request + kMinimumPerCall;
    return Take(wanted, bytes_) ? Reservation(this, wanted) : Reservation(nullptr, 0);
  }

  std::size_t limit() const { return bytes_; }
  std::size_t reserved() const { return reserved_.load(std::memory_order_relaxed); }

 private:
  bool Take(std::size_t bytes, std::size_t limit) {
    std::size_t reserved = reserved_.load(std::memory_order_relaxed);
    do {
      if (reserved > limit || bytes > limit - reserved) return false;
    } while (
        !reserved_.compare_exchange_weak(reserved, reserved + bytes, std::memory_order_relaxed));
    return true;
  }

  const std::size_t bytes_;
  std::atomic<std::size_t> reserved_{0};
};

}  // namespace docspace::gateway

#endif  // SERVER_OVERLOAD_MEMORY_BUDGET_H_
