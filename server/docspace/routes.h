// RPC → REST call: verb, path, query and body, by docs/portal-api.md#operations.
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

struct Route {
  Rpc rpc;
  std::string_view name;
  http::Method method;
  // As in the proto's google.api.http annotation: "{key_id}" stands for the escaped key id.
  std::string_view path;
  // Whether the portal's state may change: then the call is sent at most once.
  bool is_write;
};

// In the order of `Rpc`.
extern const std::array<Route, 6> kRoutes;

const Route& RouteOf(Rpc rpc);

// The REST call of a request, without credential and forwarded headers. What the portal can refuse
// in its own words is left to it; INVALID_ARGUMENT, with reason INVALID_REQUEST and the field
// violation, for what cannot be sent: a key id that is not a GUID, `fields` with characters that it
// may not have, a body of more than 1 MiB.
absl::StatusOr<http::Request> Encode(const apikeys::v1::CreateApiKeyRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::DeleteApiKeyRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::GetAllPermissionsRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::GetApiKeyRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::GetApiKeysRequest& request);
absl::StatusOr<http::Request> Encode(const apikeys::v1::UpdateApiKeyRequest& request);

// INVALID_ARGUMENT with the field violation if `request` names no permissions, for a gateway that
// takes no such creation: the portal would create a key with all rights of its owner.
absl::Status RequirePermissions(const apikeys::v1::CreateApiKeyRequest& request);

// Whether `text` is a GUID, 8-4-4-4-12: anything else would not find the portal's route, or find
// another one.
bool IsGuid(std::string_view text);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ROUTES_H_
