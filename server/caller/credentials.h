// Request metadata → exactly one HTTP credential, by docs/portal-api.md#credentials.
#ifndef SERVER_CALLER_CREDENTIALS_H_
#define SERVER_CALLER_CREDENTIALS_H_

#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/http/message.h"

namespace docspace::gateway {

// A request's metadata: names in lower case, as HTTP/2 has them; repeated names repeated.
using MetadataView = std::vector<std::pair<std::string_view, std::string_view>>;

// Accepted: `authorization` (Basic or Bearer, the scheme word in any case), `apikeybearer: sk-…`,
// `asc_auth_key: …`, and `asc_auth_key` among the pairs of `cookie`. The same credential given
// twice is one.
//
// UNAUTHENTICATED `CREDENTIALS_MISSING` where there is none; INVALID_ARGUMENT `CREDENTIALS_INVALID`
// for two different ones, an unknown scheme, a Basic token that is not base64 of user:password,
// more than 16 KiB, or any octet outside 0x20–0x7E: gRPC hands CR and LF through, and they would be
// written into the upstream request. Messages never repeat a value.
absl::StatusOr<http::Credential> ParseCredential(const MetadataView& metadata);

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_CREDENTIALS_H_
