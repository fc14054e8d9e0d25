#include "client/cli/exit_code.h"

namespace docspace::apikeys::cli {

ExitCode ExitCodeOf(const ApiKeysError& error, Access access) {
  switch (error.code) {
    case grpc::StatusCode::UNAUTHENTICATED:
      return ExitCode::kUnauthenticated;
    case grpc::StatusCode::PERMISSION_DENIED:
      return ExitCode::kPermissionDenied;
    case grpc::StatusCode::NOT_FOUND:
      return ExitCode::kNotFound;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return ExitCode::kInvalid;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ExitCode::kExhausted;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return access == Access::kRead || error.IsKnownNotApplied() ? ExitCode::kUnavailable
                                                                  : ExitCode::kOutcomeUnknown;
    case grpc::StatusCode::UNKNOWN:
      // The gateway returns UNKNOWN for writes only; a bug of a server ends in UNKNOWN too.
      return error.IsFromGateway() ? ExitCode::kOutcomeUnknown : ExitCode::kOther;
    default:
      return ExitCode::kOther;
  }
}

}  // namespace docspace::apikeys::cli
