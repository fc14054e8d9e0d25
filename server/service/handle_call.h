// The path of an admitted call: encode the request, send it, and map or decode the response.
#ifndef SERVER_SERVICE_HANDLE_CALL_H_
#define SERVER_SERVICE_HANDLE_CALL_H_

#include "absl/status/status.h"
#include "server/base/task.h"
#include "server/config/config.h"
#include "server/docspace/encoded_response.h"
#include "server/rpc/background.h"
#include "server/rpc/server_call.h"
#include "server/service/call_context.h"

namespace docspace::gateway {

// HandleCall carries one admitted call to its portal and returns the status of the call; if that is
// OK, it sets `response`. It throws if memory runs out, or if the call is stopped while it
// awaits something other than the portal: see StatusOfAbandoned.
//
// `context` must have been admitted (see CallAdmission). All arguments must outlive the coroutine,
// which runs on the thread of the context's worker; it decodes a long response on `background`. If
// `call` is stopped, the coroutine ends soon, with the status of the cause.
//
// It is defined for the requests and responses of the six RPCs.
template <class Request, class Response>
http::Task<absl::Status> HandleCall(const Config& config, Background& background,
                                    const ServerCall& call, CallContext& context,
                                    const Request& request, EncodedResponse<Response>& response);

// Returns the status of a call whose HandleCall threw, by what the portal may have seen of it.
absl::Status StatusOfAbandoned(const ServerCall& call, CallContext& context);

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_HANDLE_CALL_H_
