// The choice of a call's portal.
#ifndef SERVER_CALLER_PORTAL_ROUTER_H_
#define SERVER_CALLER_PORTAL_ROUTER_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/caller/credentials.h"

namespace docspace::gateway {

// The name of the portal that --docspace-url names.
inline constexpr std::string_view kDefaultPortal = "default";

// PortalRouter finds a portal by its name. A caller chooses one of the gateway's portals, and
// cannot give an address of its own. Thread-safe.
class PortalRouter {
 public:
  // `names` are in the order of the portals' indices. The portal named `default` is for calls that
  // name none.
  explicit PortalRouter(const std::vector<std::string>& names);

  // Returns the index of the portal that the metadata `x-docspace-portal` names. Returns
  // INVALID_ARGUMENT `PORTAL_UNKNOWN` for an unknown name, for two different names, and for no name
  // if there is no default portal.
  absl::StatusOr<std::size_t> Resolve(const MetadataView& metadata) const;

 private:
  std::map<std::string, std::size_t, std::less<>> indices_;
};

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_PORTAL_ROUTER_H_
