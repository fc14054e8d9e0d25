// What known proxies say of a request in their own words.
#ifndef SERVER_DOCSPACE_PROXIES_H_
#define SERVER_DOCSPACE_PROXIES_H_

#include "server/http/message.h"

namespace docspace::gateway {

// Whether `response` is a 503 in whose text a known proxy says that it sent the request to no
// server. Nothing else proves that: the same proxies answer 503 after the portal has read a request
// and closed the connection, and then say so in other words.
//
// This holds if the proxy sends a request once. A proxy that is configured to repeat requests says
// this of its last attempt only. Envoy marks such an answer, and then this is false; `no healthy
// upstream` and HAProxy's page bear no mark, so docs/resilience.md asks operators not to let
// proxies repeat POST, PUT and DELETE.
bool SaysNothingWasSent(const http::Response& response);

// Whether `response` is the refusal of Envoy's RBAC filter, which judges a request before it is
// sent on.
bool IsEnvoysRefusal(const http::Response& response);

// Whether `response` is the 400 by which nginx, and openresty in front of every portal, refuses a
// header field longer than its buffer (`large_client_header_buffers`, 8 KiB), or all of them
// together, before it sends anything on.
bool SaysHeaderIsTooLarge(const http::Response& response);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_PROXIES_H_
