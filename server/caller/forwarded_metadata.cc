#include "server/caller/forwarded_metadata.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/ascii.h"
#include "server/base/random_bits.h"
#include "server/tracing/trace_context.h"

namespace docspace::gateway {
namespace {

constexpr std::size_t kMaxRequestId = 128;
constexpr std::size_t kMaxAcceptLanguage = 256;
constexpr std::size_t kMaxReturned = 256;

bool ConsistsOf(std::string_view text, std::string_view punctuation) {
  return std::ranges::all_of(text, [punctuation](char c) {
    return absl::ascii_isalnum(c) || punctuation.find(c) != std::string_view::npos;
  });
}

bool IsRequestId(std::string_view value) {
  return !value.empty() && value.size() <= kMaxRequestId && ConsistsOf(value, "._-:");
}

// Returns 128 random bits in hexadecimal. They are unique, but not secret.
std::string NewRequestId() {
  return absl::StrCat(absl::Hex(RandomBits(), absl::kZeroPad16),
                      absl::Hex(RandomBits(), absl::kZeroPad16));
}

std::string_view Find(const MetadataView& metadata, std::string_view name) {
  for (const auto& [key, value] : metadata) {
    if (key == name) return value;
  }
  return {};
}

// Returns nothing if the name is given twice, because the meaning is not clear then.
std::string_view FindOnly(const MetadataView& metadata, std::string_view name) {
  std::string_view found;
  for (const auto& [key, value] : metadata) {
    if (key != name) continue;
    if (!found.empty()) return {};
    found = value;
  }
  return found;
}

// Returns the elements of a list that may be spread over several headers, RFC 9110 section 5.3.
std::string FindList(const MetadataView& metadata, std::string_view name) {
  std::string list;
  for (const auto& [key, value] : metadata) {
    if (key != name) continue;
    if (!list.empty()) list.push_back(',');
    list.append(value);
  }
  return list;
}

}  // namespace

ForwardedMetadata SelectForwarded(const MetadataView& metadata) {
  ForwardedMetadata forwarded;
  const std::string_view request_id = Find(metadata, "x-request-id");
  forwarded.request_id = IsRequestId(request_id) ? std::string(request_id) : NewRequestId();
  forwarded.headers.push_back({"X-Request-Id", forwarded.request_id});

  const auto forward = [&forwarded](const char* name, std::string value) {
    forwarded.headers.push_back({name, std::move(value)});
  };
  const std::string_view trace_parent = FindOnly(metadata, "traceparent");
  if (tracing::IsTraceParent(trace_parent)) {
    forward("traceparent", std::string(trace_parent));
    std::string trace_state = FindList(metadata, "tracestate");
    if (tracing::IsTraceState(trace_state)) forward("tracestate", std::move(trace_state));
  }
  const std::string_view language = Find(metadata, "accept-language");
  if (!language.empty() && language.size() <= kMaxAcceptLanguage &&
      ConsistsOf(language, "-*,;=. ")) {
    forward("Accept-Language", std::string(language));
  }
  return forwarded;
}

std::vector<http::Header> SelectReturned(const http::Response& response) {
  std::vector<http::Header> returned;
  for (const char* name :
       {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}) {
    const std::string_view value = response.Find(name);
    if (value.empty() || value.size() > kMaxReturned || !IsPrintableAscii(value)) continue;
    returned.push_back({name, std::string(value)});
  }
  return returned;
}

}  // namespace docspace::gateway
