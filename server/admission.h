// A bound on the calls in flight: beyond it a call is refused at once instead of queueing.
#ifndef SERVER_ADMISSION_H_
#define SERVER_ADMISSION_H_

#include <atomic>
#include <cstddef>
#include <utility>

namespace docspace::gateway {

// Thread-safe. Outlives its tickets.
class Admission {
 public:
  // The right to be in flight, given back when it goes.
  class Ticket {
   public:
    explicit Ticket(Admission* admission) : admission_(admission) {}
    Ticket(Ticket&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (admission_ != nullptr) admission_->in_flight_.fetch_sub(1, std::memory_order_relaxed);
    }

    explicit operator bool() const { return admission_ != nullptr; }

   private:
    Admission* admission_;
  };

  explicit Admission(std::size_t limit) : limit_(limit) {}

  // False where the limit is reached.
  Ticket Enter() {
    if (in_flight_.fetch_add(1, std::memory_order_relaxed) < limit_) return Ticket(this);
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return Ticket(nullptr);
  }

  std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> in_flight_{0};
};

}  // namespace docspace::gateway

#endif  // SERVER_ADMISSION_H_
