#include "server/config/key_values.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "server/base/hex_bytes.h"
#include "server/base/http_chars.h"

namespace docspace::gateway {
namespace {

// Returns nothing if a `%` is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3 || !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      return std::nullopt;
    }
    decoded.append(HexBytes(text.substr(i + 1, 2)));
    i += 2;
  }
  return decoded;
}

}  // namespace

absl::StatusOr<KeyValues> ParseKeyValues(std::string_view text) {
  KeyValues pairs;
  for (absl::string_view item : absl::StrSplit(absl::string_view(text.data(), text.size()), ',')) {
    item = absl::StripAsciiWhitespace(item);
    if (item.empty()) continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    const absl::string_view key = absl::StripAsciiWhitespace(parts.first);
    if (!absl::StrContains(item, '=') || !IsToken({key.data(), key.size()})) {
      return absl::InvalidArgumentError("must be key=value pairs, separated by commas");
    }
    std::optional<std::string> value = PercentDecoded(absl::StripAsciiWhitespace(parts.second));
    if (!value) return absl::InvalidArgumentError("has a `%` without two hexadecimal digits");
    pairs.emplace_back(std::string(key), *std::move(value));
  }
  return pairs;
}

}  // namespace docspace::gateway
