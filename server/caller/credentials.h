// Finds the one HTTP credential in a request's metadata, as docs/portal-api.md#credentials
// describes.
#ifndef SERVER_CALLER_CREDENTIALS_H_
#define SERVER_CALLER_CREDENTIALS_H_

#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/http/message.h"

namespace docspace::gateway {

// A request's metadata. Names are in lower case, as HTTP/2 requires, and may be repeated.
using MetadataView = std::vector<std::pair<std::string_view, std::string_view>>;

// Accepts `authorization` (Basic or Bearer, the scheme in any case), `apikeybearer: sk-…`,
// `asc_auth_key: …`, and `asc_auth_key` among the pairs of `cookie`. The same credential given
// twice counts as one.
//
// Returns UNAUTHENTICATED `CREDENTIALS_MISSING` if there is no credential. Returns INVALID_ARGUMENT
// `CREDENTIALS_INVALID` for two different ones, an unknown scheme, a Basic token that is not base64
// of user:password, more than 16 KiB, or any byte outside 0x20–0x7E, because gRPC accepts CR and
// LF, which would then be part of the upstream request. Messages never repeat a value.
absl::StatusOr<http::Credential> ParseCredential(const MetadataView& metadata);

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_CREDENTIALS_H_
