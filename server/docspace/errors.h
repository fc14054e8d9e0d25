// Makes a status with rich details from an HTTP outcome, by the table of docs/errors.md, row by
// row.
//
// One rule stands above the table: UNAVAILABLE is always safe to retry. A write is UNAVAILABLE, or
// has another code that says that it was refused, only if the response proves that nothing was
// done; each row of errors.cc names its proof, and docs/resilience.md has them as a table. Without
// a proof a write is UNKNOWN, WRITE_OUTCOME_UNKNOWN. INTERNAL says nothing about a write's outcome.
#ifndef SERVER_DOCSPACE_ERRORS_H_
#define SERVER_DOCSPACE_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/docspace/routes.h"
#include "server/http/message.h"

namespace docspace::gateway {

// Returns the status for a response whose HTTP status is not 2xx. A date in its Retry-After is
// measured from `now`.
absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response, absl::Time now);

// Returns the status for a 2xx response that could not be decoded; `why` says what was wrong with
// it.
absl::Status ErrorFromMalformed(Rpc rpc, int http_status, std::string_view why);

// Returns the status for a call that got no response.
absl::Status ErrorFromFailure(Rpc rpc, const http::Failure& failure);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ERRORS_H_
