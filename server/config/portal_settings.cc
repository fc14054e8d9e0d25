#include "server/config/portal_settings.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/caller/portal_router.h"
#include "server/config/proxy_choice.h"
#include "server/config/setting_types.h"
#include "server/http/origin.h"

namespace docspace::gateway {
namespace {

absl::Status ParseHost(const std::string& value, http::Origin& origin) {
  if (!value.empty() && !http::IsAuthority(value)) {
    return InvalidSetting("must be host or host:port");
  }
  origin.host_header = value;
  return absl::OkStatus();
}

absl::Status ParseServerName(const std::string& value, http::Origin& origin) {
  if (!value.empty() && !http::IsHostName(value)) return InvalidSetting("must be a host name");
  origin.server_name = value;
  return absl::OkStatus();
}

bool IsPortalName(std::string_view name) {
  return !name.empty() && name.size() <= 63 && name != kDefaultPortal &&
         std::ranges::all_of(name, [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '.';
         });
}

absl::Status ParseProxy(const std::string& value, PortalAccess& access) {
  if (!value.empty() && value != kNoProxy && value != kProxyOfEnvironment) {
    const absl::StatusOr<HostPort> proxy = ParseProxyUrl(value);
    if (!proxy.ok()) return proxy.status();
  }
  access.proxy_choice = value;
  return absl::OkStatus();
}

absl::Status ParseMember(const std::string& name, const std::string& value, http::Origin& origin,
                         PortalAccess& access) {
  if (name == "host") return ParseHost(value, origin);
  if (name == "server-name") return ParseServerName(value, origin);
  absl::Status status = InvalidSetting(
      "has a member that is neither url, host, server-name, proxy, proxy-credential-file nor "
      "headers-file");
  if (name == "proxy") status = ParseProxy(value, access);
  if (name == "proxy-credential-file") status = ParseFileName(value, access.proxy_credential_file);
  if (name == "headers-file") status = ParseFileName(value, access.headers_file);
  return status;
}

// Parses `url`, followed by members `;name=value`.
absl::StatusOr<http::Origin> ParsePortal(const std::string& text, PortalAccess& access) {
  const std::vector<std::string> parts = absl::StrSplit(text, ';');
  absl::StatusOr<http::Origin> origin = http::ParseOrigin(parts.front());
  if (!origin.ok()) return origin.status();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::pair<std::string, std::string> member =
        absl::StrSplit(parts[i], absl::MaxSplits('=', 1));
    absl::Status status = ParseMember(member.first, member.second, *origin, access);
    if (!status.ok()) return status;
  }
  return origin;
}

}  // namespace

absl::Status ParsePortalUrl(const std::string& value, Config& config) {
  if (value.empty()) return absl::OkStatus();
  absl::StatusOr<http::Origin> origin = http::ParseOrigin(value);
  if (!origin.ok()) return origin.status();
  config.portal.origin = *std::move(origin);
  return absl::OkStatus();
}

absl::Status ParsePortalHost(const std::string& value, Config& config) {
  return ParseHost(value, config.portal.origin);
}

absl::Status ParsePortalServerName(const std::string& value, Config& config) {
  return ParseServerName(value, config.portal.origin);
}

absl::Status ParsePortalProxy(const std::string& value, Config& config) {
  return ParseProxy(value, config.portal.common_access);
}

absl::Status ParsePortals(const std::string& value, Config& config) {
  int number = 0;
  for (const std::string& item : SplitItems(value)) {
    ++number;
    const std::pair<std::string, std::string> entry = absl::StrSplit(item, absl::MaxSplits('=', 1));
    if (!IsPortalName(entry.first) || entry.second.empty()) {
      return InvalidSetting(
          "must be name=url,…; a name is 1 to 63 of a-z, 0-9, - and ., and not `default`");
    }
    PortalAccess access;
    absl::StatusOr<http::Origin> origin = ParsePortal(entry.second, access);
    if (!origin.ok()) {
      return InvalidSetting(absl::StrCat("for portal ", number, " ", origin.status().message()));
    }
    if (!config.portal.named.emplace(entry.first, *std::move(origin)).second) {
      return InvalidSetting(absl::StrCat("gives portal ", number, " the name of an earlier one"));
    }
    config.portal.access.emplace(entry.first, std::move(access));
  }
  return absl::OkStatus();
}

}  // namespace docspace::gateway
