#include "server/http/circuit_breaker.h"

namespace docspace::gateway::http {

CircuitBreaker::Permit CircuitBreaker::Ask(TimePoint now) {
  if (state_ == State::kClosed) return Permit(this, /*probe=*/false);
  if (state_ == State::kHalfOpen || now < open_until_) return Permit(nullptr, /*probe=*/false);
  state_ = State::kHalfOpen;
  return Permit(this, /*probe=*/true);
}

CircuitBreaker::Permit::~Permit() {
  if (breaker_ != nullptr && probe_ && breaker_->state_ == State::kHalfOpen) {
    breaker_->state_ = State::kOpen;
  }
}

void CircuitBreaker::Permit::Succeeded() {
  breaker_->state_ = State::kClosed;
  breaker_->failures_ = 0;
}

void CircuitBreaker::Permit::Failed(TimePoint now) {
  ++breaker_->failures_;
  const int limit = breaker_->options_.failures;
  if (limit == 0 || breaker_->failures_ < limit) return;
  if (breaker_->state_ == State::kClosed) ++breaker_->opened_;
  // A straggler that was allowed before the circuit opened does not end the probe.
  if (probe_ || breaker_->state_ == State::kClosed) {
    breaker_->state_ = State::kOpen;
    breaker_->open_until_ = now + breaker_->options_.open_for;
  }
}

}  // namespace docspace::gateway::http
