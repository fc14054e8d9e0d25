#include "server/docspace/proxies.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace docspace::gateway {
namespace {

// The size, in bytes, up to which a body is searched. It is larger than any text below.
constexpr std::size_t kLongestText = 1024;

// Envoy 1.40.0: the chosen cluster has no endpoint that it may use.
constexpr std::string_view kNoEndpoint = "no healthy upstream";

// Envoy says that the stream was reset before the response began. If Envoy had already sent the
// request, the text continues with "retried and the latest reset reason: " instead, and proves
// nothing.
constexpr std::string_view kReset =
    "upstream connect error or disconnect/reset before headers. reset reason: ";

// The reset reasons that mean that the connection pool had no connection to give, so that no byte
// of the request was written. Above all "connection termination" and "remote reset" are not among
// them: the portal may have read the request by then. A comma and details may follow the reason.
constexpr std::array<std::string_view, 5> kNoConnection = {
    "overflow",                   // Envoy 1.40.0: a circuit breaker's limit is reached.
    "connection timeout",         // Envoy 1.40.0
    "remote connection failure",  // Envoy 1.40.0
    "local connection failure",   // Envoy 1.40.0, by its sources
    "connection failure",         // Envoy before it told the two above apart
};

// HAProxy 2.6.12 says that no server is up, that its queue is full or timed out, or that no server
// took the connection (`SC`, `sQ` in its log). If a server closes after it has read the request,
// HAProxy sends a 502.
constexpr std::string_view kNoServer = "No server is available to handle this request.";

// nginx 1.22.1
constexpr std::string_view kLongHeader = "Request Header Or Cookie Too Large";

std::string_view TextOf(const http::Response& response) {
  std::string_view text = response.body;
  if (text.size() > kLongestText) return {};
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Returns whether `text` is a page of HTML that contains `part`. Error JSON may quote such a page,
// in the stack of an exception for example, and is the portal's own.
bool IsPageThatContains(std::string_view text, std::string_view part) {
  return text.starts_with('<') && text.find(part) != std::string_view::npos;
}

bool HadNoConnection(std::string_view text) {
  if (!text.starts_with(kReset)) return false;
  text.remove_prefix(kReset.size());
  const std::string_view reason = text.substr(0, text.find(','));
  return std::ranges::find(kNoConnection, reason) != kNoConnection.end();
}

}  // namespace

bool SaysNothingWasSent(const http::Response& response) {
  if (response.status != 503) return false;
  // Envoy adds this header to responses if `include_attempt_count_in_response` is set.
  const std::string_view attempts = response.Find("x-envoy-attempt-count");
  if (!attempts.empty() && attempts != "1") return false;
  const std::string_view text = TextOf(response);
  return text == kNoEndpoint || HadNoConnection(text) || IsPageThatContains(text, kNoServer);
}

bool IsEnvoysRefusal(const http::Response& response) {
  return response.status == 403 && TextOf(response) == "RBAC: access denied";
}

bool SaysHeaderIsTooLarge(const http::Response& response) {
  return response.status == 400 && IsPageThatContains(TextOf(response), kLongHeader);
}

}  // namespace docspace::gateway
