// Where the upstream is: the parts of its base URL.
#ifndef SERVER_HTTP_ORIGIN_H_
#define SERVER_HTTP_ORIGIN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace docspace::gateway::http {

struct Origin {
  bool tls = false;
  // A name, an IPv4 address, or an IPv6 address without brackets. It is what is resolved, so a name
  // may end in a dot: then no search domain is tried.
  std::string host;
  std::uint16_t port = 0;
  // What precedes each request's target: empty, or `/path` without a trailing slash.
  std::string base_path;
  // The Host header, where it is not that of host and port.
  std::string host_header;
  // The name to be verified by TLS, where it is not the host.
  std::string server_name;

  // Returns the value of the Host header, which selects the tenant: without the scheme's default
  // port (RFC 9110 section 7.2), and without the final dot of a host, since portals know their
  // names without one.
  std::string Authority() const;
  // Returns the name that the upstream's certificate must bear, and that TLS sends: without a final
  // dot (RFC 6066 section 3).
  std::string ServerName() const;
  // As ParseOrigin reads it.
  std::string Url() const;
};

// Reads `http://host[:port][/path]` or `https://…`. INVALID_ARGUMENT says what is wrong: another
// scheme, user information (a credential does not belong there), a query, a fragment, an octet that
// a host or path may not have.
absl::StatusOr<Origin> ParseOrigin(std::string_view url);

// Whether it may be a Host header: `host[:port]`.
bool IsAuthority(std::string_view text);
// Whether it may be a server name of TLS: a name or an address, without a port.
bool IsHostName(std::string_view text);

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_ORIGIN_H_
