// Recognises statements about a request in the error pages of known proxies.
#ifndef SERVER_DOCSPACE_PROXIES_H_
#define SERVER_DOCSPACE_PROXIES_H_

#include "server/http/message.h"

namespace docspace::gateway {

// Returns whether `response` is a 503 whose text is that of a known proxy that sent the request to
// no server. Only the text proves it: the same proxies also respond with 503, but with another
// text, after the portal has read a request and closed the connection.
//
// The text is a proof if the proxy sends a request once. If a proxy is configured to repeat
// requests, the text is about its last attempt only. Envoy marks such a response, and then this
// returns false. `no healthy upstream` and HAProxy's page bear no mark, so docs/resilience.md asks
// operators not to let proxies repeat POST, PUT and DELETE.
bool SaysNothingWasSent(const http::Response& response);

// Returns whether `response` is the refusal of Envoy's RBAC filter, which checks a request before
// it is sent on.
bool IsEnvoysRefusal(const http::Response& response);

// Returns whether `response` is the 400 with which nginx, and openresty in front of every portal,
// refuses a header field longer than its buffer (`large_client_header_buffers`, 8 KiB), or all
// fields together, before it sends anything on.
bool SaysHeaderIsTooLarge(const http::Response& response);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_PROXIES_H_
