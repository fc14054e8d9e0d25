#include "server/tracing/trace_context.h"

#include <algorithm>
#include <cstddef>

namespace docspace::gateway::tracing {
namespace {

constexpr std::size_t kTraceParent = 55;  // Of version 00.
constexpr std::size_t kMaxTraceParent = 256;
// W3C Trace Context section 3.3.1.5 asks for 512 at least, of what may be longer.
constexpr std::size_t kMaxTraceState = 4096;
constexpr unsigned kSampled = 1;

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

unsigned Digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

void FromHex(std::string_view hex, std::span<std::uint8_t> octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] = static_cast<std::uint8_t>(Digit(hex[2 * i]) << 4 | Digit(hex[2 * i + 1]));
  }
}

void AppendHex(std::string& text, std::span<const std::uint8_t> octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t octet : octets) {
    text.push_back(kDigits[octet >> 4]);
    text.push_back(kDigits[octet & 15]);
  }
}

}  // namespace

bool IsTraceParent(std::string_view value) {
  if (value.size() < kTraceParent || value[2] != '-' || value[35] != '-' || value[52] != '-') {
    return false;
  }
  const std::string_view version = value.substr(0, 2);
  if (value.size() > kTraceParent &&
      (version == "00" || value[kTraceParent] != '-' || value.size() > kMaxTraceParent ||
       !IsPrintable(value.substr(kTraceParent)))) {
    return false;
  }
  const std::string_view trace_id = TraceIdOf(value);
  const std::string_view span_id = SpanIdOf(value);
  return IsLowerHex(version) && version != "ff" && IsLowerHex(trace_id) && !IsZero(trace_id) &&
         IsLowerHex(span_id) && !IsZero(span_id) && IsLowerHex(value.substr(53, 2));
}

std::optional<TraceContext> ReadTraceParent(std::string_view value) {
  if (!IsTraceParent(value)) return std::nullopt;
  TraceContext context;
  FromHex(TraceIdOf(value), context.trace_id);
  FromHex(SpanIdOf(value), context.span_id);
  context.sampled = (Digit(value[54]) & kSampled) != 0;
  return context;
}

std::string WriteTraceParent(const TraceContext& context) {
  std::string value;
  value.reserve(kTraceParent);
  value.append("00-");
  AppendHex(value, context.trace_id);
  value.append("-");
  AppendHex(value, context.span_id);
  value.append(context.sampled ? "-01" : "-00");
  return value;
}

bool IsTraceState(std::string_view value) {
  return !value.empty() && value.size() <= kMaxTraceState && IsPrintable(value);
}

}  // namespace docspace::gateway::tracing
