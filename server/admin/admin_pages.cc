#include "server/admin/admin_pages.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "server/admin/page.h"
#include "server/admin/status_json.h"
#include "server/metrics/openmetrics.h"

namespace docspace::gateway {
namespace {

AdminResponse Text(int status, std::string_view text) {
  return {.status = status, .body = std::string(text) + "\n"};
}

AdminResponse WrongMethod(std::string allowed) {
  AdminResponse response = Text(405, "only " + allowed);
  response.allow = std::move(allowed);
  return response;
}

AdminResponse Document(std::string content_type, std::string body) {
  return {.content_type = std::move(content_type), .body = std::move(body)};
}

}  // namespace

AdminPages::AdminPages(Sources sources) : sources_(std::move(sources)) {}

AdminResponse AdminPages::Answer(const AdminRequest& request) const {
  if (!IsOurName(request.host)) {
    return Text(421, "the Host is not one of this server's; --admin-hosts names others");
  }
  if (request.path == "/log-level") return SetLogLevel(request);
  if (request.method != "GET" && request.method != "HEAD") return WrongMethod("GET, HEAD");
  return Read(request);
}

bool AdminPages::IsOurName(const std::string& host) const {
  // A browser always sends a Host. Some probes speak HTTP/1.0, which has none.
  if (host.empty()) return true;
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  return !not_an_address || absl::EqualsIgnoreCase(host, "localhost") ||
         std::ranges::any_of(sources_.host_names, [&host](const std::string& name) {
           return absl::EqualsIgnoreCase(host, name);
         });
}

AdminResponse AdminPages::Read(const AdminRequest& request) const {
  const std::string& path = request.path;
  if (path == "/healthz") {
    return sources_.live() ? Text(200, "ok") : Text(503, "an event loop does not turn");
  }
  if (path == "/readyz") return sources_.ready() ? Text(200, "ready") : Text(503, "not ready");
  if (path == "/metrics" && PrefersOpenMetrics(request.accept)) {
    return Document(kOpenMetricsType, sources_.openmetrics());
  }
  if (path == "/metrics") {
    return Document("text/plain; version=0.0.4; charset=utf-8",
                    prometheus::TextSerializer().Serialize(sources_.metrics()));
  }
  if (path == "/status.json") {
    return Document("application/json", StatusJson(sources_.metrics(), sources_.errors()));
  }
  if (path == "/config" && sources_.config) {
    return Document("text/plain; charset=utf-8", sources_.config());
  }
  if (path == "/") return Document("text/html; charset=utf-8", std::string(page::kIndexHtml));
  if (path == "/style.css") {
    return Document("text/css; charset=utf-8", std::string(page::kStyleCss));
  }
  if (path == "/status.js") {
    return Document("text/javascript; charset=utf-8", std::string(page::kStatusJs));
  }
  return Text(404, "no such page");
}

AdminResponse AdminPages::SetLogLevel(const AdminRequest& request) const {
  constexpr std::string_view kParameter = "level=";
  if (request.method != "PUT") return WrongMethod("PUT");
  if (!request.from_loopback || request.from_page || request.is_forwarded) {
    return Text(403, "only from this machine, and neither from a browser's page nor by a proxy");
  }
  if (!request.query.starts_with(kParameter) ||
      !sources_.set_log_level(request.query.substr(kParameter.size()))) {
    return Text(400, "no such level");
  }
  return Text(200, "set");
}

}  // namespace docspace::gateway
