#include "server/tracing/trace_context.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/ascii.h"
#include "server/base/hex_bytes.h"

namespace docspace::gateway::tracing {
namespace {

constexpr std::size_t kTraceParent = 55;  // The length of version 00.
constexpr std::size_t kMaxTraceParent = 256;
// W3C Trace Context section 3.3.1.5 asks for at least 512 characters; a value may be longer.
constexpr std::size_t kMaxTraceState = 4096;
constexpr unsigned kSampled = 1;

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return absl::ascii_isxdigit(c) && !absl::ascii_isupper(c); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// Writes the bytes of `hex`, which must have two digits for each element of `octets`.
void FromHex(std::string_view hex, std::span<std::uint8_t> octets) {
  std::ranges::copy(HexBytes(ToAbsl(hex)), octets.begin());
}

std::string ToHex(std::span<const std::uint8_t> octets) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(octets.data()), octets.size()});
}

}  // namespace

bool IsTraceParent(std::string_view value) {
  if (value.size() < kTraceParent || value[2] != '-' || value[35] != '-' || value[52] != '-') {
    return false;
  }
  const std::string_view version = value.substr(0, 2);
  if (value.size() > kTraceParent &&
      (version == "00" || value[kTraceParent] != '-' || value.size() > kMaxTraceParent ||
       !IsPrintableAscii(value.substr(kTraceParent)))) {
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
  std::array<std::uint8_t, 1> flags{};
  FromHex(value.substr(53, 2), flags);
  context.sampled = (flags[0] & kSampled) != 0;
  return context;
}

std::string WriteTraceParent(const TraceContext& context) {
  return absl::StrCat("00-", ToHex(context.trace_id), "-", ToHex(context.span_id),
                      context.sampled ? "-01" : "-00");
}

bool IsTraceState(std::string_view value) {
  return !value.empty() && value.size() <= kMaxTraceState && IsPrintableAscii(value);
}

}  // namespace docspace::gateway::tracing
