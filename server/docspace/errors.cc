#include "server/docspace/errors.h"

#include <optional>
#include <string>
#include <utility>

#include "server/docspace/envelope.h"
#include "server/docspace/retry_after.h"
#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

using absl::StatusCode;

constexpr std::size_t kMaxLocation = 1024;

// What the tables below fill in.
struct Row {
  StatusCode code;
  std::string_view reason;
  // What a person can do; the portal's own words take its place where they may be passed on.
  std::string_view message;
  bool portal_may_speak = false;
};

// The message of a write whose outcome nobody here knows.
constexpr std::string_view kOutcomeUnknown =
    "the portal may or may not have carried out the call: read the keys before trying again";

Row WriteOutcomeUnknown() {
  return {StatusCode::kUnknown, "WRITE_OUTCOME_UNKNOWN", kOutcomeUnknown};
}

bool IsNullReference(const PortalError& error) {
  return error.type.find("NullReference") != std::string::npos;
}

Row RowOf4xx(Rpc rpc, int status, const PortalError& error) {
  switch (status) {
    case 400:
      if (rpc == Rpc::kGetApiKey) {
        return {StatusCode::kFailedPrecondition, "CREDENTIAL_IS_NOT_AN_API_KEY",
                "GetApiKey tells about the API key that authenticates it: call it with one"};
      }
      [[fallthrough]];
    case 422:
      return {StatusCode::kInvalidArgument, "INVALID_REQUEST", "the portal refused the request",
              true};
    case 401:
      return {StatusCode::kUnauthenticated, "UNAUTHENTICATED",
              "the portal does not accept the credential: it is wrong, expired or inactive"};
    case 402:
      return {StatusCode::kFailedPrecondition, "PAYMENT_REQUIRED",
              "the portal's subscription is not paid"};
    case 403:
      return {StatusCode::kPermissionDenied, "ACCESS_DENIED",
              "the credential does not allow this call", true};
    case 404:
    case 410:
      // The portal answers its own "not found" with error JSON; anything else means that no portal
      // was there to answer.
      if (error.form != PortalError::Form::kErrorJson) {
        return {StatusCode::kNotFound, "PORTAL_OR_ROUTE_NOT_FOUND",
                "there is no such portal, or it has no ApiKeys API"};
      }
      return {StatusCode::kNotFound, "NOT_FOUND", "the portal does not know what was asked for",
              true};
    case 405:
      return {StatusCode::kUnimplemented, "NOT_IMPLEMENTED_BY_PORTAL",
              "the portal does not offer this call"};
    case 408:
    case 425:
      // Safe for a write too: the portal says that it has not processed the request.
      return {StatusCode::kUnavailable, "UPSTREAM_TIMEOUT",
              "the portal did not get the request in time: try again"};
    case 409:
      return {rpc == Rpc::kCreateApiKey ? StatusCode::kAlreadyExists : StatusCode::kAborted,
              "CONFLICT", "the call conflicts with the portal's state", true};
    case 412:
      return {StatusCode::kFailedPrecondition, "CONFLICT",
              "the call conflicts with the portal's state", true};
    case 413:
    case 431:
      return {StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE",
              "the request is larger than the portal takes"};
    case 429:
      return {StatusCode::kResourceExhausted, "RATE_LIMITED",
              "the portal's rate limit is reached: try again later"};
    default:
      return {StatusCode::kInternal, "UPSTREAM_REJECTED",
              "the portal rejected the gateway's request"};
  }
}

Row RowOf5xx(Rpc rpc, int status, const PortalError& error) {
  switch (status) {
    case 500:
      if (IsNullReference(error) && rpc == Rpc::kGetApiKey) return RowOf4xx(rpc, 400, error);
      if (IsNullReference(error) && (rpc == Rpc::kUpdateApiKey || rpc == Rpc::kDeleteApiKey)) {
        return {StatusCode::kNotFound, "KEY_NOT_FOUND", "there is no key with this id"};
      }
      return {StatusCode::kInternal, "UPSTREAM_ERROR", "the portal failed"};
    case 501:
      return {StatusCode::kUnimplemented, "NOT_IMPLEMENTED_BY_PORTAL",
              "the portal does not offer this call"};
    case 503:
      // Said before anything is done, so it is safe for a write too.
      return {StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE",
              "the portal is not available: try again"};
    case 502:
    case 504:
      // Said by a proxy that may have passed the request on.
      if (RouteOf(rpc).is_write) return WriteOutcomeUnknown();
      return {StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE",
              "the portal is not available: try again"};
    default:
      return {StatusCode::kInternal, "UPSTREAM_ERROR", "the portal failed"};
  }
}

// Only where it leads, without what might be a credential in it: no user information and no query.
std::string Location(std::string_view value) {
  value = value.substr(0, value.find_first_of("?#"));
  const std::size_t scheme_end = value.find("://");
  const std::size_t host = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  if (value.substr(host, value.find('/', host) - host).find('@') != std::string_view::npos)
    return "";
  for (const char c : value) {
    if (c < 0x20 || c > 0x7E) return "";
  }
  return std::string(value.substr(0, kMaxLocation));
}

std::optional<std::string> Quota(const http::Response& response) {
  std::string quota;
  for (const auto& [header, name] :
       {std::pair("X-RateLimit-Limit", "limit"), std::pair("X-RateLimit-Remaining", "remaining"),
        std::pair("X-RateLimit-Reset", "reset")}) {
    const std::string_view value = response.Find(header);
    if (value.empty() || value.size() > 64) continue;
    quota.append(quota.empty() ? "" : ", ").append(name).append(" ").append(value);
  }
  if (quota.empty()) return std::nullopt;
  return quota;
}

}  // namespace

absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response) {
  ErrorDetails details;
  details.metadata.emplace_back("http_status", std::to_string(response.status));
  if (response.status < 300) return ErrorFromMalformed(rpc, response.status, "has no place here");
  if (response.status < 400) {
    details.reason = "UPSTREAM_REDIRECT";
    const std::string location = Location(response.Find("Location"));
    if (!location.empty()) details.metadata.emplace_back("location", location);
    return MakeError(StatusCode::kFailedPrecondition,
                     "the portal is elsewhere: the gateway's DOCSPACE_URL must name it; a redirect "
                     "is never followed, since it would carry the credential away",
                     details);
  }

  PortalError error = ReadPortalError(response.body);
  const Row row = response.status < 500 ? RowOf4xx(rpc, response.status, error)
                                        : RowOf5xx(rpc, response.status, error);
  details.reason = row.reason;
  if (!error.type.empty()) details.metadata.emplace_back("upstream_type", error.type);
  if (row.code == StatusCode::kInvalidArgument) details.violations = std::move(error.violations);
  if (response.status == 429 || response.status == 503) {
    details.retry_after = ParseRetryAfter(response.Find("Retry-After"));
  }
  if (response.status == 429) details.quota = Quota(response);
  const bool portal_speaks = row.portal_may_speak && !error.message.empty();
  return MakeError(row.code, portal_speaks ? error.message : row.message, details);
}

absl::Status ErrorFromMalformed(Rpc rpc, int http_status, std::string_view why) {
  const bool is_write = RouteOf(rpc).is_write;
  std::string message("the portal's answer cannot be understood: ");
  message.append(why);
  if (is_write) message.append("; ").append(kOutcomeUnknown);
  return MakeError(
      is_write ? StatusCode::kUnknown : StatusCode::kInternal, message,
      {.reason = "UPSTREAM_MALFORMED", .metadata = {{"http_status", std::to_string(http_status)}}});
}

absl::Status ErrorFromFailure(Rpc rpc, const http::Failure& failure) {
  using Kind = http::Failure::Kind;
  const bool maybe_written = RouteOf(rpc).is_write && failure.sent;
  ErrorDetails details;
  Row row{};
  switch (failure.kind) {
    case Kind::kConnectionLost:
      if (maybe_written) {
        row = WriteOutcomeUnknown();
        break;
      }
      [[fallthrough]];
    case Kind::kUnreachable:
      row = {StatusCode::kUnavailable, "UPSTREAM_UNREACHABLE",
             "the portal cannot be reached: try again"};
      break;
    case Kind::kMalformed:
      row = {maybe_written ? StatusCode::kUnknown : StatusCode::kInternal, "UPSTREAM_MALFORMED",
             maybe_written ? kOutcomeUnknown : "the portal's answer cannot be understood"};
      break;
    case Kind::kDeadline:
      row = {StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
             maybe_written ? kOutcomeUnknown : "the portal did not answer in time"};
      if (RouteOf(rpc).is_write) {
        details.metadata.emplace_back("write_sent", failure.sent ? "true" : "false");
      }
      break;
    case Kind::kCancelled:
      row = {StatusCode::kCancelled, "CANCELLED", "the caller cancelled the call"};
      if (RouteOf(rpc).is_write) {
        details.metadata.emplace_back("write_sent", failure.sent ? "true" : "false");
      }
      break;
    case Kind::kOverloaded:
      row = {StatusCode::kResourceExhausted, "GATEWAY_OVERLOADED",
             "the gateway has as many calls in flight as it may: try again"};
      details.retry_after = absl::Seconds(1);
      break;
  }
  details.reason = row.reason;
  std::string message(row.message);
  if (!failure.detail.empty()) message.append(" (").append(failure.detail).append(")");
  return MakeError(row.code, message, details);
}

}  // namespace docspace::gateway
