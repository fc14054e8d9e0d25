#include "server/tracing/tracer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "server/base/random_bits.h"

namespace docspace::gateway::tracing {
namespace {

constexpr std::uint64_t kAll = std::uint64_t{1} << 56;

// Returns random bytes that are not all zero, because an id of only zeros is invalid.
template <std::size_t size>
std::array<std::uint8_t, size> RandomId() {
  std::array<std::uint8_t, size> id{};
  while (id == std::array<std::uint8_t, size>{}) {
    for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
      const std::uint64_t bits = RandomBits();
      std::memcpy(&id[i], &bits, sizeof(bits));
    }
  }
  return id;
}

std::uint64_t Last56Bits(const TraceId& id) {
  std::uint64_t bits = 0;
  for (std::size_t i = 9; i < id.size(); ++i) bits = bits << 8 | id[i];
  return bits;
}

}  // namespace

Tracer::Tracer(const Sampling& sampling, std::function<void(Span)> finished,
               std::function<Clock::time_point()> now)
    : threshold_(static_cast<std::uint64_t>(
          std::llround((1 - sampling.root_ratio) * static_cast<double>(kAll)))),
      parent_decides_(sampling.parent_decides),
      calls_per_second_(static_cast<double>(sampling.calls_per_second)),
      finished_(std::move(finished)),
      now_(std::move(now)),
      tokens_(calls_per_second_),
      filled_at_(now_()) {}

bool Tracer::Admits() const {
  const Clock::time_point now = now_();
  {
    const std::lock_guard lock(mutex_);
    const double elapsed = std::chrono::duration<double>(now - filled_at_).count();
    if (elapsed > 0) {
      tokens_ = std::min(calls_per_second_, tokens_ + elapsed * calls_per_second_);
      filled_at_ = now;
    }
    if (tokens_ >= 1) {
      tokens_ -= 1;
      return true;
    }
  }
  limited_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

TraceContext Tracer::Begin(const std::optional<TraceContext>& parent) const {
  if (parent && parent_decides_) return BeginChild(*parent);
  TraceContext context{.trace_id = parent ? parent->trace_id : RandomId<16>(),
                       .span_id = RandomId<8>()};
  context.sampled = Last56Bits(context.trace_id) >= threshold_;
  return context;
}

TraceContext Tracer::BeginChild(const TraceContext& parent) {
  TraceContext child = parent;
  child.span_id = RandomId<8>();
  return child;
}

}  // namespace docspace::gateway::tracing
