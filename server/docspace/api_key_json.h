// Conversion between the portal's JSON and the proto messages. It does no I/O; only the .cc file
// uses RapidJSON.
//
// Responses become bytes in Protobuf's wire format and no message objects, because the gateway only
// passes them on. Objects of a key with its strings take more time to make, to serialise and to
// free than the parser takes for the JSON, and fifty times the memory of a list such as
// `[{},{},…]`.
#ifndef SERVER_DOCSPACE_API_KEY_JSON_H_
#define SERVER_DOCSPACE_API_KEY_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/docspace/encoded_response.h"

namespace docspace::gateway {

// Returns the body of the REST call. It has no members for unset fields and empty lists, because
// the portal leaves absent members unchanged.
std::string ToJson(const apikeys::v1::CreateApiKeyRequest& request);
std::string ToJson(const apikeys::v1::UpdateApiKeyRequest& request);

// Reads a success envelope into `response`. Parses `body` in place; its content is unspecified
// afterwards. Defined for the responses of the six RPCs. The fields are in the order of the JSON's
// members.
//
// Ignores unknown members, and takes null for an absent member. Returns DATA_LOSS, and leaves
// `response` alone, for anything else that docs/portal-api.md does not know: not JSON, not UTF-8,
// nested deeper than 32, a member of the wrong type or given twice, an impossible date-time, no
// `response`. The message names the member, never its value.
template <class Response>
absl::Status FromJson(std::string& body, EncodedResponse<Response>& response);

// Returns the memory, in bytes, that FromJson allocates for a body of `size` bytes. A field takes
// no more than its member in JSON, which has quotes around a text and a name or a comma before each
// value, apart from a byte more for the length of each text or list element of 16 KiB, and of four
// negative numbers.
constexpr std::size_t MaxEncodedSize(std::size_t size) { return size + size / 4096 + 64; }

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_API_KEY_JSON_H_
