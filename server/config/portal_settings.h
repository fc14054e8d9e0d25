// The grammar of the settings that name portals.
#ifndef SERVER_CONFIG_PORTAL_SETTINGS_H_
#define SERVER_CONFIG_PORTAL_SETTINGS_H_

#include <string>

#include "absl/status/status.h"
#include "server/config/config.h"

namespace docspace::gateway {

// These functions are SettingParsers; see setting_types.h.

// Parses the URL of the default portal. An empty value names none.
absl::Status ParsePortalUrl(const std::string& value, Config& config);
// Parses the Host header for the default portal.
absl::Status ParsePortalHost(const std::string& value, Config& config);
// Parses the name in the certificate of the default portal.
absl::Status ParsePortalServerName(const std::string& value, Config& config);
// Parses the proxy of all portals that name none of their own: an empty value, `none`,
// `environment`, or `http://host:port`.
absl::Status ParsePortalProxy(const std::string& value, Config& config);
// Parses `name=url`, each followed by members `;name=value`: host, server-name, proxy,
// proxy-credential-file and headers-file. Entries are separated by commas. A message names a portal
// by its number, because its name may be a credential in the wrong place.
absl::Status ParsePortals(const std::string& value, Config& config);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_PORTAL_SETTINGS_H_
