#include "tests/emulator/api.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "tests/emulator/fields_filter.h"
#include "tests/emulator/portal_exception.h"
#include "tests/emulator/request_dto.h"
#include "tests/emulator/url.h"

namespace docspace::emulator {
namespace {

namespace json = boost::json;

constexpr std::string_view kKeys = "/api/2.0/keys";

Response Json(int status, std::string body) {
  return Response{.status = status,
                  .headers = {{"Content-Type", "application/json; charset=utf-8"}},
                  .body = std::move(body)};
}

Response Problem(int status, std::string_view title) {
  return Response{.status = status,
                  .headers = {{"Content-Type", "application/problem+json; charset=utf-8"}},
                  .body = ProblemJson(status, title)};
}

// The methods of a path, none where the path has no route.
std::string_view MethodsOf(std::string_view path) {
  if (path == kKeys) return "GET, POST";
  if (!path.starts_with(kKeys) || path[kKeys.size()] != '/') return "";
  const std::string_view segment = path.substr(kKeys.size() + 1);
  if (segment == "permissions" || segment == "@self") return "GET";
  return IsGuid(segment) ? "DELETE, PUT" : "";
}

// Kestrel refuses any other, which could not be quoted in the links either.
bool IsHost(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool HasJsonBody(const Request& request) {
  const std::string type = request.Find("Content-Type");
  return boost::beast::iequals(std::string_view(type).substr(0, type.find(';')),
                               "application/json");
}

json::array AllPermissions() { return json::array(kPermissions.begin(), kPermissions.end()); }

}  // namespace

Response Api::Handle(const Request& request) {
  Response response = Route(request);
  response.headers.push_back({"Server-Timing", "aspnetcore-request-time;dur=1ms"});
  response.headers.push_back({"api-supported-versions", "2.0"});
  return response;
}

Response Api::Route(const Request& request) {
  const std::string host = request.Find("Host");
  if (!IsHost(host)) return Response{.status = 400};
  if (!options_.host.empty() && host != options_.host) return Problem(404, "Not Found");

  const std::string path = PathOf(request.target);
  const std::string_view methods = MethodsOf(path);
  if (methods.empty()) return Response{.status = 404};
  if (methods.find(request.method) == std::string_view::npos) {
    return Response{.status = 405, .headers = {{"Allow", std::string(methods)}}};
  }

  auto authenticated = Authenticate(request, portal_, tokens_, clock_);
  if (auto* refusal = std::get_if<Response>(&authenticated)) return std::move(*refusal);
  const auto& caller = std::get<Principal>(authenticated);

  const bool is_create = request.method == "POST";
  const std::string operation = path.substr(std::min(path.size(), kKeys.size() + 1));
  if (auto refusal = calls_.Count(caller.user->id, clock_.Now())) return *std::move(refusal);
  if (is_create) {
    if (auto refusal = creations_.Count(caller.user->id, clock_.Now())) return *std::move(refusal);
  }
  if (operation != "@self" && !MayManageKeys(caller, request.method != "GET")) {
    return Response{.status = 403};
  }

  const RequestLine line{request.method, options_.scheme + "://" + host + path};
  if ((is_create || request.method == "PUT") && !HasJsonBody(request)) {
    return Problem(415, "Unsupported Media Type");
  }
  try {
    return Invoke(request, operation, caller, line);
  } catch (const PortalException& exception) {
    return Json(exception.status(), ErrorJson(exception));
  } catch (const ValidationException& exception) {
    return Json(400, ValidationJson(exception.errors(), line));
  }
}

Response Api::Invoke(const Request& request, const std::string& operation, const Principal& caller,
                     const RequestLine& line) {
  const User& user = *caller.user;
  const ViewOptions& views = options_.views;
  Envelope envelope;
  bool streamed = false;
  if (request.method == "POST") {
    envelope.response = ApiKeyView(portal_.CreateApiKey(user, ParseNewApiKey(request.body)),
                                   SecretView::kFull, views);
  } else if (request.method == "PUT") {
    envelope.response = portal_.UpdateApiKey(user, operation, ParseApiKeyChange(request.body));
  } else if (request.method == "DELETE") {
    envelope.response = portal_.DeleteApiKey(user, operation);
  } else if (operation == "permissions") {
    envelope.response = AllPermissions();
    envelope.count = kPermissions.size();
  } else if (operation == "@self") {
    // The portal cuts "Bearer " off the Authorization header, whatever that is, and looks it up.
    if (!caller.authorization_value) {
      throw PortalException::ArgumentOutOfRange(
          "startIndex cannot be larger than length of string. (Parameter 'startIndex')");
    }
    const ApiKey* key = portal_.FindApiKey(*caller.authorization_value);
    if (key == nullptr) throw PortalException::NullReference();
    envelope.response = ApiKeyView(*key, SecretView::kMasked, views);
  } else {
    json::array keys;
    for (const ApiKey* key : portal_.GetApiKeys(user)) {
      keys.push_back(ApiKeyView(*key, SecretView::kMasked, views));
    }
    // A list that is still being read cannot be counted: ASP.NET says 1 for the stream itself.
    envelope.total = static_cast<std::int64_t>(keys.size());
    envelope.response = std::move(keys);
    streamed = true;
  }
  if (request.method == "GET") {
    envelope.response =
        FilterFields(std::move(envelope.response), QueryParameter(request.target, "fields"));
  }
  Response response = Json(200, ToJson(std::move(envelope), line, views));
  response.streamed = streamed;
  return response;
}

}  // namespace docspace::emulator
