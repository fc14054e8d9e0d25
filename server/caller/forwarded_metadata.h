// The only data that passes between the caller's metadata and the portal's headers.
#ifndef SERVER_CALLER_FORWARDED_METADATA_H_
#define SERVER_CALLER_FORWARDED_METADATA_H_

#include <string>
#include <vector>

#include "server/caller/credentials.h"
#include "server/http/message.h"

namespace docspace::gateway {

struct ForwardedMetadata {
  // The caller's `x-request-id`, or a new one if the caller sent none of 1 to 128 characters that
  // are letters, digits, `.`, `_`, `-` or `:`.
  std::string request_id;
  // The headers for the portal: `X-Request-Id`, and each of `traceparent`, `tracestate` (W3C Trace
  // Context) and `Accept-Language` that the caller sent in a valid form. Invalid ones are dropped,
  // and `tracestate` also if its `traceparent` is.
  std::vector<http::Header> headers;
};

// Selects the caller's metadata that the portal gets.
ForwardedMetadata SelectForwarded(const MetadataView& metadata);

// Returns the headers of the portal's response that the caller gets: `retry-after`,
// `x-ratelimit-limit`, `x-ratelimit-remaining` and `x-ratelimit-reset`. All others are dropped,
// because many headers of a portal would make trailers too long for gRPC's clients.
std::vector<http::Header> SelectReturned(const http::Response& response);

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_FORWARDED_METADATA_H_
