// A limit on the calls in flight. A call beyond it is refused at once and never queued.
#ifndef SERVER_OVERLOAD_CONCURRENCY_LIMITER_H_
#define SERVER_OVERLOAD_CONCURRENCY_LIMITER_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "server/overload/adaptive_concurrency.h"
#include "server/overload/credential_counts.h"

namespace docspace::gateway {

struct ConcurrencyLimiterOptions {
  // The number of permits.
  std::size_t limit = 2000;
  // True if the limit adapts to the recorded latencies, up to `limit`.
  bool adaptive = false;
  // Reads and writes that one credential may have in flight; 0 means no limit.
  std::size_t reads_per_credential = 0;
  std::size_t writes_per_credential = 0;
};

// ConcurrencyLimiter gives permits to calls in flight.
//
// A credential gets at most half of the permits while others have calls in flight; alone it may
// hold all. So that the first calls of others are not refused in that case, a credential that holds
// at most half may exceed the limit: by as many calls as are still in flight of those that were
// admitted beyond half, but at most by an eighth of the limit plus one.
//
// Thread-safe. It must outlive its permits.
class ConcurrencyLimiter {
 public:
  // The limit that refused a call.
  enum class Refusal { kClosed, kInFlight, kShare, kReads, kWrites };

  // A permit, which its destructor returns; or the reason why there is none.
  class Permit {
   public:
    Permit(Permit&& other) noexcept
        : limiter_(std::exchange(other.limiter_, nullptr)),
          tag_(other.tag_),
          is_write_(other.is_write_),
          is_excess_(other.is_excess_),
          refusal_(other.refusal_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (limiter_ != nullptr) limiter_->Release(*this);
    }

    explicit operator bool() const { return limiter_ != nullptr; }
    // The limit that refused the call, if the permit is false.
    Refusal refusal() const { return refusal_; }

   private:
    friend class ConcurrencyLimiter;

    Permit(ConcurrencyLimiter* limiter, CredentialTag tag, bool is_write, bool is_excess)
        : limiter_(limiter), tag_(tag), is_write_(is_write), is_excess_(is_excess) {}
    explicit Permit(Refusal refusal) : refusal_(refusal) {}

    ConcurrencyLimiter* limiter_ = nullptr;
    CredentialTag tag_ = 0;
    bool is_write_ = false;
    bool is_excess_ = false;
    Refusal refusal_ = Refusal::kClosed;
  };

  explicit ConcurrencyLimiter(const ConcurrencyLimiterOptions& options)
      : options_(options),
        limit_(options.adaptive ? std::min(options.limit, AdaptiveConcurrencyOptions{}.min)
                                : options.limit),
        adaptive_(options.adaptive ? std::make_unique<AdaptiveConcurrency>(
                                         AdaptiveConcurrencyOptions{.max = options.limit})
                                   : nullptr) {}

  // Returns a permit, or the reason why there is none. Does not block.
  Permit TryAcquire(CredentialTag tag, bool is_write) {
    // Increments before it checks `closed_` and the limits, so that after Close an `in_flight` of 0
    // is final, and calls that come at the same time do not exceed a limit.
    const std::size_t all = ++in_flight_;
    const CredentialCounts::Count held = counts_.Add(tag, is_write);
    const std::size_t limit = this->limit();
    const bool is_excess = held.total() > std::max<std::size_t>(1, limit / 2);
    const std::optional<Refusal> refusal = WhyNot(all, held, limit, is_write, is_excess);
    if (!refusal) {
      if (is_excess) ++excess_;
      return Permit(this, tag, is_write, is_excess);
    }
    counts_.Remove(tag, is_write);
    --in_flight_;
    if (*refusal == Refusal::kShare) is_pressed_.store(true, std::memory_order_relaxed);
    return Permit(*refusal);
  }

  // Refuses every call from now on.
  void Close() { closed_ = true; }

  // Records how long the portal needed for a call.
  void RecordLatency(std::chrono::steady_clock::duration latency) {
    if (!adaptive_) return;
    // If a credential is refused its share, the limit is in use although permits are free.
    const bool is_pressed = is_pressed_.exchange(false, std::memory_order_relaxed);
    limit_.store(
        adaptive_->Record(latency, is_pressed ? std::max(in_flight(), limit()) : in_flight(),
                          std::chrono::steady_clock::now()),
        std::memory_order_relaxed);
  }

  std::size_t limit() const { return limit_.load(std::memory_order_relaxed); }
  std::size_t in_flight() const { return in_flight_; }
  bool closed() const { return closed_; }

 private:
  // `all` and `held` include the new call.
  std::optional<Refusal> WhyNot(std::size_t all, const CredentialCounts::Count& held,
                                std::size_t limit, bool is_write, bool is_excess) const {
    if (closed_) return Refusal::kClosed;
    const std::size_t of_kind = is_write ? held.writes : held.reads;
    const std::size_t most_of_kind =
        is_write ? options_.writes_per_credential : options_.reads_per_credential;
    if (most_of_kind != 0 && of_kind > most_of_kind) {
      return is_write ? Refusal::kWrites : Refusal::kReads;
    }
    if (is_excess) {
      if (all > held.total()) return Refusal::kShare;
    } else {
      limit += std::min<std::size_t>(excess_, limit / 8 + 1);
    }
    if (all > limit) return Refusal::kInFlight;
    return std::nullopt;
  }

  void Release(const Permit& permit) {
    if (permit.is_excess_) --excess_;
    counts_.Remove(permit.tag_, permit.is_write_);
    --in_flight_;
  }

  const ConcurrencyLimiterOptions options_;
  std::atomic<std::size_t> limit_;
  const std::unique_ptr<AdaptiveConcurrency> adaptive_;
  CredentialCounts counts_;
  std::atomic<std::size_t> in_flight_{0};
  // Calls in flight that were admitted beyond their credential's half.
  std::atomic<std::size_t> excess_{0};
  std::atomic<bool> is_pressed_{false};
  std::atomic<bool> closed_{false};
};

}  // namespace docspace::gateway

#endif  // SERVER_OVERLOAD_CONCURRENCY_LIMITER_H_
