// Chooses the forward proxy of each portal.
#ifndef SERVER_CONFIG_PROXY_CHOICE_H_
#define SERVER_CONFIG_PROXY_CHOICE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/host_port.h"
#include "server/config/config.h"

namespace docspace::gateway {

// The words that PortalAccess::proxy_choice may be instead of a URL.
inline constexpr std::string_view kNoProxy = "none";
inline constexpr std::string_view kProxyOfEnvironment = "environment";

// Parses `http://host:port`. Returns INVALID_ARGUMENT with the reason, which repeats nothing of
// `url`, if it has another scheme, no port, or a user, whose password does not belong there.
absl::StatusOr<HostPort> ParseProxyUrl(std::string_view url);

// Returns whether the list `no_proxy` names `host`. Its entries are separated by commas or blanks.
// Each is `*`, which names every host; a domain, with or without a dot before it, which names
// itself and its subdomains; an address; or a block of addresses such as `10.0.0.0/8`. An entry
// with a port (`example.com:8443`) names that port alone. Entries that are none of these name
// nothing.
bool IsInNoProxy(std::string_view no_proxy, std::string_view host, std::uint16_t port);

// Sets the proxy and the credential file of every portal, by its own choice or else by the common
// one. A portal that chooses for itself does not get the common credential. `lookup` returns the
// value of an environment variable, or null. Returns INVALID_ARGUMENT, with the name of the
// setting, if a choice is incomplete or a variable is wrong.
absl::Status ChooseProxies(const std::function<const char*(const char*)>& lookup, Config& config);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_PROXY_CHOICE_H_
