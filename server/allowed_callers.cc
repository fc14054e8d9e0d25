#include "server/allowed_callers.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>

#include "server/docspace/status_details.h"

namespace docspace::gateway {

absl::Status AllowedCallers::Judge(const grpc::AuthContext& caller) const {
  if (everyone()) return absl::OkStatus();
  const auto names = caller.FindPropertyValues(GRPC_X509_SAN_PROPERTY_NAME);
  const bool is_allowed =
      caller.IsPeerAuthenticated() && std::ranges::any_of(names, [this](const auto& name) {
        return Has({name.data(), name.size()});
      });
  if (is_allowed) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied,
                   "the certificate shown to the gateway bears no name that may call",
                   {.reason = "CALLER_NOT_ALLOWED"});
}

bool AllowedCallers::Has(std::string_view name) const {
  return std::ranges::any_of(names_, [name](std::string_view allowed) {
    if (!allowed.ends_with("/*")) return name == allowed;
    allowed.remove_suffix(1);
    return name.size() > allowed.size() && name.starts_with(allowed);
  });
}

}  // namespace docspace::gateway
