#include "server/config/config.h"

#include <algorithm>

#include "server/base/processors.h"
#include "server/caller/portal_router.h"

namespace docspace::gateway {

std::size_t Config::EventLoops() const {
  return std::min(threads != 0 ? threads : AvailableProcessors(), kMaxEventLoops);
}

std::vector<std::pair<std::string, http::Origin>> Config::Portals() const {
  std::vector<std::pair<std::string, http::Origin>> all;
  if (!portal.origin.host.empty()) all.emplace_back(kDefaultPortal, portal.origin);
  all.insert(all.end(), portal.named.begin(), portal.named.end());
  return all;
}

std::vector<std::string> Config::PortalNames() const {
  std::vector<std::string> names;
  for (const auto& [name, origin] : Portals()) names.push_back(name);
  return names;
}

PortalAccess Config::AccessTo(const std::string& name) const {
  const auto found = portal.access.find(name);
  return found == portal.access.end() ? PortalAccess() : found->second;
}

}  // namespace docspace::gateway
