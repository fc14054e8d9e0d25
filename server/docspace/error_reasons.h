// All reasons that an ErrorInfo of the gateway can have.
#ifndef SERVER_DOCSPACE_ERROR_REASONS_H_
#define SERVER_DOCSPACE_ERROR_REASONS_H_

#include <array>
#include <string_view>

namespace docspace::gateway {

// The reasons in alphabetical order.
inline constexpr std::array<std::string_view, 29> kErrorReasons = {
    "ACCESS_DENIED",
    "ADDRESS_NOT_ALLOWED",
    "CALLER_NOT_ALLOWED",
    "CANCELLED",
    "CONFLICT",
    "CREDENTIALS_INVALID",
    "CREDENTIALS_MISSING",
    "CREDENTIAL_IS_NOT_AN_API_KEY",
    "DEADLINE_EXCEEDED",
    "GATEWAY_OVERLOADED",
    "INVALID_REQUEST",
    "KEY_NOT_FOUND",
    "NOT_FOUND",
    "NOT_IMPLEMENTED_BY_PORTAL",
    "PAYMENT_REQUIRED",
    "PORTAL_BUSY",
    "PORTAL_OR_ROUTE_NOT_FOUND",
    "PORTAL_UNKNOWN",
    "RATE_LIMITED",
    "REQUEST_TOO_LARGE",
    "UNAUTHENTICATED",
    "UPSTREAM_ERROR",
    "UPSTREAM_MALFORMED",
    "UPSTREAM_REDIRECT",
    "UPSTREAM_REJECTED",
    "UPSTREAM_TIMEOUT",
    "UPSTREAM_UNAVAILABLE",
    "UPSTREAM_UNREACHABLE",
    "WRITE_OUTCOME_UNKNOWN",
};

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ERROR_REASONS_H_
