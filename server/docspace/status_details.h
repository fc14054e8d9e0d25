// A status with rich details: google.rpc's messages as payloads of an absl::Status, keyed by type
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
#include "server/docspace/portal_error.h"

namespace docspace::gateway {

// ErrorInfo's domain.
inline constexpr std::string_view kErrorDomain = "apikeys.docspace.onlyoffice.com";

struct ErrorDetails {
  // ErrorInfo: a constant in UPPER_SNAKE_CASE.
  std::string_view reason;
  std::vector<std::pair<std::string, std::string>> metadata;
  // BadRequest, where there are any.
  std::vector<FieldViolation> violations;
  // RetryInfo.
  std::optional<absl::Duration> retry_after;
  // QuotaFailure.
  std::optional<std::string> quota;
};

absl::Status MakeError(absl::StatusCode code, std::string_view message,
                       const ErrorDetails& details);

// ErrorInfo's reason; empty where there is none.
std::string ReasonOf(const absl::Status& status);

// RetryInfo in milliseconds, for the trailer `grpc-retry-pushback-ms`.
std::optional<std::string> RetryPushbackOf(const absl::Status& status);

// The same status, ErrorInfo's metadata with `request_id`.
absl::Status WithRequestId(absl::Status status, const std::string& request_id);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_STATUS_DETAILS_H_
