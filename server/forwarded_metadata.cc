#include "server/forwarded_metadata.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>

namespace docspace::gateway {
namespace {

constexpr std::size_t kMaxRequestId = 128;
constexpr std::size_t kMaxTraceState = 512;  // W3C Trace Context section 3.3.1.5.
constexpr std::size_t kMaxAcceptLanguage = 256;
constexpr std::size_t kMaxReturned = 256;

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ConsistsOf(std::string_view text, std::string_view punctuation) {
  return std::ranges::all_of(text, [punctuation](char c) {
    return IsAlphanumeric(c) || punctuation.find(c) != std::string_view::npos;
  });
}

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool IsRequestId(std::string_view value) {
  return !value.empty() && value.size() <= kMaxRequestId && ConsistsOf(value, "._-:");
}

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// W3C Trace Context section 3.2: `00-<32 hex>-<16 hex>-<2 hex>`, in lower case, no id all zeros.
bool IsTraceParent(std::string_view value) {
  if (value.size() != 55 || value[2] != '-' || value[35] != '-' || value[52] != '-') return false;
  const std::string_view version = value.substr(0, 2);
  const std::string_view trace_id = value.substr(3, 32);
  const std::string_view parent_id = value.substr(36, 16);
  return IsLowerHex(version) && version != "ff" && IsLowerHex(trace_id) && !IsZero(trace_id) &&
         IsLowerHex(parent_id) && !IsZero(parent_id) && IsLowerHex(value.substr(53));
}

// 128 random bits in hexadecimal: told apart from each other, and no secret.
std::string NewRequestId() {
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  std::string id(32, '0');
  for (std::size_t i = 0; i < id.size(); i += 16) {
    std::uint64_t bits = random();
    for (std::size_t digit = 0; digit < 16; ++digit, bits >>= 4) {
      id[i + digit] = "0123456789abcdef"[bits & 15];
    }
  }
  return id;
}

std::string_view Find(const MetadataView& metadata, std::string_view name) {
  for (const auto& [key, value] : metadata) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

ForwardedMetadata ForwardedFrom(const MetadataView& metadata) {
  ForwardedMetadata forwarded;
  const std::string_view request_id = Find(metadata, "x-request-id");
  forwarded.request_id = IsRequestId(request_id) ? std::string(request_id) : NewRequestId();
  forwarded.headers.push_back({"X-Request-Id", forwarded.request_id});

  const auto forward = [&forwarded](const char* name, std::string_view value) {
    forwarded.headers.push_back({name, std::string(value)});
  };
  const std::string_view trace_parent = Find(metadata, "traceparent");
  if (IsTraceParent(trace_parent)) {
    forward("traceparent", trace_parent);
    const std::string_view trace_state = Find(metadata, "tracestate");
    if (!trace_state.empty() && trace_state.size() <= kMaxTraceState && IsPrintable(trace_state)) {
      forward("tracestate", trace_state);
    }
  }
  const std::string_view language = Find(metadata, "accept-language");
  if (!language.empty() && language.size() <= kMaxAcceptLanguage &&
      ConsistsOf(language, "-*,;=. ")) {
    forward("Accept-Language", language);
  }
  return forwarded;
}

std::vector<http::Header> ReturnedFrom(const http::Response& response) {
  std::vector<http::Header> returned;
  for (const char* name :
       {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}) {
    const std::string_view value = response.Find(name);
    if (value.empty() || value.size() > kMaxReturned || !IsPrintable(value)) continue;
    returned.push_back({name, std::string(value)});
  }
  return returned;
}

}  // namespace docspace::gateway
