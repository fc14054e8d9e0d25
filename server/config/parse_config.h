// Makes the configuration: flags take precedence over environment variables, these over the file,
// the file over the variables of OpenTelemetry, and these over defaults.
#ifndef SERVER_CONFIG_PARSE_CONFIG_H_
#define SERVER_CONFIG_PARSE_CONFIG_H_

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config/config.h"
#include "server/config/settings.h"

namespace docspace::gateway {

// The effective value of a setting and where it came from: its flag, its environment variable, a
// line of the file, a variable of OpenTelemetry, or `default`.
struct EffectiveSetting {
  SettingName name;
  std::string value;
  std::string source;
};

// A deprecated name of a setting that a source used, and the name that replaces it.
struct DeprecatedName {
  std::string used;
  std::string replacement;
};

struct ParsedConfig {
  Config config;
  // Every setting, in the order of the table.
  std::vector<EffectiveSetting> settings;
  std::vector<DeprecatedName> deprecated_names;
  // What is wrong with OpenTelemetry's variables: "OTEL_SDK_DISABLED is neither true nor false; …".
  std::vector<std::string> warnings;
};

// `lookup` returns the value of an environment variable, or null. A line break at the end of a
// value is removed, and an empty value counts as unset. Returns INVALID_ARGUMENT if a setting is
// wrong or unknown; a wrong value of OpenTelemetry's variables is a warning, and the default
// counts. The message names the setting and its source, also if the source used a deprecated name.
// It repeats no value, because a value may be a password in the wrong place.
absl::StatusOr<ParsedConfig> ParseConfig(std::span<const std::string> arguments,
                                         const std::function<const char*(const char*)>& lookup);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_PARSE_CONFIG_H_
