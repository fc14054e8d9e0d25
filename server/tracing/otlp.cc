#include "server/tracing/otlp.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <variant>

#include "absl/strings/str_format.h"
#include "server/base/random_bits.h"

namespace docspace::gateway::tracing {
namespace {

namespace common = opentelemetry::proto::common::v1;
namespace trace = opentelemetry::proto::trace::v1;

constexpr unsigned kSampled = 1;  // The exporter gets sampled spans only.

template <std::size_t size>
std::string Octets(const std::array<std::uint8_t, size>& id) {
  return {id.begin(), id.end()};
}

std::uint64_t Nanoseconds(Span::Time time) {
  using std::chrono::duration_cast, std::chrono::nanoseconds;
  return static_cast<std::uint64_t>(duration_cast<nanoseconds>(time.time_since_epoch()).count());
}

void Set(common::KeyValue& pair, std::string_view key, const std::string& value) {
  pair.set_key(std::string(key));
  pair.mutable_value()->set_string_value(value);
}

void Set(common::KeyValue& pair, const Attribute& attribute) {
  common::AnyValue& value = *pair.mutable_value();
  pair.set_key(std::string(attribute.key));
  if (const auto* text = std::get_if<std::string>(&attribute.value)) value.set_string_value(*text);
  if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
    value.set_int_value(*number);
  }
  if (const auto* is = std::get_if<bool>(&attribute.value)) value.set_bool_value(*is);
}

void Set(trace::Span& to, const Span& span) {
  to.set_trace_id(Octets(span.trace_id));
  to.set_span_id(Octets(span.span_id));
  if (span.parent_id != SpanId{}) to.set_parent_span_id(Octets(span.parent_id));
  unsigned flags = kSampled | trace::SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK;
  if (span.remote_parent) flags |= trace::SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK;
  to.set_flags(flags);
  to.set_kind(span.kind == Span::Kind::kServer ? trace::Span::SPAN_KIND_SERVER
                                               : trace::Span::SPAN_KIND_CLIENT);
  to.set_name(span.name);
  to.set_start_time_unix_nano(Nanoseconds(span.start));
  // The system's clock may have been set back in the meantime.
  to.set_end_time_unix_nano(Nanoseconds(std::max(span.start, span.end)));
  if (span.failed) to.mutable_status()->set_code(trace::Status::STATUS_CODE_ERROR);
  for (const Attribute& attribute : span.attributes) Set(*to.add_attributes(), attribute);
}

}  // namespace

// A version 4 UUID, RFC 9562.
std::string NewInstanceId() {
  const std::uint64_t high = (RandomBits() & ~0xF000U) | 0x4000U;
  const std::uint64_t low = (RandomBits() >> 2) | std::uint64_t{1} << 63;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, high >> 16 & 0xFFFF,
                         high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFF);
}

opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest ToOtlp(
    const Resource& resource, std::span<const Span> spans) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
  trace::ResourceSpans& ours = *request.add_resource_spans();
  auto& attributes = *ours.mutable_resource()->mutable_attributes();
  std::map<std::string, std::string> values(resource.attributes.begin(), resource.attributes.end());
  values["service.name"] = resource.service_name;
  values["service.version"] = resource.service_version;
  values.try_emplace("service.instance.id", resource.service_instance_id);
  for (const auto& [key, value] : values) Set(*attributes.Add(), key, value);
  trace::ScopeSpans& scope = *ours.add_scope_spans();
  scope.mutable_scope()->set_name("docspace-apikeys-gateway");
  scope.mutable_scope()->set_version(resource.service_version);
  for (const Span& span : spans) Set(*scope.add_spans(), span);
  return request;
}

}  // namespace docspace::gateway::tracing
