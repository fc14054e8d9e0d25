// What passes between the caller's metadata and the portal's headers. Nothing else does.
#ifndef SERVER_CALLER_FORWARDED_METADATA_H_
#define SERVER_CALLER_FORWARDED_METADATA_H_

#include <string>
#include <vector>

#include "server/caller/credentials.h"
#include "server/http/message.h"

namespace docspace::gateway {

struct ForwardedMetadata {
  // The caller's `x-request-id`, or one made here where it has none that is 1 to 128 characters of
  // letters, digits, `.`, `_`, `-`, `:`.
  std::string request_id;
  // For the portal: `X-Request-Id`, and `traceparent`, `tracestate` (W3C Trace Context) and
  // `Accept-Language` where the caller gave one that is well formed. Ill-formed ones are dropped,
  // and `tracestate` with its `traceparent`.
  std::vector<http::Header> headers;
};

ForwardedMetadata SelectForwarded(const MetadataView& metadata);

// For the caller: `retry-after`, `x-ratelimit-limit`, `x-ratelimit-remaining` and
// `x-ratelimit-reset`, as the portal gave them. No others: a portal that sends many would make
// trailers that a client gives up on.
std::vector<http::Header> SelectReturned(const http::Response& response);

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_FORWARDED_METADATA_H_
