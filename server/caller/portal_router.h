// Which portal a call is for.
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

// The name of the portal that --docspace-url gives.
inline constexpr std::string_view kDefaultPortal = "default";

// The portals of one gateway by name. A caller chooses among them, and never says where they are.
class PortalRouter {
 public:
  // In the order of their indices; the one named `default` is that of calls that name none.
  explicit PortalRouter(const std::vector<std::string>& names);

  // The index of the portal that the metadata `x-docspace-portal` names. INVALID_ARGUMENT
  // `PORTAL_UNKNOWN` for a name that is not known, for two different ones, and for none where there
  // is no default.
  absl::StatusOr<std::size_t> Resolve(const MetadataView& metadata) const;

 private:
  std::map<std::string, std::size_t, std::less<>> indices_;
};

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_PORTAL_ROUTER_H_
