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
  // A name, an IPv4 address, or an IPv6 address without brackets.
  std::string host;
  std::uint16_t port = 0;
  // What precedes each request's target: empty, or `/path` without a trailing slash.
  std::string base_path;
  // The Host header, where it is not that of host and port.
  std::string host_header;
  // The name to be verified by TLS, where it is not the host.
  std::string server_name;

  // The value of the Host header, which selects the tenant: without a scheme's default port,
  // RFC 9110 section 7.2.
  std::string Authority() const;
  // The name that the upstream's certificate must bear.
  const std::string& ServerName() const { return server_name.empty() ? host : server_name; }
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
