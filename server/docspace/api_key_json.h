// The portal's JSON ⇄ proto messages. Pure; RapidJSON stays behind it.
#ifndef SERVER_DOCSPACE_API_KEY_JSON_H_
#define SERVER_DOCSPACE_API_KEY_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::gateway {

// The body of the REST call. Unset fields and empty lists are left out: absent means unchanged.
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

// How much memory, in bytes, the message takes that FromJson makes of `body`: an estimate, from
// above, by the objects and strings in it. For an ordinary list of keys it is three times the body;
// for `[{},{},…]` fifty times, so ask before decoding.
std::size_t DecodedBytes(std::string_view body);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_API_KEY_JSON_H_
