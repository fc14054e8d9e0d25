#include "server/docspace/errors.h"

#include <algorithm>
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
constexpr std::size_t kMaxQuotaValue = 64;

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
  // `type` may be absent; the message is the runtime's own.
  return error.type == "System.NullReferenceException" ||
         (error.form == PortalError::Form::kErrorJson && error.type.empty() &&
          error.message == "Object reference not set to an instance of an object.");
}

Row RowOf4xx(Rpc rpc, int status, const PortalError& error) {
  switch (status) {
    case 400:
      // HTML is a proxy's, which was spoken to by http on its https port, say.
      if (rpc == Rpc::kGetApiKey && error.form != PortalError::Form::kHtml) {
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

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// Where a redirect leads, to show a wrong configuration: scheme, host and path. Userinfo, query and
// fragment may hold secrets. Empty for anything but http, https and relative references.
std::string RedirectTarget(std::string_view location) {
  if (location.size() > kMaxLocation || !IsPrintable(location) ||
      location.find('\\') != std::string_view::npos) {
    return {};
  }
  location = location.substr(0, location.find_first_of("?#"));
  std::size_t authority = std::string_view::npos;
  for (const std::string_view prefix : {"https://", "http://", "//"}) {
    if (location.starts_with(prefix)) authority = prefix.size();
  }
  if (authority == std::string_view::npos) {
    return location.starts_with('/') ? std::string(location) : std::string();
  }
  const std::size_t path = std::min(location.find('/', authority), location.size());
  const std::size_t at = location.substr(0, path).rfind('@');
  std::string target(location.substr(0, authority));
  return target.append(location.substr(at == std::string_view::npos ? authority : at + 1));
}

std::optional<std::string> Quota(const http::Response& response) {
  std::string quota;
  for (const auto& [header, name] :
       {std::pair("X-RateLimit-Limit", "limit"), std::pair("X-RateLimit-Remaining", "remaining"),
        std::pair("X-RateLimit-Reset", "reset")}) {
    const std::string_view value = response.Find(header);
    if (value.empty() || value.size() > kMaxQuotaValue || !IsPrintable(value)) continue;
    quota.append(quota.empty() ? "" : ", ").append(name).append(" ").append(value);
  }
  if (quota.empty()) return std::nullopt;
  return quota;
}

}  // namespace

absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response) {
  ErrorDetails details;
  details.metadata.emplace_back("http_status", std::to_string(response.status));
  // Nothing is asked for conditionally, so 304 is no answer either.
  if (response.status < 300 || response.status == 304 || response.status > 599) {
    return ErrorFromMalformed(rpc, response.status, "its status has no place here");
  }
  if (response.status < 400) {
    details.reason = "UPSTREAM_REDIRECT";
    const std::string location = RedirectTarget(response.Find("Location"));
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
  if (row.reason == "RATE_LIMITED" || row.reason == "UPSTREAM_UNAVAILABLE") {
    details.retry_after = ParseRetryAfter(response.Find("Retry-After"));
  }
  if (response.status == 429) details.quota = Quota(response);
  // The title of problem JSON only repeats the status.
  const bool portal_speaks = row.portal_may_speak && !error.message.empty() &&
                             error.form != PortalError::Form::kProblemJson;
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
    case Kind::kUnreachable:
      if (maybe_written) {
        row = WriteOutcomeUnknown();
        break;
      }
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
      if (maybe_written) {
        row = WriteOutcomeUnknown();
        break;
      }
      row = {StatusCode::kResourceExhausted, "GATEWAY_OVERLOADED",
             "the gateway carries as much as it may: try again"};
      details.retry_after = absl::Seconds(1);
      break;
  }
  details.reason = row.reason;
  std::string message(row.message);
  if (!failure.detail.empty()) message.append(" (").append(failure.detail).append(")");
  return MakeError(row.code, message, details);
}

}  // namespace docspace::gateway
