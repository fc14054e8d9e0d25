#include "server/config/proxy_choice.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/system/error_code.hpp>
#include <initializer_list>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/ascii.h"
#include "server/config/setting_types.h"

namespace docspace::gateway {
namespace {

namespace ip = boost::asio::ip;

using Lookup = std::function<const char*(const char*)>;

constexpr std::string_view kHttp = "http://";

std::optional<ip::address> ParseAddressLiteral(std::string_view text) {
  boost::system::error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address;
}

// Returns whether the block `text`, such as `10.0.0.0/8`, contains `address`.
bool BlockContains(std::string_view text, const ip::address& address) {
  boost::system::error_code error;
  if (address.is_v4()) {
    const ip::network_v4 block = ip::make_network_v4(std::string(text), error);
    const ip::network_v4 host(address.to_v4(), 32);
    return !error && (host == block || host.is_subnet_of(block));
  }
  const ip::network_v6 block = ip::make_network_v6(std::string(text), error);
  const ip::network_v6 host(address.to_v6(), 128);
  return !error && (host == block || host.is_subnet_of(block));
}

bool IsInDomain(std::string_view host, std::string_view domain) {
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || host.size() < domain.size()) return false;
  const std::string_view tail = host.substr(host.size() - domain.size());
  return EqualsIgnoreCase(tail, domain) &&
         (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

bool EntryNames(std::string_view entry, std::string_view host, std::uint16_t port) {
  if (entry == "*") return true;
  const std::optional<ip::address> address = ParseAddressLiteral(host);
  if (address && BlockContains(entry, *address)) return true;
  // An address is compared as such, because `::1` and `0:0:0:0:0:0:0:1` are the same.
  if (const auto literal = ParseAddressLiteral(entry)) return address && *literal == *address;
  // ParseHostPort takes no name that begins with a dot.
  if (entry.starts_with('.')) entry.remove_prefix(1);
  const absl::StatusOr<HostPort> named = ParseHostPort(entry);
  if (!named.ok() || (named->port && *named->port != port)) return false;
  if (const auto literal = ParseAddressLiteral(named->host)) return address && *literal == *address;
  return !address && IsInDomain(host, named->host);
}

// The value of the first of these variables that is set, with its name.
struct Variable {
  std::string_view name;
  std::string value;
};

std::optional<Variable> FindVariable(const Lookup& lookup,
                                     std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = lookup(name);
    if (value == nullptr) continue;
    const std::string_view text = StripAsciiWhitespace(value);
    if (!text.empty()) return Variable{name, std::string(text)};
  }
  return std::nullopt;
}

// Returns the proxy that the environment names for `origin`; one without a host if it names none.
absl::StatusOr<HostPort> ProxyOfEnvironment(const Lookup& lookup, const http::Origin& origin) {
  // The spelling in capitals of HTTP_PROXY is dangerous only to CGI programs, to which a request's
  // header `Proxy` looks the same.
  const std::optional<Variable> proxy = origin.tls
                                            ? FindVariable(lookup, {"https_proxy", "HTTPS_PROXY"})
                                            : FindVariable(lookup, {"http_proxy", "HTTP_PROXY"});
  if (!proxy) return HostPort();
  const std::optional<Variable> exceptions = FindVariable(lookup, {"no_proxy", "NO_PROXY"});
  std::string_view host = origin.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (exceptions && IsInNoProxy(exceptions->value, host, origin.port)) return HostPort();
  const bool has_scheme = proxy->value.find("://") != std::string::npos;
  absl::StatusOr<HostPort> parsed =
      ParseProxyUrl(has_scheme ? proxy->value : absl::StrCat(ToAbsl(kHttp), proxy->value));
  if (!parsed.ok()) {
    return InvalidSetting(absl::StrCat(ToAbsl(proxy->name), ", which --portal-proxy reads, ",
                                       parsed.status().message()));
  }
  return parsed;
}

}  // namespace

absl::StatusOr<HostPort> ParseProxyUrl(std::string_view url) {
  if (!StartsWithIgnoreCase(url, kHttp)) {
    return InvalidSetting("must be http://host:port, environment or none");
  }
  url.remove_prefix(kHttp.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find('@') != std::string_view::npos) {
    return InvalidSetting(
        "must not carry a user or password, which belong into the file of "
        "--portal-proxy-credential-file");
  }
  absl::StatusOr<HostPort> proxy = ParseHostPort(url);
  if (!proxy.ok()) return InvalidSetting(std::string(proxy.status().message()));
  if (!proxy->port || *proxy->port == 0) {
    return InvalidSetting("must name the proxy's port, from 1 to 65535");
  }
  return proxy;
}

bool IsInNoProxy(std::string_view no_proxy, std::string_view host, std::uint16_t port) {
  const std::vector<std::string> entries =
      absl::StrSplit(ToAbsl(no_proxy), absl::ByAnyChar(", \t"), absl::SkipEmpty());
  return std::ranges::any_of(
      entries, [&](const std::string& entry) { return EntryNames(entry, host, port); });
}

absl::Status ChooseProxies(const Lookup& lookup, Config& config) {
  const PortalAccess& common = config.portal.common_access;
  if (!common.proxy_credential_file.empty() && common.proxy_choice.empty()) {
    return InvalidSetting("--portal-proxy-credential-file needs --portal-proxy");
  }
  for (const auto& [name, origin] : config.Portals()) {
    PortalAccess& access = config.portal.access[name];
    if (access.proxy_choice.empty()) {
      if (!access.proxy_credential_file.empty()) {
        return InvalidSetting("--portals has a proxy-credential-file of a portal without a proxy");
      }
      access.proxy_choice = common.proxy_choice;
      access.proxy_credential_file = common.proxy_credential_file;
    }
    if (access.proxy_choice.empty() || access.proxy_choice == kNoProxy) continue;
    absl::StatusOr<HostPort> proxy = access.proxy_choice == kProxyOfEnvironment
                                         ? ProxyOfEnvironment(lookup, origin)
                                         : ParseProxyUrl(access.proxy_choice);
    if (!proxy.ok()) return proxy.status();
    access.proxy = *std::move(proxy);
  }
  return absl::OkStatus();
}

}  // namespace docspace::gateway
