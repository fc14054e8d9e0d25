#include "server/caller/portal_router.h"

#include <optional>

#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

absl::Status Refuse(const char* why) {
  return MakeError(absl::StatusCode::kInvalidArgument, why,
                   {.reason = ErrorReason::kPortalUnknown});
}

}  // namespace

PortalRouter::PortalRouter(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) indices_[names[i]] = i;
}

absl::StatusOr<std::size_t> PortalRouter::Resolve(const MetadataView& metadata) const {
  std::optional<std::string_view> name;
  for (const auto& [key, value] : metadata) {
    if (key != "x-docspace-portal") continue;
    if (name && *name != value) return Refuse("x-docspace-portal names two portals");
    name = value;
  }
  const auto found = indices_.find(name.value_or(kDefaultPortal));
  if (found != indices_.end()) return found->second;
  return name ? Refuse("x-docspace-portal names no portal of this gateway")
              : Refuse("this gateway has no default portal: name one with x-docspace-portal");
}

}  // namespace docspace::gateway
