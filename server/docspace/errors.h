// HTTP outcome → status with rich details: the table of docs/errors.md, row by row.
//
// One rule stands above the table: UNAVAILABLE is always safe to retry. A write is UNAVAILABLE, or
// any other code that says that it was refused, only if what came back proves that nothing was
// done; each row of errors.cc names its proof, and docs/resilience.md has them as a table. Without
// a proof a write is UNKNOWN, WRITE_OUTCOME_UNKNOWN. INTERNAL claims nothing about a write.
#ifndef SERVER_DOCSPACE_ERRORS_H_
#define SERVER_DOCSPACE_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/docspace/routes.h"
#include "server/http/message.h"

namespace docspace::gateway {

// The status of a response other than 2xx. `now` is what a date in its Retry-After is measured
// from.
absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response, absl::Time now);

// The status of a 2xx response that could not be decoded: `why` names what was wrong.
absl::Status ErrorFromMalformed(Rpc rpc, int http_status, std::string_view why);

// The status of a call that got no response.
absl::Status ErrorFromFailure(Rpc rpc, const http::Failure& failure);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ERRORS_H_
