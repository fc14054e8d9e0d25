// The error of a failed call, read from the `grpc-status-details-bin` of the gateway.
#ifndef CLIENT_CPP_ERROR_H_
#define CLIENT_CPP_ERROR_H_

#include <grpcpp/support/status.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::apikeys {

// The domain of the gateway's own errors.
inline constexpr std::string_view kErrorDomain = "apikeys.docspace.onlyoffice.com";

struct FieldViolation {
  // The field's name in the proto, such as `expires_in_days`. May be empty.
  std::string field;
  std::string description;
};

struct QuotaViolation {
  std::string subject;
  std::string description;
};

struct ApiKeysError {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  // The reason, such as `RATE_LIMITED` or `KEY_NOT_FOUND`; empty if gRPC itself made the error.
  std::string reason;
  // The domain of the reason: `kErrorDomain` if the gateway made the error.
  std::string domain;
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  std::vector<QuotaViolation> quota_violations;
  // The least time to wait before another attempt; nothing if the gateway states none.
  std::optional<std::chrono::nanoseconds> retry_delay;
  // The status of the portal's response to the gateway; 0 if there was none.
  int http_status = 0;
  // The id by which the gateway's log names the call. May be empty.
  std::string request_id;

  // Returns whether the gateway made the error. If not, gRPC did, and the gateway may or may not
  // have received the call.
  bool IsFromGateway() const { return domain == kErrorDomain; }

  // Returns whether the gateway has stated that the portal did not carry out the call: by
  // UNAVAILABLE, by RATE_LIMITED or GATEWAY_OVERLOADED, or by `write_sent` "false" after a deadline
  // or a cancellation. False means only that nothing is known.
  bool IsKnownNotApplied() const;

  // Returns whether another attempt, of a write too, cannot act twice and may succeed: the error is
  // UNAVAILABLE, RATE_LIMITED or GATEWAY_OVERLOADED of the gateway. Wait for Backoff() of retry.h
  // before the attempt.
  bool IsSafeToRetry() const;
};

// Reads a status that is not OK. Ignores details that cannot be read; code and message remain.
ApiKeysError DecodeError(const grpc::Status& status);

// Returns the name of `code` in the specification of gRPC, such as `NOT_FOUND`.
std::string CodeName(grpc::StatusCode code);

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_ERROR_H_
