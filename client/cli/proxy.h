// The HTTP proxy of the environment, and the hosts that are reached without it.
//
// It is written by hand because gRPC 1.51 matches `no_proxy` by the end of the name alone
// (`ample.com` exempts `example.com`), knows neither `*` nor networks, and does not read
// `NO_PROXY`; libcurl offers its rules only to its own transfers.
#ifndef CLIENT_CLI_PROXY_H_
#define CLIENT_CLI_PROXY_H_

#include <optional>
#include <string>
#include <string_view>

#include "client/cli/console.h"
#include "client/cpp/secret.h"

namespace docspace::apikeys::cli {

struct ProxyInUse {
  // The URI, which may contain a password.
  Secret uri;
  // A text for people: the variable, and the proxy's host and port.
  std::string description;
};

// Returns whether `no_proxy` names `host`, by curl's rules: a list, separated by commas or blanks,
// of domains (each with all names below it, a leading dot means nothing), addresses, and networks
// such as `10.0.0.0/8`; or `*` alone for all hosts. An IPv6 `host` has no brackets.
bool IsExempt(std::string_view host, std::string_view no_proxy);

// Returns the proxy on the way to `target`: that of `grpc_proxy`, `https_proxy` or `http_proxy`, as
// in every client of gRPC. Returns none for a target on this machine or one that `no_grpc_proxy`,
// `no_proxy` or `NO_PROXY` names; the first of these that is set counts.
std::optional<ProxyInUse> ProxyFor(std::string_view target, const Variables& variables);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_PROXY_H_
