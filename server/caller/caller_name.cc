#include "server/caller/caller_name.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "server/base/ascii.h"
#include "server/http/origin.h"

namespace docspace::gateway {
namespace {

constexpr std::string_view kSpiffe = "spiffe://";
constexpr std::size_t kMaxSpiffeId = 2048;
constexpr std::size_t kMaxTrustDomain = 255;

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_'; }

bool IsTrustDomain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTrustDomain && std::ranges::all_of(text, [](char c) {
    return IsNameCharacter(c) && !absl::ascii_isupper(c);
  });
}

bool IsSegment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && std::ranges::all_of(text, IsNameCharacter);
}

// Segments that are separated by single slashes; at least one.
bool AreSegments(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (!IsSegment(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

bool IsSpiffeId(std::string_view uri) {
  if (!uri.starts_with(kSpiffe) || uri.size() > kMaxSpiffeId) return false;
  uri.remove_prefix(kSpiffe.size());
  const std::size_t slash = uri.find('/');
  return slash != std::string_view::npos && IsTrustDomain(uri.substr(0, slash)) &&
         AreSegments(uri.substr(slash + 1));
}

bool CallerName::IsValid() const {
  if (!is_uri()) return http::IsHostName(allowed_);
  if (allowed_.starts_with("://")) return false;
  if (!StartsWithIgnoreCase(allowed_, kSpiffe)) return true;
  if (!is_pattern()) return IsSpiffeId(allowed_);
  const std::string_view above = allowed_.substr(0, allowed_.size() - 2);
  return IsSpiffeId(above) ||
         (above.starts_with(kSpiffe) && IsTrustDomain(above.substr(kSpiffe.size())));
}

bool CallerName::MatchesUri(std::string_view uri) const {
  if (!is_uri() || (uri.starts_with(kSpiffe) && !IsSpiffeId(uri))) return false;
  if (!is_pattern()) return uri == allowed_;
  const std::string_view above = allowed_.substr(0, allowed_.size() - 1);
  return uri.starts_with(above) && AreSegments(uri.substr(above.size()));
}

bool CallerName::MatchesDnsName(std::string_view dns_name) const {
  return !is_uri() && EqualsIgnoreCase(allowed_, dns_name);
}

}  // namespace docspace::gateway
