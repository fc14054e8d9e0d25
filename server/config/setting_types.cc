#include "server/config/setting_types.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "server/base/host_port.h"
#include "server/http/origin.h"

namespace docspace::gateway {
namespace {

// Returns the number that the whole of `value` is in decimal notation, with or without an exponent.
std::optional<double> ParseNumber(std::string_view value) {
  double number = 0;
  const char* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

}  // namespace

absl::Status InvalidSetting(const std::string& what) { return absl::InvalidArgumentError(what); }

std::vector<std::string> SplitItems(const std::string& value) {
  if (value.empty()) return {};
  return absl::StrSplit(value, ',');
}

SettingParser ParseCount(Member<std::size_t> member, std::size_t least, std::size_t most) {
  return [member, least, most](const std::string& value, Config& config) {
    // Every limit is far below 2^53, up to which a double holds each whole number.
    const std::optional<double> number = ParseNumber(value);
    if (!number || !(*number >= static_cast<double>(least)) ||
        !(*number <= static_cast<double>(most)) || std::trunc(*number) != *number) {
      return InvalidSetting(absl::StrCat("must be a whole number from ", least, " to ", most));
    }
    member(config) = static_cast<std::size_t>(*number);
    return absl::OkStatus();
  };
}

SettingParser ParseRatio(Member<double> member) {
  return [member](const std::string& value, Config& config) {
    const std::optional<double> ratio = ParseNumber(value);
    // The comparisons are false for NaN.
    const bool is_ratio = ratio && *ratio >= 0 && *ratio <= 1;
    if (!is_ratio) {
      return InvalidSetting("must be a number from 0 to 1");
    }
    member(config) = *ratio;
    return absl::OkStatus();
  };
}

SettingParser ParseDuration(Member<std::chrono::steady_clock::duration> member,
                            std::chrono::steady_clock::duration least) {
  return [member, least](const std::string& value, Config& config) {
    absl::Duration duration;
    if (!absl::ParseDuration(value, &duration) || duration < absl::FromChrono(least) ||
        duration > absl::Hours(24)) {
      return InvalidSetting(absl::StrCat("must be a duration such as 250ms, 30s or 10m, from ",
                                         absl::FormatDuration(absl::FromChrono(least)), " to 24h"));
    }
    member(config) = absl::ToChronoNanoseconds(duration);
    return absl::OkStatus();
  };
}

SettingParser ParseSwitch(Member<bool> member) {
  return [member](const std::string& value, Config& config) {
    // https://yaml.org/type/bool.html without `y`, `yes`, `n` and `no`.
    constexpr std::string_view kOn[] = {"on", "On", "ON", "true", "True", "TRUE"};
    constexpr std::string_view kOff[] = {"off", "Off", "OFF", "false", "False", "FALSE"};
    const bool is_on = std::ranges::find(kOn, value) != std::end(kOn);
    if (!is_on && std::ranges::find(kOff, value) == std::end(kOff)) {
      return InvalidSetting("must be on or off");
    }
    member(config) = is_on;
    return absl::OkStatus();
  };
}

SettingParser ParseText(Member<std::string> member) {
  return [member](const std::string& value, Config& config) {
    member(config) = value;
    return absl::OkStatus();
  };
}

absl::Status ParseFileName(const std::string& value, std::string& file) {
  std::error_code error;
  if (!value.empty() && !std::filesystem::is_regular_file(value, error)) {
    return InvalidSetting("names no file");
  }
  file = value;
  return absl::OkStatus();
}

SettingParser ParseFile(Member<std::string> member) {
  return [member](const std::string& value, Config& config) {
    return ParseFileName(value, member(config));
  };
}

SettingParser ParseAddress(Member<std::string> member, bool may_be_empty) {
  return [member, may_be_empty](const std::string& value, Config& config) {
    if (!may_be_empty || !value.empty()) {
      const absl::StatusOr<HostPort> address = ParseHostPort(value);
      if (!address.ok() || !address->port) {
        return InvalidSetting(
            "must be address:port, such as 0.0.0.0:50051 or [::]:50051; port 0 selects a free one");
      }
    }
    member(config) = value;
    return absl::OkStatus();
  };
}

SettingParser ParseHostNames(Member<std::vector<std::string>> member) {
  return [member](const std::string& value, Config& config) {
    member(config) = SplitItems(value);
    if (!std::ranges::all_of(member(config), http::IsHostName)) {
      return InvalidSetting("must be host names, without ports, separated by single commas");
    }
    return absl::OkStatus();
  };
}

}  // namespace docspace::gateway
