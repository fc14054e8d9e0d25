// A host and its port, as URLs, the Host header and the settings write them: `host[:port]`.
#ifndef SERVER_BASE_HOST_PORT_H_
#define SERVER_BASE_HOST_PORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace docspace::gateway {

// The host of a server that every address of its machine reaches, by IPv6 and IPv4, and the host of
// one that only IPv4 reaches.
inline constexpr std::string_view kAnyAddress = "::";
inline constexpr std::string_view kAnyIpv4Address = "0.0.0.0";

struct HostPort {
  // A name, an IPv4 address, or an IPv6 address without its brackets.
  std::string host;
  // None if the text names no port.
  std::optional<std::uint16_t> port{};

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// Returns whether `text` may be the `host` of a HostPort: a name of letters, digits, `-`, `_` and
// `.` without an empty label but a final dot, an IPv4 address, or an IPv6 address. An IPv6 address
// may have a zone (RFC 4007 section 11), as in `fe80::1%eth0`.
bool IsHost(std::string_view text);

// Reads `name`, `name:8080`, `192.0.2.1:8080`, `[::1]` or `[::1]:8080`. An IPv6 address must be in
// brackets (RFC 3986 section 3.2.2), because nothing else tells its last group from a port. A port
// is a decimal number from 0 to 65535. Returns INVALID_ARGUMENT with what is wrong, which never
// repeats `text`.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text);

// Returns what ParseHostPort reads as these two.
std::string FormatHostPort(std::string_view host, std::optional<std::uint16_t> port);

}  // namespace docspace::gateway

#endif  // SERVER_BASE_HOST_PORT_H_
