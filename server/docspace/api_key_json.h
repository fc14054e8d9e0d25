// Conversion between the portal's JSON and the proto messages. It does no I/O; only the .cc file
// uses RapidJSON.
#ifndef SERVER_DOCSPACE_API_KEY_JSON_H_
#define SERVER_DOCSPACE_API_KEY_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::gateway {

// Returns the body of the REST call. It has no members for unset fields and empty lists, because
// the portal leaves absent members unchanged.
std::string ToJson(const apikeys::v1::CreateApiKeyRequest& request);
std::string ToJson(const apikeys::v1::UpdateApiKeyRequest& request);

// Reads a success envelope into `response`, which must be empty. Parses `body` in place; its
// content is unspecified afterwards.
//
// Ignores unknown members, and takes null for an absent member. Returns DATA_LOSS, with an empty
// response, for anything else that docs/portal-api.md does not know: not JSON, not UTF-8, nested
// deeper than 32, a member of the wrong type or given twice, an impossible date-time, no
// `response`. The message names the member, never its value.
absl::Status FromJson(std::string& body, apikeys::v1::CreateApiKeyResponse& response);
absl::Status FromJson(std::string& body, apikeys::v1::DeleteApiKeyResponse& response);
absl::Status FromJson(std::string& body, apikeys::v1::GetAllPermissionsResponse& response);
absl::Status FromJson(std::string& body, apikeys::v1::GetApiKeyResponse& response);
absl::Status FromJson(std::string& body, apikeys::v1::GetApiKeysResponse& response);
absl::Status FromJson(std::string& body, apikeys::v1::UpdateApiKeyResponse& response);

// Returns an upper estimate of the memory, in bytes, of the message that FromJson makes of `body`,
// by the number of objects and strings in it. For an ordinary list of keys it is three times the
// size of the body; for `[{},{},…]` it is fifty times, so call this before FromJson.
std::size_t DecodedBytes(std::string_view body);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_API_KEY_JSON_H_
