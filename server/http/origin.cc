#include "server/http/origin.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "server/base/ascii.h"
#include "server/base/host_port.h"

namespace docspace::gateway::http {
namespace {

absl::Status Refuse(const std::string& why) { return absl::InvalidArgumentError(why); }

bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  if (!StartsWithIgnoreCase(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool IsPathOctet(char c) {
  return absl::ascii_isalnum(c) ||
         std::string_view("/-._~%!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

std::string_view WithoutFinalDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// Returns whether `host` has a zone, for which a URL has no place (RFC 3986 section 3.2.2).
bool HasZone(std::string_view host) { return host.find('%') != std::string_view::npos; }

std::uint16_t DefaultPort(bool tls) { return tls ? 443 : 80; }

std::string WithPort(const Origin& origin, std::string_view host) {
  const bool is_default = origin.port == DefaultPort(origin.tls);
  return FormatHostPort(host, is_default ? std::nullopt : std::optional(origin.port));
}

}  // namespace

std::string Origin::Authority() const {
  return host_header.empty() ? WithPort(*this, WithoutFinalDot(host)) : host_header;
}

std::string Origin::Url() const {
  return (tls ? "https://" : "http://") + WithPort(*this, host) + base_path;
}

std::string Origin::ServerName() const {
  return std::string(WithoutFinalDot(server_name.empty() ? host : server_name));
}

bool IsAuthority(std::string_view text) {
  const absl::StatusOr<Origin> origin = ParseOrigin("https://" + std::string(text));
  return origin.ok() && text.find('/') == std::string_view::npos;
}

bool IsHostName(std::string_view text) { return IsHost(text) && !HasZone(text); }

absl::StatusOr<Origin> ParseOrigin(std::string_view url) {
  Origin origin;
  if (ConsumePrefix(url, "https://")) {
    origin.tls = true;
  } else if (!ConsumePrefix(url, "http://")) {
    return Refuse("must start with https:// or http://");
  }
  if (url.find_first_of("?#") != std::string_view::npos) {
    return Refuse("must not have a query or a fragment");
  }
  std::string_view authority = url.substr(0, url.find('/'));
  std::string_view path = url.substr(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return Refuse("must not carry a user or password: callers send their own credentials");
  }

  absl::StatusOr<HostPort> host_port = ParseHostPort(authority);
  if (!host_port.ok()) return host_port.status();
  if (HasZone(host_port->host)) return Refuse("has an impossible IPv6 address");
  origin.host = std::move(host_port->host);
  origin.port = host_port->port.value_or(DefaultPort(origin.tls));
  if (origin.port == 0) return Refuse("has a port that is not a number from 1 to 65535");

  if (!std::ranges::all_of(path, IsPathOctet))
    return Refuse("has a path with a byte that a path must not have");
  while (path.ends_with('/')) path.remove_suffix(1);
  origin.base_path = path;
  return origin;
}

}  // namespace docspace::gateway::http
