// A circuit breaker for attempts to connect: while the upstream is down, calls fail at once.
#ifndef SERVER_HTTP_CIRCUIT_BREAKER_H_
#define SERVER_HTTP_CIRCUIT_BREAKER_H_

#include <chrono>
#include <cstdint>

namespace docspace::gateway::http {

struct CircuitBreakerOptions {
  // The number of consecutive failures that opens the circuit; 0 keeps it always closed.
  int failures = 5;
  // How long the circuit stays open before one attempt, the probe, is allowed.
  std::chrono::steady_clock::duration open_for = std::chrono::milliseconds(500);
};

// Decides whether an attempt to connect may start. Only failures to connect count, because a caller
// with a short deadline must not shut out the others. Must be used on one event loop's thread. It
// has no clock: the caller passes the time.
class CircuitBreaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class State { kClosed, kOpen, kHalfOpen };

  // Permission for one attempt to connect, if it converts to true. The breaker must outlive it. If
  // it is destroyed without a result, because the call was cancelled, the count of failures does
  // not change; a probe then leaves the circuit open for the next one.
  class Permit {
   public:
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit();

    explicit operator bool() const { return breaker_ != nullptr; }
    // Report the result of the attempt. One of them may be called, once, if the permit is true.
    void Succeeded();
    void Failed(TimePoint now);

   private:
    friend class CircuitBreaker;

    explicit Permit(CircuitBreaker* breaker) : breaker_(breaker) {}
    Permit(CircuitBreaker* breaker, const Permit** probe) : breaker_(breaker) { *probe = this; }
    bool IsProbe() const { return breaker_ != nullptr && breaker_->probe_ == this; }

    CircuitBreaker* breaker_;
  };

  explicit CircuitBreaker(const CircuitBreakerOptions& options) : options_(options) {}

  // Returns a permit, which is false if the circuit is open or a probe is in progress. Never waits.
  Permit TryAcquire(TimePoint now);

  State state() const { return state_; }
  // Returns how often the circuit has opened.
  std::uint64_t opened() const { return opened_; }

 private:
  const CircuitBreakerOptions options_;
  State state_ = State::kClosed;
  int failures_ = 0;
  TimePoint open_until_;
  // The permit whose result decides, while the circuit is half open.
  const Permit* probe_ = nullptr;
  std::uint64_t opened_ = 0;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CIRCUIT_BREAKER_H_
