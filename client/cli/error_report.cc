#include "client/cli/error_report.h"

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "client/cli/table.h"
#include "client/cli/terminal_text.h"

namespace docspace::apikeys::cli {
namespace {

struct ReasonHint {
  std::string_view reason;
  std::string_view hint;
};

constexpr std::string_view kMayHaveBeenMade =
    "the change may have been made: look with `docspace-keys list` before you try again";

constexpr ReasonHint kReasonHints[] = {
    {"ACCESS_DENIED",
     "the credential's scope, or its owner's role, does not allow this, or the key is another "
     "user's; ask an administrator of the portal"},
    {"ADDRESS_NOT_ALLOWED",
     "the portal allows certain addresses only: the gateway's address has to be on its list"},
    {"CREDENTIAL_IS_NOT_AN_API_KEY", "self needs an API key: set DOCSPACE_API_KEY"},
    {"GATEWAY_OVERLOADED", "the gateway is at its limit: try again later"},
    {"KEY_NOT_FOUND", "find the key's id with `docspace-keys list`"},
    {"PAYMENT_REQUIRED", "pay the portal's subscription"},
    {"PORTAL_BUSY", "the portal is being restored or moved: try again later"},
    {"PORTAL_OR_ROUTE_NOT_FOUND", "the gateway's portal address (DOCSPACE_URL) may be wrong"},
    {"PROXY_REFUSED",
     "the forward proxy between gateway and portal refuses: ask the operator of the gateway"},
    {"PROXY_UNREACHABLE",
     "the forward proxy between gateway and portal does not work now: try again later"},
    {"RATE_LIMITED",
     "try again after the delay, or after a minute if there is none; the portal limits above all "
     "the "
     "creation of keys"},
    {"UPSTREAM_REDIRECT", "the gateway's portal address (DOCSPACE_URL) has to be the final one"},
    {"WRITE_OUTCOME_UNKNOWN", kMayHaveBeenMade},
};

std::string_view HintByCode(const ApiKeysError& error, Access access) {
  switch (error.code) {
    case grpc::StatusCode::UNAUTHENTICATED:
      return "the credential is wrong, expired or inactive, or not of the given scheme";
    case grpc::StatusCode::PERMISSION_DENIED:
      return "ask an administrator of the portal";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "correct the fields named above";
    case grpc::StatusCode::UNAVAILABLE:
      if (error.IsFromGateway()) return "the portal cannot be reached now: try again later";
      if (access == Access::kWrite) {
        return "check --target and --plaintext; if the gateway was reached, the change may have "
               "been made: look with `docspace-keys list`";
      }
      return "check --target, whether the gateway runs, and --plaintext if it does not use TLS";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return access == Access::kRead || error.IsKnownNotApplied()
                 ? "try again with a longer --timeout"
                 : kMayHaveBeenMade;
    case grpc::StatusCode::UNKNOWN:
      return access == Access::kWrite ? kMayHaveBeenMade : "";
    case grpc::StatusCode::INTERNAL:
      return access == Access::kWrite
                 ? kMayHaveBeenMade
                 : "if it persists, give the request id to the operator of the gateway";
    default:
      return "";
  }
}

std::string Labelled(const std::string& label, const std::string& text) {
  return label.empty() ? text : label + ": " + text;
}

std::string Seconds(std::chrono::nanoseconds delay) {
  std::ostringstream out;
  out << std::chrono::duration<double>(delay).count() << " s";
  return out.str();
}

}  // namespace

std::string_view HintFor(const ApiKeysError& error, Access access) {
  for (const auto& [reason, hint] : kReasonHints) {
    if (error.IsFromGateway() && error.reason == reason) return hint;
  }
  return HintByCode(error, access);
}

void ReportError(const ApiKeysError& error, Access access, std::string_view proxy, bool colour,
                 std::ostream& err) {
  err << Paint("error:", Emphasis::kBad, colour) << ' '
      << (error.message.empty() ? CodeName(error.code) : Escape(error.message)) << '\n';
  std::vector<Row> rows;
  const auto add = [&rows](const char* label, const std::string& text) {
    if (!text.empty()) rows.push_back({{label, Emphasis::kFaint}, {text}});
  };
  add("  code", CodeName(error.code));
  add("  reason", error.reason);
  for (const auto& [field, description] : error.field_violations) {
    add("  field", Labelled(field, description));
  }
  for (const auto& [subject, description] : error.quota_violations) {
    add("  quota", Labelled(subject, description));
  }
  add("  http status", error.http_status == 0 ? "" : std::to_string(error.http_status));
  add("  request id", error.request_id);
  add("  retry after", error.retry_delay ? Seconds(*error.retry_delay) : "");
  PrintTable(rows, colour, err);
  if (const std::string_view hint = HintFor(error, access); !hint.empty()) {
    err << Paint("hint:", Emphasis::kStrong, colour) << ' ' << hint << '\n';
  }
  if (!proxy.empty() && !error.IsFromGateway()) {
    err << Paint("hint:", Emphasis::kStrong, colour) << " the connection goes through the proxy of "
        << Escape(proxy) << "; NO_PROXY names the hosts that are reached without it\n";
  }
}

}  // namespace docspace::apikeys::cli
