// What a call that failed says, as the gateway's `grpc-status-details-bin` holds it.
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
  // As in the proto: `expires_in_days`. May be empty.
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
  // `RATE_LIMITED`, `KEY_NOT_FOUND`, …; empty where gRPC itself made the error.
  std::string reason;
  // Of the reason: `kErrorDomain` where the gateway made the error.
  std::string domain;
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  std::vector<QuotaViolation> quota_violations;
  // How long to wait at least before another try.
  std::optional<std::chrono::nanoseconds> retry_delay;
  // The portal's answer to the gateway; 0 where there was none.
  int http_status = 0;
  // Finds the call in the gateway's log. May be empty.
  std::string request_id;

  // Whether the gateway made the error. If not, gRPC did, and the gateway may have seen the call or
  // not.
  bool FromGateway() const { return domain == kErrorDomain; }

  // Whether the gateway promises that the portal did not act: of UNAVAILABLE always, of a write
  // that was cut off where it was not sent. Only the gateway knows.
  bool NothingWasDone() const;
};

// Reads a status that is not OK. Details that cannot be read are passed over: code and message
// stay.
ApiKeysError DecodeError(const grpc::Status& status);

// `NOT_FOUND` for NOT_FOUND.
std::string CodeName(grpc::StatusCode code);

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_ERROR_H_
