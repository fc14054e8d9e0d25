// Makes the REST call of an RPC: verb, path, query and body, as docs/portal-api.md#operations
// describes them.
#ifndef SERVER_DOCSPACE_ROUTES_H_
#define SERVER_DOCSPACE_ROUTES_H_

#include <array>
#include <string_view>

#include "absl/status/statusor.h"
#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/http/message.h"

namespace docspace::gateway {

enum class Rpc {
  kCreateApiKey,
  kDeleteApiKey,
  kGetAllPermissions,
  kGetApiKey,
  kGetApiKeys,
  kUpdateApiKey,
};

// Route describes the REST call of an RPC.
struct Route {
  Rpc rpc;
  std::string_view name;
  http::Method method;
  // The path of the proto's google.api.http annotation: "{key_id}" stands for the escaped key id.
  std::string_view path;
  // True if the call can change the portal's state. Such a call is sent at most once.
  bool is_write;
};

// The routes in the order of `Rpc`.
extern const std::array<Route, 6> kRoutes;

// Returns the route of `rpc`.
const Route& RouteOf(Rpc rpc);

// Returns the REST call of a request, without credential and forwarded headers. The portal checks
// whatever it can check itself. Returns INVALID_ARGUMENT, with reason INVALID_REQUEST and the field
// violation, for a request that cannot be sent: a key id that is not a GUID, `fields` with
// characters that are not allowed there, or a body of more than 1 MiB.
absl::StatusOr<http::Request> Encode(const apikeys::v1::CreateApiKeyRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::DeleteApiKeyRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::GetAllPermissionsRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::GetApiKeyRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::GetApiKeysRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::UpdateApiKeyRequest& request);

// Returns INVALID_ARGUMENT with the field violation if `request` names no permissions. The setting
// --require-permissions asks for this, because the portal would create a key with all rights of its
// owner.
absl::Status RequirePermissions(const apikeys::v1::CreateApiKeyRequest& request);

// Returns whether `text` is a GUID, 8-4-4-4-12. Any other text would match no route of the portal,
// or the wrong one.
bool IsGuid(std::string_view text);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ROUTES_H_
