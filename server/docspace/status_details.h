// Statuses with rich details: google.rpc's messages as payloads of an absl::Status, keyed by type
// URL.
#ifndef SERVER_DOCSPACE_STATUS_DETAILS_H_
#define SERVER_DOCSPACE_STATUS_DETAILS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/docspace/error_reason.h"
#include "server/docspace/portal_error.h"

namespace docspace::gateway {

// ErrorInfo's domain.
inline constexpr std::string_view kErrorDomain = "apikeys.docspace.onlyoffice.com";

// ErrorDetails holds the content of the messages.
struct ErrorDetails {
  // The reason of ErrorInfo. The default claims nothing about a write.
  ErrorReason reason = ErrorReason::kUpstreamError;
  std::vector<std::pair<std::string, std::string>> metadata;
  // The violations of BadRequest. If empty, the status has no BadRequest.
  std::vector<FieldViolation> violations;
  // The delay of RetryInfo.
  std::optional<absl::Duration> retry_after;
  // The description of QuotaFailure.
  std::optional<std::string> quota;
};

// Returns a status with an ErrorInfo and the other `details` that are set.
absl::Status MakeError(absl::StatusCode code, std::string_view message,
                       const ErrorDetails& details);

// Returns the reason of the status's ErrorInfo, or an empty text if it has none.
std::string ReasonOf(const absl::Status& status);

// Returns the delay of the status's RetryInfo in milliseconds, for the trailer
// `grpc-retry-pushback-ms`.
std::optional<std::string> RetryPushbackOf(const absl::Status& status);

// Returns the same status with `request_id` among ErrorInfo's metadata.
absl::Status WithRequestId(absl::Status status, const std::string& request_id);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_STATUS_DETAILS_H_
