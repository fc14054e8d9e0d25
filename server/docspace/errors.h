// HTTP outcome → status with rich details: the status table of docs/errors.md, row by row.
//
// One rule stands above the table: UNAVAILABLE is always safe to retry. A write that the portal may
// have applied is never UNAVAILABLE.
#ifndef SERVER_DOCSPACE_ERRORS_H_
#define SERVER_DOCSPACE_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"
#include "server/docspace/routes.h"
#include "server/http/message.h"

namespace docspace::gateway {

// The status of a response other than 2xx.
absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response);

// The status of a 2xx response that could not be decoded: `why` names what was wrong.
absl::Status ErrorFromMalformed(Rpc rpc, int http_status, std::string_view why);

// The status of a call that got no response.
absl::Status ErrorFromFailure(Rpc rpc, const http::Failure& failure);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ERRORS_H_
