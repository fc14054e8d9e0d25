// The trailing metadata of a call.
#ifndef SERVER_SERVICE_RESPONSE_TRAILERS_H_
#define SERVER_SERVICE_RESPONSE_TRAILERS_H_

#include "absl/status/status.h"
#include "server/service/call_context.h"

namespace docspace::gateway {

// Adds the trailing metadata of a call with this status to its server context: `x-request-id`, the
// headers of the portal that the caller gets, and `grpc-retry-pushback-ms` if the status has a
// RetryInfo (gRFC A6). To be called once for each call.
void AddResponseTrailers(CallContext& context, const absl::Status& status);

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_RESPONSE_TRAILERS_H_
