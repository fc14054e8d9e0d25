// Spares everyone the attempts to connect to an upstream that is down.
#ifndef SERVER_HTTP_CIRCUIT_BREAKER_H_
#define SERVER_HTTP_CIRCUIT_BREAKER_H_

#include <chrono>
#include <cstdint>

namespace docspace::gateway::http {

struct CircuitBreakerOptions {
  // Consecutive failures that open the circuit; 0 keeps it closed for ever.
  int failures = 5;
  // How long it stays open before one attempt, the probe, is allowed.
  std::chrono::steady_clock::duration open_for = std::chrono::milliseconds(500);
};

// Only failures to connect count: a caller's short deadline must not shut out the others.
// Used by one event loop; the time is the caller's to give.
class CircuitBreaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class State { kClosed, kOpen, kHalfOpen };

  // Leave to try. One that ends without a verdict, because its call was cancelled, changes nothing.
  class Permit {
   public:
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit();

    explicit operator bool() const { return breaker_ != nullptr; }
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

  // False where the circuit is open, or a probe is under way.
  Permit TryAcquire(TimePoint now);

  State state() const { return state_; }
  // How often it opened.
  std::uint64_t opened() const { return opened_; }

 private:
  const CircuitBreakerOptions options_;
  State state_ = State::kClosed;
  int failures_ = 0;
  TimePoint open_until_;
  // The permit that decides, while half open.
  const Permit* probe_ = nullptr;
  std::uint64_t opened_ = 0;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CIRCUIT_BREAKER_H_
