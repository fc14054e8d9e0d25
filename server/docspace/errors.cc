#include "server/docspace/errors.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/base/ascii.h"
#include "server/docspace/portal_error.h"
#include "server/docspace/proxies.h"
#include "server/docspace/retry_after.h"
#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

using absl::StatusCode;

constexpr std::size_t kMaxLocation = 1024;
constexpr std::size_t kMaxQuotaValue = 64;

// A row of the tables below: how a response becomes a status.
struct Row {
  StatusCode code;
  ErrorReason reason = ErrorReason::kUpstreamError;
  // What a person can do. The portal's own message replaces it if `portal_may_speak`.
  std::string_view message;
  // The reason why a write that gets this response was not carried out. Empty if it may have been
  // carried out: then a write gets WriteOutcomeUnknown instead, unless the code is INTERNAL, which
  // says nothing about the outcome.
  std::string_view proof = {};
  bool portal_may_speak = false;
};

// The message of a write whose outcome is unknown.
constexpr std::string_view kOutcomeUnknown =
    "the portal may or may not have carried out the call: read the keys before another attempt";

Row WriteOutcomeUnknown() {
  return {StatusCode::kUnknown, ErrorReason::kWriteOutcomeUnknown, kOutcomeUnknown};
}

// Proofs that several rows share. docs/resilience.md has them all as a table.
constexpr std::string_view kCheckedFirst = "the portal checks this before it acts";
constexpr std::string_view kJudgedFirst =
    "a server that limits requests counts them before it sends them on";
constexpr std::string_view kNoHandler =
    "a server that has no handler for a request cannot carry it out";
constexpr std::string_view kNeverReadWhole =
    "a request that is refused for its size is not acted on";

bool IsNullReference(const PortalError& error) {
  // `type` may be absent; the message is .NET's own.
  return error.type == "System.NullReferenceException" ||
         (error.form == PortalError::Form::kErrorJson && error.type.empty() &&
          error.message == "Object reference not set to an instance of an object.");
}

// Returns whether the portal failed on a bearer token of three parts that is not a valid JWT.
bool IsMalformedToken(const PortalError& error) {
  return error.form == PortalError::Form::kErrorJson &&
         error.type.find("IdentityModel") != std::string::npos;
}

// Returns whether a 403 with error JSON is a failure of the portal and not a refusal. The portal
// responds with 403 to InvalidOperationException and classes derived from it, such as
// ObjectDisposedException. A refusal is a SecurityException, or has no type.
bool IsFailureInThePortal(const PortalError& error) {
  return !error.type.empty() && error.type != "System.Exception" &&
         !error.type.ends_with("SecurityException") &&
         error.type != "System.UnauthorizedAccessException";
}

Row AccessDenied(std::string_view message, std::string_view proof) {
  return {StatusCode::kPermissionDenied, ErrorReason::kAccessDenied, message, proof};
}

// The portal, or a proxy, says that it does not serve; `proof` is empty if it may have carried the
// call out.
Row NotAvailable(std::string_view proof) {
  return {StatusCode::kUnavailable, ErrorReason::kUpstreamUnavailable,
          "the portal is not available: try again", proof};
}

Row NoSuchPortal() {
  return {StatusCode::kNotFound, ErrorReason::kPortalOrRouteNotFound,
          "there is no such portal, or it has no ApiKeys API", kNoHandler};
}

Row NotImplemented() {
  return {StatusCode::kUnimplemented, ErrorReason::kNotImplementedByPortal,
          "the portal does not offer this call", kNoHandler};
}

Row RequestTooLarge() {
  return {StatusCode::kResourceExhausted, ErrorReason::kRequestTooLarge,
          "the request is larger than the portal takes", kNeverReadWhole};
}

Row NotAnApiKey() {
  return {StatusCode::kFailedPrecondition, ErrorReason::kCredentialIsNotAnApiKey,
          "GetApiKey returns the API key that authenticates it: call it with one", kCheckedFirst};
}

// Returns whether `location` names the path of the same call. Then the server wants the request
// itself to be made elsewhere, for example by https instead of http. Another path may show the
// result of a request that was carried out.
bool NamesTheSameCall(Rpc rpc, std::string_view location) {
  location = location.substr(0, location.find_first_of("?#"));
  std::string_view path = RouteOf(rpc).path;
  constexpr std::string_view kKeyId = "{key_id}";
  if (path.ends_with(kKeyId)) {
    path.remove_suffix(kKeyId.size());
    constexpr std::size_t kGuidLength = 36;
    if (location.size() < kGuidLength) return false;
    location.remove_suffix(kGuidLength);
  }
  return location.ends_with(path);
}

Row RowOf3xx(Rpc rpc, const http::Response& response) {
  Row row = {
      StatusCode::kFailedPrecondition, ErrorReason::kUpstreamRedirect,
      "the portal is elsewhere: the gateway's DOCSPACE_URL must name it; the gateway never follows "
      "a redirect, because that would send the credential to another server"};
  switch (response.status) {
    case 307:
    case 308:
      row.proof = "RFC 9110, 15.4.8 and 15.4.9: the same request is still to be made elsewhere";
      break;
    case 301:
    case 302:
      // Servers also send these after a POST that they have carried out, and proxies send them in
      // place of a 502 (nginx's `error_page`).
      if (NamesTheSameCall(rpc, response.Find("Location"))) {
        row.proof = "a server that wants the same request made elsewhere has not carried it out";
      }
      break;
    default:
      // 303 is the response to a request that was carried out, RFC 9110 section 15.4.4.
      break;
  }
  return row;
}

// A 403 has five meanings, which only the form of the body distinguishes.
Row RowOf403(const http::Response& response, const PortalError& error) {
  using Form = PortalError::Form;
  switch (error.form) {
    case Form::kEmpty:
      // Envoy's ext_authz filter responds in this way, too.
      return AccessDenied(
          "the credential's scope does not allow this call; from DocSpace 3.7 on it takes an API "
          "key with `*:read` or `*:write`, and a JWT of the portal's own OAuth2 service cannot use "
          "this API at all",
          kCheckedFirst);
    case Form::kErrorJson: {
      if (IsFailureInThePortal(error)) {
        return {StatusCode::kInternal, ErrorReason::kUpstreamError, "the portal failed"};
      }
      Row row = AccessDenied("the credential does not allow this call", kCheckedFirst);
      row.portal_may_speak = true;
      return row;
    }
    case Form::kProblemJson:
      if (error.status != response.status) break;
      return {StatusCode::kUnavailable, ErrorReason::kPortalBusy,
              "the portal is being restored, moved or encrypted: try again later", kCheckedFirst};
    case Form::kText:
      if (IsEnvoysRefusal(response)) break;
      return {StatusCode::kPermissionDenied, ErrorReason::kAddressNotAllowed,
              "the portal does not take calls from the gateway's address, which must be on the "
              "portal's list of allowed IP addresses",
              kCheckedFirst, true};
    default:
      break;
  }
  // The page is a proxy's. It proves nothing about a write: a web application firewall also checks
  // responses, and makes a 403 of a portal's 500 (ModSecurity's phases 3 and 4).
  return AccessDenied("a proxy in front of the portal refuses the call",
                      IsEnvoysRefusal(response) ? kJudgedFirst : "");
}

Row MapClientError(Rpc rpc, const http::Response& response, const PortalError& error) {
  switch (response.status) {
    case 400:
      if (SaysHeaderIsTooLarge(response)) return RequestTooLarge();
      if (IsMalformedToken(error)) {
        return {StatusCode::kUnauthenticated, ErrorReason::kUnauthenticated,
                "the portal cannot read the credential: it is not a valid JWT", kCheckedFirst};
      }
      // HTML comes from a proxy, for example because it got plain HTTP on its https port.
      if (rpc == Rpc::kGetApiKey && error.form != PortalError::Form::kHtml) return NotAnApiKey();
      [[fallthrough]];
    case 422:
      return {StatusCode::kInvalidArgument, ErrorReason::kInvalidRequest,
              "the portal refused the request", kCheckedFirst, true};
    case 401:
      return {
          StatusCode::kUnauthenticated, ErrorReason::kUnauthenticated,
          error.form == PortalError::Form::kHtml
              ? "a proxy in front of the portal does not accept the credential, or wants one of "
                "its own"
              : "the portal does not accept the credential: it is wrong, expired or inactive",
          "RFC 9110, 15.5.2: the request has not been applied"};
    case 402:
      return {StatusCode::kFailedPrecondition, ErrorReason::kPaymentRequired,
              "the portal's subscription is not paid", kCheckedFirst};
    case 403:
      return RowOf403(response, error);
    case 404:
    case 410:
      // The portal's own "not found" is error JSON; any other body means that there was no portal
      // at this address.
      if (error.form != PortalError::Form::kErrorJson) return NoSuchPortal();
      return {StatusCode::kNotFound, ErrorReason::kNotFound,
              "the portal does not have the requested object", kCheckedFirst, true};
    case 405:
      return NotImplemented();
    case 408:
      // There is no proof: Envoy before 1.20 sends 408 after it has passed on a whole request to
      // which the portal does not respond in time.
      return {StatusCode::kUnavailable, ErrorReason::kUpstreamTimeout,
              "the portal did not get the request in time: try again"};
    case 409:
      return {rpc == Rpc::kCreateApiKey ? StatusCode::kAlreadyExists : StatusCode::kAborted,
              ErrorReason::kConflict, "the call conflicts with the portal's state",
              "RFC 9110, 15.5.10: the request could not be completed", true};
    case 412:
      return {StatusCode::kFailedPrecondition, ErrorReason::kConflict,
              "the call conflicts with the portal's state",
              "RFC 9110, 15.5.13: a condition of the request does not hold", true};
    case 413:
    case 431:
      return RequestTooLarge();
    case 425:
      return {StatusCode::kUnavailable, ErrorReason::kUpstreamTimeout,
              "the portal takes the request only after TLS is established: try again",
              "RFC 8470, 5.2: the server is unwilling to process the request so early"};
    case 429:
      return {StatusCode::kResourceExhausted, ErrorReason::kRateLimited,
              "the portal's rate limit is reached: try again later", kJudgedFirst};
    case 499:
      // Proxies use 499 for a client that went away; the portal may have received the request.
      return NotAvailable("");
    default:
      return {StatusCode::kInternal, ErrorReason::kUpstreamRejected,
              "the portal rejected the gateway's request"};
  }
}

Row RowOf500(Rpc rpc, const PortalError& error) {
  const bool by_key_id = rpc == Rpc::kUpdateApiKey || rpc == Rpc::kDeleteApiKey;
  if (IsNullReference(error) && rpc == Rpc::kGetApiKey) return NotAnApiKey();
  if (IsNullReference(error) && by_key_id) {
    return {StatusCode::kNotFound, ErrorReason::kKeyNotFound, "there is no key with this id",
            "the portal fails because it finds no key to act on"};
  }
  if (error.form == PortalError::Form::kErrorJson) {
    // The vendor's cloud responds in this way to an API key at a name that no portal has.
    if (error.message.starts_with("Could not resolve current tenant")) return NoSuchPortal();
    // Portals before 3.7 refuse a guest in this way, and a user if developer tools are for
    // administrators.
    if (error.type == "System.UnauthorizedAccessException") {
      return {StatusCode::kPermissionDenied, ErrorReason::kAccessDenied,
              "the credential does not allow this call", kCheckedFirst, true};
    }
  }
  return {StatusCode::kInternal, ErrorReason::kUpstreamError, "the portal failed"};
}

Row MapServerError(Rpc rpc, const http::Response& response, const PortalError& error) {
  switch (response.status) {
    case 500:
      return RowOf500(rpc, error);
    case 501:
      return NotImplemented();
    case 502:
    case 504:
      // The response comes from a proxy that may have passed the request on.
      return NotAvailable("");
    case 503:
      if (error.is_portals_own && error.status == response.status) {
        return NotAvailable("the portal itself says that it does not serve");
      }
      return NotAvailable(SaysNothingWasSent(response)
                              ? "the proxy says that it sent the request to no server"
                              : "");
    // Cloudflare sends these about the connection between it and the portal.
    case 521:  // The portal refused the connection.
    case 522:  // It acknowledged neither the connection nor the request.
    case 523:  // There is no route to it.
    case 525:  // TLS could not be established.
    case 526:  // Its certificate is not valid.
      return NotAvailable("Cloudflare had no connection to send the request on");
    case 520:  // The portal's response was empty or could not be understood.
    case 524:  // The portal took the request and did not respond in time.
    case 527:
    case 528:
    case 529:
    case 530:
    case 598:  // Proxies use these for timeouts; no specification says when they begin.
    case 599:
      return NotAvailable("");
    default:
      return {StatusCode::kInternal, ErrorReason::kUpstreamError, "the portal failed"};
  }
}

Row RowOf(Rpc rpc, const http::Response& response, const PortalError& error) {
  if (response.status < 400) return RowOf3xx(rpc, response);
  return response.status < 500 ? MapClientError(rpc, response, error)
                               : MapServerError(rpc, response, error);
}

// Returns scheme, host and path of a redirect's target, which help to find a wrong configuration.
// Userinfo, query and fragment may hold secrets. Returns an empty text for anything but http, https
// and relative references.
std::string RedirectTarget(std::string_view location) {
  if (location.size() > kMaxLocation || !IsVisibleAscii(location) ||
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

// Returns how long to wait after a 429 without Retry-After, by the limit that was reached. All
// limits here are those of the vendor's cloud; others are unknown.
std::optional<absl::Duration> WaitFor(std::string_view limit) {
  const std::pair<std::string_view, absl::Duration> kLimits[] = {
      {"5", absl::Minutes(15)},    // Creations.
      {"15", absl::Seconds(1)},    // Writes at a time: until one ends.
      {"50", absl::Seconds(1)},    // Reads at a time.
      {"1500", absl::Minutes(1)},  // Calls.
      {"10000", absl::Hours(24)},  // POST and PUT.
  };
  for (const auto& [known, wait] : kLimits) {
    if (limit == known) return wait;
  }
  return std::nullopt;
}

std::optional<std::string> Quota(const http::Response& response) {
  std::string quota;
  for (const auto& [header, name] :
       {std::pair("X-RateLimit-Limit", "limit"), std::pair("X-RateLimit-Remaining", "remaining"),
        std::pair("X-RateLimit-Reset", "reset")}) {
    const std::string_view value = response.Find(header);
    if (value.empty() || value.size() > kMaxQuotaValue || !IsVisibleAscii(value)) continue;
    quota.append(quota.empty() ? "" : ", ").append(name).append(" ").append(value);
  }
  if (quota.empty()) return std::nullopt;
  return quota;
}

}  // namespace

absl::Status ErrorFromResponse(Rpc rpc, const http::Response& response, absl::Time now) {
  // The gateway sends no conditional requests, so 304 is malformed too.
  if (response.status < 300 || response.status == 304 || response.status > 599) {
    return ErrorFromMalformed(rpc, response.status, "its status is not one of a final response");
  }
  PortalError error = ReadPortalError(response.body);
  Row row = RowOf(rpc, response, error);
  if (RouteOf(rpc).is_write && row.proof.empty() && row.code != StatusCode::kInternal) {
    row = WriteOutcomeUnknown();
  }

  ErrorDetails details;
  details.reason = row.reason;
  details.metadata.emplace_back("http_status", std::to_string(response.status));
  if (response.status < 400) {
    const std::string location = RedirectTarget(response.Find("Location"));
    if (!location.empty()) details.metadata.emplace_back("location", location);
  }
  if (!error.type.empty()) details.metadata.emplace_back("upstream_type", error.type);
  if (row.code == StatusCode::kInvalidArgument) details.violations = std::move(error.violations);
  const bool may_be_retried = row.reason == ErrorReason::kRateLimited ||
                              row.reason == ErrorReason::kUpstreamUnavailable ||
                              row.reason == ErrorReason::kPortalBusy;
  if (may_be_retried) details.retry_after = ParseRetryAfter(response.Find("Retry-After"), now);
  if (response.status == 429) {
    details.quota = Quota(response);
    if (!details.retry_after) details.retry_after = WaitFor(response.Find("X-RateLimit-Limit"));
  }
  // The title of problem JSON only repeats the status.
  const bool portal_speaks = row.portal_may_speak && !error.message.empty() &&
                             error.form != PortalError::Form::kProblemJson;
  std::string message(row.message);
  if (portal_speaks && row.reason == ErrorReason::kAddressNotAllowed) {
    message.append(" (it says: ").append(error.message).append(")");
  } else if (portal_speaks) {
    message = error.message;
  }
  return MakeError(row.code, message, details);
}

absl::Status ErrorFromMalformed(Rpc rpc, int http_status, std::string_view why) {
  const bool is_write = RouteOf(rpc).is_write;
  std::string message("the portal's response cannot be understood: ");
  message.append(why);
  if (is_write) message.append("; ").append(kOutcomeUnknown);
  return MakeError(is_write ? StatusCode::kUnknown : StatusCode::kInternal, message,
                   {.reason = ErrorReason::kUpstreamMalformed,
                    .metadata = {{"http_status", std::to_string(http_status)}}});
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
      row = {StatusCode::kUnavailable, ErrorReason::kUpstreamUnreachable,
             "the portal cannot be reached: try again"};
      break;
    case Kind::kProxy:
      // The proxy's status says nothing about the caller, whose credential it never sees.
      if (maybe_written) {
        row = WriteOutcomeUnknown();
        break;
      }
      if (failure.proxy_status == 0) {
        row = {StatusCode::kUnavailable, ErrorReason::kProxyUnreachable,
               "the forward proxy between the gateway and the portal does not work: try again"};
        break;
      }
      row = {StatusCode::kUnavailable, ErrorReason::kProxyRefused,
             "the forward proxy between the gateway and the portal refuses: try again later"};
      details.metadata.emplace_back("proxy_status", std::to_string(failure.proxy_status));
      break;
    case Kind::kMalformed:
      row = {maybe_written ? StatusCode::kUnknown : StatusCode::kInternal,
             ErrorReason::kUpstreamMalformed,
             maybe_written ? kOutcomeUnknown : "the portal's response cannot be understood"};
      break;
    case Kind::kDeadline:
      row = {StatusCode::kDeadlineExceeded, ErrorReason::kDeadlineExceeded,
             maybe_written ? kOutcomeUnknown : "the portal did not respond in time"};
      if (RouteOf(rpc).is_write) {
        details.metadata.emplace_back("write_sent", failure.sent ? "true" : "false");
      }
      break;
    case Kind::kCancelled:
      row = {StatusCode::kCancelled, ErrorReason::kCancelled, "the caller cancelled the call"};
      if (RouteOf(rpc).is_write) {
        details.metadata.emplace_back("write_sent", failure.sent ? "true" : "false");
      }
      break;
    case Kind::kOverloaded:
      if (maybe_written) {
        row = WriteOutcomeUnknown();
        break;
      }
      row = {StatusCode::kResourceExhausted, ErrorReason::kGatewayOverloaded,
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
