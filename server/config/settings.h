// The table of settings, from which flags, variables, the file, --help and the documentation come.
#ifndef SERVER_CONFIG_SETTINGS_H_
#define SERVER_CONFIG_SETTINGS_H_

#include <span>
#include <string_view>

#include "server/config/opentelemetry.h"
#include "server/config/setting_types.h"

namespace docspace::gateway {

// A flag and its environment variable. The name in the file is the flag without `--`.
struct SettingName {
  std::string_view flag;         // "--portal-url"
  std::string_view environment;  // "DOCSPACE_PORTAL_URL"

  std::string_view key() const { return flag.substr(2); }
};

// One row of the table.
struct Setting {
  SettingName name;
  std::string_view default_value;
  std::string_view help;
  SettingParser parse;
  // A deprecated name that is still accepted, but not documented by --help. Empty: there is none.
  SettingName former{};
  // Variables of OpenTelemetry that give the setting if nothing else does. Without `find` there are
  // none.
  OpenTelemetrySource opentelemetry{};
};

// Returns every setting, in the order in which they are documented.
std::span<const Setting> SettingsTable();

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_SETTINGS_H_
