#include "server/docspace/retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace docspace::gateway {

std::optional<absl::Duration> ParseRetryAfter(std::string_view value) {
  constexpr std::uint64_t kMaxSeconds = 3600;
  const bool all_digits =
      !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  if (!all_digits) return std::nullopt;
  std::uint64_t seconds = kMaxSeconds;  // What it stays for a number beyond 64 bits.
  std::from_chars(value.data(), value.data() + value.size(), seconds);
  return absl::Seconds(std::min(seconds, kMaxSeconds));
}

}  // namespace docspace::gateway
