// A bound on the calls in flight: beyond it a call is refused at once instead of queueing.
#ifndef SERVER_ADMISSION_H_
#define SERVER_ADMISSION_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "server/adaptive_limit.h"

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
      if (admission_ != nullptr) --admission_->in_flight_;
    }

    explicit operator bool() const { return admission_ != nullptr; }

   private:
    Admission* admission_;
  };

  // With `adaptive`, the limit moves below `limit` by what Observe tells; without, it stays.
  explicit Admission(std::size_t limit, bool adaptive = false)
      : limit_(adaptive ? std::min(limit, AdaptiveLimitOptions{}.min) : limit),
        adaptive_(adaptive ? std::make_unique<AdaptiveLimit>(AdaptiveLimitOptions{.max = limit})
                           : nullptr) {}

  // False where the limit is reached, or after Close.
  Ticket Enter() {
    // Counted before it looks: who closes and then finds none in flight can be sure of it.
    const std::size_t others = in_flight_++;
    if (!closed_ && others < limit()) return Ticket(this);
    --in_flight_;
    return Ticket(nullptr);
  }

  // Lets no call in any more.
  void Close() { closed_ = true; }

  // The portal took this long to answer a call.
  void Observe(std::chrono::steady_clock::duration latency) {
    if (!adaptive_) return;
    limit_.store(adaptive_->Record(latency, in_flight(), std::chrono::steady_clock::now()),
                 std::memory_order_relaxed);
  }

  std::size_t limit() const { return limit_.load(std::memory_order_relaxed); }
  std::size_t in_flight() const { return in_flight_; }
  bool closed() const { return closed_; }

 private:
  std::atomic<std::size_t> limit_;
  const std::unique_ptr<AdaptiveLimit> adaptive_;
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace docspace::gateway

#endif  // SERVER_ADMISSION_H_
