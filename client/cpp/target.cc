#include "client/cpp/target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"

namespace docspace::apikeys {
namespace {

bool IsUnixSocket(std::string_view target) {
  return target.starts_with("unix:") || target.starts_with("unix-abstract:");
}

std::string_view WithoutPort(std::string_view endpoint) {
  if (endpoint.starts_with('[')) {
    const std::size_t end = endpoint.find(']');
    // Brackets that are not closed, or that anything but a port follows, are not an address.
    if (end == std::string_view::npos) return endpoint;
    const std::string_view rest = endpoint.substr(end + 1);
    return rest.empty() || rest.starts_with(':') ? endpoint.substr(1, end - 1) : endpoint;
  }
  // A text with more than one colon is an IPv6 address without a port.
  const std::size_t colon = endpoint.find(':');
  return colon == endpoint.rfind(':') ? endpoint.substr(0, colon) : endpoint;
}

bool IsLoopbackHost(std::string_view host) {
  if (absl::EqualsIgnoreCase({host.data(), host.size()}, "localhost")) return true;
  const std::string text(host);
  in_addr ipv4{};
  if (::inet_pton(AF_INET, text.c_str(), &ipv4) == 1) return ntohl(ipv4.s_addr) >> 24 == 127;
  in6_addr ipv6{};
  return ::inet_pton(AF_INET6, text.c_str(), &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6) != 0;
}

}  // namespace

std::vector<std::string_view> HostsOf(std::string_view target) {
  const std::size_t colon = target.find(':');
  const std::string_view scheme = colon == std::string_view::npos ? "" : target.substr(0, colon);
  std::string_view rest = colon == std::string_view::npos ? target : target.substr(colon + 1);
  if (IsUnixSocket(target)) return {};
  if (scheme == "ipv4" || scheme == "ipv6") {
    std::vector<std::string_view> hosts;
    while (true) {
      const std::size_t comma = rest.find(',');
      hosts.push_back(WithoutPort(rest.substr(0, comma)));
      if (comma == std::string_view::npos) return hosts;
      rest.remove_prefix(comma + 1);
    }
  }
  if (scheme == "dns") {
    // The form of a DNS target is dns:[//authority/]host[:port].
    if (rest.starts_with("//")) {
      const std::size_t slash = rest.find('/', 2);
      if (slash == std::string_view::npos) return {};
      rest.remove_prefix(slash + 1);
    }
    return {WithoutPort(rest)};
  }
  if (rest.starts_with("//")) return {};
  return {WithoutPort(target)};
}

bool IsTarget(std::string_view target) {
  // https://github.com/grpc/grpc/blob/master/doc/naming.md
  constexpr std::string_view kSchemes[] = {
      "dns:", "ipv4:", "ipv6:", "unix:", "unix-abstract:", "xds:"};
  return target.find('/') == std::string_view::npos ||
         std::any_of(std::begin(kSchemes), std::end(kSchemes),
                     [target](std::string_view scheme) { return target.starts_with(scheme); });
}

bool IsLoopback(std::string_view target) {
  const std::vector<std::string_view> hosts = HostsOf(target);
  if (hosts.empty()) return IsUnixSocket(target);
  return std::all_of(hosts.begin(), hosts.end(), &IsLoopbackHost);
}

}  // namespace docspace::apikeys
