// HTTP outcome → status with rich details: the status table of the README, row by row.
//
// Each status carries an ErrorInfo (domain `apikeys.docspace.onlyoffice.com`) and what else the row
// names as payloads, keyed by type URL, that ToGrpcStatus packs into `grpc-status-details-bin`.
#ifndef SERVER_DOCSPACE_ERRORS_H_
#define SERVER_DOCSPACE_ERRORS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/docspace/envelope.h"
#include "server/docspace/routes.h"
#include "server/http/message.h"

namespace docspace::gateway {

inline constexpr std::string_view kErrorDomain = "apikeys.docspace.onlyoffice.com";

// A status as the table's rows are written.
struct ErrorDetails {
  std::string_view reason;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<FieldViolation> violations;
  // RetryInfo; none where it is negative.
  absl::Duration retry_after = -absl::InfiniteDuration();
  // QuotaFailure; none where it is empty.
  std::string quota;
};
absl::Status MakeError(absl::StatusCode code, std::string_view message,
                       const ErrorDetails& details);

// The status of a response other than 2xx.
absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response);

// The status of a 2xx response that could not be decoded: `why` names what was wrong.
absl::Status ErrorFromMalformed(Rpc rpc, int http_status, std::string_view why);

// The status of a call that got no response.
absl::Status ErrorFromFailure(Rpc rpc, const http::Failure& failure);

// ErrorInfo's reason, empty where there is none.
std::string ReasonOf(const absl::Status& status);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ERRORS_H_
