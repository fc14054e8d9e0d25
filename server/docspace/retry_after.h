// How long to wait, as an HTTP response says it.
#ifndef SERVER_DOCSPACE_RETRY_AFTER_H_
#define SERVER_DOCSPACE_RETRY_AFTER_H_

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace docspace::gateway {

// Reads `Retry-After`, RFC 9110 section 10.2.3, in whole seconds; at most an hour, since the header
// is the portal's and the wait is the caller's. The date form is not read: it needs a clock, and
// the portal does not use it. None for anything else.
std::optional<absl::Duration> ParseRetryAfter(std::string_view value);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_RETRY_AFTER_H_
