#include "server/tracing/tracer.h"

#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "server/random_bits.h"

namespace docspace::gateway::tracing {
namespace {

constexpr std::uint64_t kAll = std::uint64_t{1} << 56;

// Not all zeros, which would be none.
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

Tracer::Tracer(double root_ratio, std::function<void(Span)> finished)
    : threshold_(
          static_cast<std::uint64_t>(std::llround((1 - root_ratio) * static_cast<double>(kAll)))),
      finished_(std::move(finished)) {}

TraceContext Tracer::Begin(const std::optional<TraceContext>& parent) const {
  if (parent) return BeginChild(*parent);
  TraceContext root{.trace_id = RandomId<16>(), .span_id = RandomId<8>()};
  root.sampled = Last56Bits(root.trace_id) >= threshold_;
  return root;
}

TraceContext Tracer::BeginChild(const TraceContext& parent) {
  TraceContext child = parent;
  child.span_id = RandomId<8>();
  return child;
}

}  // namespace docspace::gateway::tracing
