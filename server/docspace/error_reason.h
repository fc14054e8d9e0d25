// The reasons of the gateway's errors: the values of `ErrorInfo.reason` with the domain
// kErrorDomain.
//
// Callers decide by them, so a published name never changes. docs/errors.md explains each; a test
// compares that page with this list, and `tools/check/lint.sh references` compares the README, the
// other pages and the clients with it.
#ifndef SERVER_DOCSPACE_ERROR_REASON_H_
#define SERVER_DOCSPACE_ERROR_REASON_H_

#include <array>
#include <cstddef>
#include <string_view>

namespace docspace::gateway {

// Sorted by name.
enum class ErrorReason {
  kAccessDenied,
  kAddressNotAllowed,
  kCallerNotAllowed,
  kCancelled,
  kConflict,
  kCredentialsInvalid,
  kCredentialsMissing,
  kCredentialIsNotAnApiKey,
  kDeadlineExceeded,
  kGatewayOverloaded,
  kInvalidRequest,
  kKeyNotFound,
  kNotFound,
  kNotImplementedByPortal,
  kPaymentRequired,
  kPortalBusy,
  kPortalOrRouteNotFound,
  kPortalUnknown,
  kProxyRefused,
  kProxyUnreachable,
  kRateLimited,
  kRequestTooLarge,
  kUnauthenticated,
  kUpstreamError,
  kUpstreamMalformed,
  kUpstreamRedirect,
  kUpstreamRejected,
  kUpstreamTimeout,
  kUpstreamUnavailable,
  kUpstreamUnreachable,
  kWriteOutcomeUnknown,
};

// The names of all reasons on the wire, in the order of ErrorReason, which is sorted.
inline constexpr std::array<std::string_view, 31> kErrorReasonNames = {
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
    "PROXY_REFUSED",
    "PROXY_UNREACHABLE",
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
static_assert(kErrorReasonNames.size() ==
              static_cast<std::size_t>(ErrorReason::kWriteOutcomeUnknown) + 1);

// Returns the name of `reason` on the wire, such as "ACCESS_DENIED". The name lives forever.
constexpr std::string_view NameOf(ErrorReason reason) {
  return kErrorReasonNames.at(static_cast<std::size_t>(reason));
}

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ERROR_REASON_H_
