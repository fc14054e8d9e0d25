// The origin of the upstream: the parts of its base URL.
#ifndef SERVER_HTTP_ORIGIN_H_
#define SERVER_HTTP_ORIGIN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace docspace::gateway::http {

struct Origin {
  bool tls = false;
  // A name, an IPv4 address, or an IPv6 address without brackets. The resolver gets it unchanged,
  // so a name may end in a dot: then no search domain is used.
  std::string host;
  std::uint16_t port = 0;
  // The prefix of each request's target: empty, or `/path` without a trailing slash.
  std::string base_path;
  // The value of the Host header, if it is not that of host and port.
  std::string host_header;
  // The name that TLS verifies, if it is not the host.
  std::string server_name;

  // Returns the value of the Host header, which selects the tenant: without the scheme's default
  // port (RFC 9110 section 7.2), and without the final dot of a host, since portals know their
  // names without one.
  std::string Authority() const;
  // Returns the name that the upstream's certificate must bear, and that TLS sends: without a final
  // dot (RFC 6066 section 3).
  std::string ServerName() const;
  // Returns the URL that ParseOrigin reads as this origin.
  std::string Url() const;
};

// Parses `http://host[:port][/path]` or `https://…`. Returns INVALID_ARGUMENT with the reason if
// it has another scheme, user information (a credential does not belong there), a query, a
// fragment, or a byte that a host or path must not have.
absl::StatusOr<Origin> ParseOrigin(std::string_view url);

// Returns whether `text` can be a Host header: `host[:port]`.
bool IsAuthority(std::string_view text);
// Returns whether `text` can be a server name of TLS: a name or an address, without a port.
bool IsHostName(std::string_view text);

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_ORIGIN_H_
