#include "server/docspace/routes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "server/docspace/api_key_json.h"
#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

using http::Method;

constexpr std::size_t kMaxFieldsLength = 512;
constexpr std::size_t kMaxBodyBytes = std::size_t{1024} * 1024;
constexpr std::string_view kKeyId = "{key_id}";

absl::Status Refuse(std::string field, std::string description) {
  const std::string message = field + " " + description;
  return MakeError(absl::StatusCode::kInvalidArgument, message,
                   {.reason = ErrorReason::kInvalidRequest,
                    .violations = {{std::move(field), std::move(description)}}});
}

bool IsFieldsOctet(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == ','; }

http::Request Start(Rpc rpc) {
  const Route& route = RouteOf(rpc);
  http::Request request;
  request.method = route.method;
  request.target = route.path;
  request.headers.push_back({"Accept", "application/json"});
  return request;
}

absl::StatusOr<http::Request> WithBody(http::Request request, const std::string& name,
                                       std::string body) {
  if (body.size() > kMaxBodyBytes) {
    const bool by_name = name.size() > kMaxBodyBytes / 8;  // In JSON a byte becomes at most 6.
    return Refuse(by_name ? "name" : "permissions", "would be more than 1 MiB of JSON.");
  }
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::move(body);
  return request;
}

absl::StatusOr<http::Request> WithKeyId(http::Request request, const std::string& key_id) {
  if (!IsGuid(key_id)) {
    return Refuse("key_id", "must be a GUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6.");
  }
  request.target.replace(request.target.find(kKeyId), kKeyId.size(), key_id);
  return request;
}

absl::StatusOr<http::Request> WithFields(http::Request request, const std::string& fields) {
  if (fields.empty()) return request;
  if (fields.size() > kMaxFieldsLength || !std::ranges::all_of(fields, IsFieldsOctet)) {
    return Refuse("fields",
                  "must be names such as id,createBy.displayName, of at most 512 characters.");
  }
  request.target.append("?fields=").append(fields);
  return request;
}

}  // namespace

bool IsGuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

const std::array<Route, 6> kRoutes = {{
    {Rpc::kCreateApiKey, "CreateApiKey", Method::kPost, "/api/2.0/keys", true},
    {Rpc::kDeleteApiKey, "DeleteApiKey", Method::kDelete, "/api/2.0/keys/{key_id}", true},
    {Rpc::kGetAllPermissions, "GetAllPermissions", Method::kGet, "/api/2.0/keys/permissions",
     false},
    {Rpc::kGetApiKey, "GetApiKey", Method::kGet, "/api/2.0/keys/@self", false},
    {Rpc::kGetApiKeys, "GetApiKeys", Method::kGet, "/api/2.0/keys", false},
    {Rpc::kUpdateApiKey, "UpdateApiKey", Method::kPut, "/api/2.0/keys/{key_id}", true},
}};

const Route& RouteOf(Rpc rpc) { return kRoutes.at(static_cast<std::size_t>(rpc)); }

absl::StatusOr<http::Request> Encode(const apikeys::v1::CreateApiKeyRequest& request) {
  return WithBody(Start(Rpc::kCreateApiKey), request.name(), ToJson(request));
}

absl::StatusOr<http::Request> Encode(const apikeys::v1::DeleteApiKeyRequest& request) {
  return WithKeyId(Start(Rpc::kDeleteApiKey), request.key_id());
}

absl::StatusOr<http::Request> Encode(const apikeys::v1::GetAllPermissionsRequest&) {
  return Start(Rpc::kGetAllPermissions);
}

absl::StatusOr<http::Request> Encode(const apikeys::v1::GetApiKeyRequest& request) {
  return WithFields(Start(Rpc::kGetApiKey), request.fields());
}

absl::StatusOr<http::Request> Encode(const apikeys::v1::GetApiKeysRequest& request) {
  return WithFields(Start(Rpc::kGetApiKeys), request.fields());
}

absl::StatusOr<http::Request> Encode(const apikeys::v1::UpdateApiKeyRequest& request) {
  absl::StatusOr<http::Request> rest = WithKeyId(Start(Rpc::kUpdateApiKey), request.key_id());
  if (!rest.ok()) return rest;
  return WithBody(*std::move(rest), request.name(), ToJson(request));
}

absl::Status RequirePermissions(const apikeys::v1::CreateApiKeyRequest& request) {
  if (!request.permissions().empty()) return absl::OkStatus();
  return Refuse("permissions",
                "must not be empty: a key without permissions has all rights of its owner; if that "
                "is what you want, send `*`.");
}

}  // namespace docspace::gateway
