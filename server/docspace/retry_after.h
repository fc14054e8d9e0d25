// The wait that an HTTP response asks for.
#ifndef SERVER_DOCSPACE_RETRY_AFTER_H_
#define SERVER_DOCSPACE_RETRY_AFTER_H_

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace docspace::gateway {

// Parses `Retry-After`, RFC 9110 section 10.2.3: whole seconds, or an HTTP-date in any of the three
// forms of section 5.6.7, which is measured from `now`. The result is from zero, for a date that
// has passed, to one day: the portal's longest limit is a day, and a caller should not wait longer
// because of a response that it cannot verify. Returns nothing for any other value.
std::optional<absl::Duration> ParseRetryAfter(std::string_view value, absl::Time now);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_RETRY_AFTER_H_
