#include "server/base/host_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/ascii.h"

namespace docspace::gateway {
namespace {

bool IsHostCharacter(char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_'; }

// Returns whether `text` is a name or an IPv4 address.
bool IsName(std::string_view text) {
  return !text.empty() && !text.starts_with('.') && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, IsHostCharacter);
}

bool IsIpv6Address(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent != std::string_view::npos && !IsName(text.substr(percent + 1))) return false;
  const std::string address(text.substr(0, percent));
  in6_addr unused{};
  // inet_pton would stop at a NUL.
  return address.find('\0') == std::string::npos &&
         inet_pton(AF_INET6, address.c_str(), &unused) == 1;
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end) return std::nullopt;
  return port;
}

}  // namespace

bool IsHost(std::string_view text) { return IsName(text) || IsIpv6Address(text); }

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  const bool is_bracketed = text.starts_with('[');
  const std::size_t end = text.find(is_bracketed ? ']' : ':');
  if (is_bracketed && end == std::string_view::npos) {
    return absl::InvalidArgumentError("has an unfinished IPv6 address");
  }
  const std::string_view host = is_bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  if (host.empty()) return absl::InvalidArgumentError("has no host");
  if (is_bracketed ? !IsIpv6Address(host) : !IsName(host)) {
    return absl::InvalidArgumentError(is_bracketed ? "has an impossible IPv6 address"
                                                   : "has an impossible host name");
  }
  HostPort result{.host = std::string(host)};
  const std::string_view rest = text.substr(host.size() + (is_bracketed ? 2 : 0));
  if (rest.empty()) return result;
  result.port = rest.starts_with(':') ? ParsePort(rest.substr(1)) : std::nullopt;
  if (!result.port) {
    return absl::InvalidArgumentError("has a port that is not a number up to 65535");
  }
  return result;
}

std::string FormatHostPort(std::string_view host, std::optional<std::uint16_t> port) {
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  std::string text = is_ipv6 ? absl::StrCat("[", ToAbsl(host), "]") : std::string(host);
  if (port) absl::StrAppend(&text, ":", *port);
  return text;
}

}  // namespace docspace::gateway
