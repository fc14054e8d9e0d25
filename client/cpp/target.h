// The hosts to which a gRPC target leads.
#ifndef CLIENT_CPP_TARGET_H_
#define CLIENT_CPP_TARGET_H_

#include <string_view>
#include <vector>

namespace docspace::apikeys {

// Returns the host of each endpoint of `target`, without port and brackets: one, or several for an
// `ipv4:` or `ipv6:` list. Returns none for a Unix socket and for a scheme that this function does
// not know.
std::vector<std::string_view> HostsOf(std::string_view target);

// Returns whether `target` is a host, with or without a port, or has a scheme that gRPC knows. gRPC
// takes any other text, such as a URL, for the name of a host, and fails to resolve it.
bool IsTarget(std::string_view target);

// Returns whether `target` cannot lead to another machine: it is a Unix socket, the name
// `localhost`, or has loopback addresses only. Returns false for every form that HostsOf does not
// know. All clients have this rule.
bool IsLoopback(std::string_view target);

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_TARGET_H_
