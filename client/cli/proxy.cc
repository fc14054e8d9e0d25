#include "client/cli/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "client/cpp/target.h"

namespace docspace::apikeys::cli {
namespace {

struct Address {
  int family = AF_UNSPEC;
  std::array<unsigned char, 16> bytes{};

  int Bits() const { return family == AF_INET ? 32 : 128; }
};

std::optional<Address> ParseAddress(std::string_view text) {
  const std::string terminated(text);
  for (const int family : {AF_INET, AF_INET6}) {
    Address address{.family = family};
    if (::inet_pton(family, terminated.c_str(), address.bytes.data()) == 1) return address;
  }
  return std::nullopt;
}

// Returns whether `entry`, an address or a network, contains `address`.
bool Holds(std::string_view entry, const Address& address) {
  const std::size_t slash = entry.find('/');
  const std::optional<Address> network = ParseAddress(entry.substr(0, slash));
  if (!network || network->family != address.family) return false;
  int bits = 0;
  if (slash != std::string_view::npos) {
    std::from_chars(entry.data() + slash + 1, entry.data() + entry.size(), bits);
  }
  // Without a number, or with 0, the entry is a single address.
  if (bits == 0) bits = address.Bits();
  if (bits < 0 || bits > address.Bits()) return false;
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const unsigned mask = 0x80U >> (bit % 8);
    if (((network->bytes[byte] ^ address.bytes[byte]) & mask) != 0) return false;
  }
  return true;
}

std::string_view WithoutTrailingDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// Returns whether `entry` is `host`, or a domain above it.
bool Names(std::string_view entry, std::string_view host) {
  if (entry.starts_with('.')) entry.remove_prefix(1);
  entry = WithoutTrailingDot(entry);
  host = WithoutTrailingDot(host);
  if (entry.empty() || entry.size() > host.size()) return false;
  const std::size_t above = host.size() - entry.size();
  return absl::EndsWithIgnoreCase({host.data(), host.size()}, {entry.data(), entry.size()}) &&
         (above == 0 || host[above - 1] == '.');
}

// Returns the first of `names` that is set, and its value.
std::pair<const char*, std::string_view> FirstOf(std::initializer_list<const char*> names,
                                                 const Variables& variables) {
  for (const char* name : names) {
    if (const std::string_view value = variables(name); !value.empty()) return {name, value};
  }
  return {};
}

// Returns host and port of a URI, without a scheme, a password or a path.
std::string_view AuthorityOf(std::string_view uri) {
  if (const std::size_t scheme = uri.find("://"); scheme != std::string_view::npos) {
    uri.remove_prefix(scheme + 3);
  }
  uri = uri.substr(0, uri.find_first_of("/?#"));
  if (const std::size_t at = uri.rfind('@'); at != std::string_view::npos)
    uri.remove_prefix(at + 1);
  return uri;
}

}  // namespace

bool IsExempt(std::string_view host, std::string_view no_proxy) {
  if (no_proxy == "*") return true;
  const std::optional<Address> address = ParseAddress(host);
  while (!no_proxy.empty()) {
    const std::size_t end = std::min(no_proxy.find_first_of(", \t"), no_proxy.size());
    const std::string_view entry = no_proxy.substr(0, end);
    if (address ? Holds(entry, *address) : Names(entry, host)) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

std::optional<ProxyInUse> ProxyFor(std::string_view target, const Variables& variables) {
  const std::vector<std::string_view> hosts = HostsOf(target);
  if (hosts.empty() || IsLoopback(target)) return std::nullopt;
  const auto [name, uri] = FirstOf({"grpc_proxy", "https_proxy", "http_proxy"}, variables);
  const auto exempt = FirstOf({"no_grpc_proxy", "no_proxy", "NO_PROXY"}, variables).second;
  if (uri.empty() || IsExempt(hosts.front(), exempt)) return std::nullopt;
  return ProxyInUse{Secret(std::string(uri)),
                    std::string(name) + " (" + std::string(AuthorityOf(uri)) + ")"};
}

}  // namespace docspace::apikeys::cli
