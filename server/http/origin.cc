#include "server/http/origin.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace docspace::gateway::http {
namespace {

absl::Status Refuse(const std::string& why) { return absl::InvalidArgumentError(why); }

bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size() || strncasecmp(text.data(), prefix.data(), prefix.size()) != 0) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsHostOctet(char c) { return IsAlphanumeric(c) || c == '-' || c == '.' || c == '_'; }
bool IsIpv6Octet(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
         c == '.';
}
bool IsPathOctet(char c) {
  return IsAlphanumeric(c) ||
         std::string_view("/-._~%!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::string_view WithoutFinalDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::string HostAndPort(const Origin& origin, std::string_view host) {
  std::string text(host);
  if (host.find(':') != std::string_view::npos) text = "[" + text + "]";
  if (origin.port != (origin.tls ? 443 : 80)) text += ":" + std::to_string(origin.port);
  return text;
}

}  // namespace

std::string Origin::Authority() const {
  return host_header.empty() ? HostAndPort(*this, WithoutFinalDot(host)) : host_header;
}

std::string Origin::Url() const {
  return (tls ? "https://" : "http://") + HostAndPort(*this, host) + base_path;
}

std::string Origin::ServerName() const {
  return std::string(WithoutFinalDot(server_name.empty() ? host : server_name));
}

bool IsAuthority(std::string_view text) {
  const absl::StatusOr<Origin> origin = ParseOrigin("https://" + std::string(text));
  return origin.ok() && text.find('/') == std::string_view::npos;
}

bool IsHostName(std::string_view text) {
  const bool is_address = text.find(':') != std::string_view::npos;
  return !WithoutFinalDot(text).empty() &&
         std::ranges::all_of(text, is_address ? IsIpv6Octet : IsHostOctet);
}

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

  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return Refuse("has an unfinished IPv6 address");
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!std::ranges::all_of(host, IsIpv6Octet)) return Refuse("has an impossible IPv6 address");
  } else {
    host = authority.substr(0, authority.find(':'));
    port = authority.substr(host.size());
    if (!std::ranges::all_of(host, IsHostOctet)) return Refuse("has an impossible host name");
  }
  if (host.empty()) return Refuse("has no host");
  // One final dot ends a name; anything else between dots is a label, and has an octet at least.
  if (host.starts_with('.') || host.find("..") != std::string_view::npos) {
    return Refuse("has an impossible host name");
  }
  origin.host = host;

  origin.port = origin.tls ? 443 : 80;
  if (!port.empty()) {
    const auto number = port.starts_with(':') ? ParsePort(port.substr(1)) : std::nullopt;
    if (!number) return Refuse("has a port that is not a number from 1 to 65535");
    origin.port = *number;
  }

  if (!std::ranges::all_of(path, IsPathOctet)) return Refuse("has a path with an impossible octet");
  while (path.ends_with('/')) path.remove_suffix(1);
  origin.base_path = path;
  return origin;
}

}  // namespace docspace::gateway::http
