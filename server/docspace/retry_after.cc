#include "server/docspace/retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"

namespace docspace::gateway {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24);

std::optional<absl::Time> ParseHttpDate(std::string_view value) {
  constexpr std::size_t kLongestDate = 40;
  // The check excludes "infinite-future", which absl::ParseTime accepts as well.
  if (value.size() > kLongestDate || value.find(':') == std::string_view::npos) return std::nullopt;
  absl::Time time;
  for (const char* format : {"%a, %d %b %Y %H:%M:%S GMT",  // IMF-fixdate
                             "%A, %d-%b-%y %H:%M:%S GMT",  // RFC 850
                             "%a %b %e %H:%M:%S %Y"}) {    // asctime
    if (absl::ParseTime(format, std::string(value), &time, nullptr)) return time;
  }
  return std::nullopt;
}

}  // namespace

std::optional<absl::Duration> ParseRetryAfter(std::string_view value, absl::Time now) {
  const bool all_digits = !value.empty() && std::ranges::all_of(value, absl::ascii_isdigit);
  if (all_digits) {
    const auto longest = static_cast<std::uint64_t>(absl::ToInt64Seconds(kLongest));
    std::uint64_t seconds = longest;  // The result for a number beyond 64 bits.
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    return absl::Seconds(std::min(seconds, longest));
  }
  const std::optional<absl::Time> date = ParseHttpDate(value);
  if (!date) return std::nullopt;
  return std::clamp(*date - now, absl::ZeroDuration(), kLongest);
}

}  // namespace docspace::gateway
