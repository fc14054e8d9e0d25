// The type URLs of the details that the gateway's errors have, as google.protobuf.Any holds them.
#ifndef SERVER_BASE_DETAIL_TYPES_H_
#define SERVER_BASE_DETAIL_TYPES_H_

#include <string_view>

namespace docspace::gateway {

inline constexpr std::string_view kBadRequestType = "type.googleapis.com/google.rpc.BadRequest";
inline constexpr std::string_view kErrorInfoType = "type.googleapis.com/google.rpc.ErrorInfo";
inline constexpr std::string_view kQuotaFailureType = "type.googleapis.com/google.rpc.QuotaFailure";
inline constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

}  // namespace docspace::gateway

#endif  // SERVER_BASE_DETAIL_TYPES_H_
