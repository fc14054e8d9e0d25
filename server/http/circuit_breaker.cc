#include "server/http/circuit_breaker.h"

namespace docspace::gateway::http {

CircuitBreaker::Permit CircuitBreaker::TryAcquire(TimePoint now) {
  if (state_ == State::kClosed) return Permit(this);
  if (state_ == State::kHalfOpen || now < open_until_) return Permit(nullptr);
  state_ = State::kHalfOpen;
  return Permit(this, &probe_);
}

CircuitBreaker::Permit::~Permit() {
  if (!IsProbe()) return;
  breaker_->state_ = State::kOpen;
  breaker_->probe_ = nullptr;
}

void CircuitBreaker::Permit::Succeeded() {
  breaker_->state_ = State::kClosed;
  breaker_->failures_ = 0;
  breaker_->probe_ = nullptr;
}

void CircuitBreaker::Permit::Failed(TimePoint now) {
  ++breaker_->failures_;
  const int limit = breaker_->options_.failures;
  if (limit == 0 || breaker_->failures_ < limit) return;
  if (breaker_->state_ == State::kClosed) ++breaker_->opened_;
  // An attempt that was allowed before the circuit opened does not end the probe.
  if (IsProbe() || breaker_->state_ == State::kClosed) {
    breaker_->state_ = State::kOpen;
    breaker_->open_until_ = now + breaker_->options_.open_for;
    breaker_->probe_ = nullptr;
  }
}

}  // namespace docspace::gateway::http
