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
constexpr std::string_view kProblemType = "application/problem+json";

Response Json(int status, std::string body, std::string_view type = "application/json") {
  return Response{.status = status,
                  .headers = {{"Content-Type", std::string(type) + "; charset=utf-8"}},
                  .body = std::move(body),
                  .chunked = true};
}

Response Problem(int status, std::string_view title) {
  return Json(status, ProblemJson(status, title), kProblemType);
}

// Returns whether Kestrel accepts the host. Others could not be quoted in links either.
bool IsHost(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// Returns the host that selects the portal. The Origin and a proxy's headers take precedence over
// Host.
std::string TenantHost(const Request& request) {
  const std::string origin = request.Find("Origin");
  const std::size_t slashes = origin.find("://");
  if (slashes != std::string::npos) return origin.substr(slashes + 3);
  const std::string forwarded = request.Find("X-Forwarded-Host");
  return forwarded.empty() ? request.Find("Host") : forwarded;
}

bool HasJsonBody(const Request& request) {
  const std::string type = request.Find("Content-Type");
  return boost::beast::iequals(std::string_view(type).substr(0, type.find(';')),
                               "application/json");
}

}  // namespace

Response Api::Handle(const Request& request) {
  portal_.RunJobs();
  const RequestLine line{.method = request.method,
                         .portal = options_.scheme + "://" + request.Find("Host"),
                         .target = request.target};
  std::shared_ptr<void> place;
  Response response;
  try {
    response = Route(request, line, place);
  } catch (const PortalException& exception) {
    response = Json(exception.status(), ErrorJson(exception));
  } catch (const ValidationException& exception) {
    response = Json(400, ValidationJson(exception.errors(), line, rules_), kProblemType);
  }
  response.delivery.place = std::move(place);
  if (request.Find("Authorization").starts_with("Basic ")) {
    response.headers.push_back({"WWW-Authenticate", "Basic"});
  }
  response.headers.push_back({"Server-Timing", "aspnetcore-request-time;dur=1ms"});
  // A proxy announces this trailer and then drops it.
  if (response.chunked) response.headers.push_back({"Trailer", "Server-Timing"});
  response.headers.push_back({"api-supported-versions", "2.0"});
  return response;
}

Response Api::Route(const Request& request, const RequestLine& line, std::shared_ptr<void>& place) {
  if (!IsHost(request.Find("Host"))) return Response{.status = 400};
  if (!options_.host.empty() && TenantHost(request) != options_.host) {
    if (CarriesApiKey(request)) throw PortalException::UnknownTenant();
    return Unauthorized(request);
  }

  const std::string path = PathOf(request.target);
  const std::string_view methods = MethodsOf(path);
  if (methods.empty()) return Response{.status = 404};
  if (methods.find(request.method) == std::string_view::npos) {
    return Response{.status = 405, .headers = {{"Allow", std::string(methods)}}};
  }

  auto authenticated = Authenticate(request, portal_, tokens_, clock_);
  if (auto* refusal = std::get_if<Response>(&authenticated)) return std::move(*refusal);
  const auto& caller = std::get<Principal>(authenticated);

  const std::string operation = path.substr(std::min(path.size(), kKeys.size() + 1));
  if (auto obstacle = Obstacle(caller, operation)) return *std::move(obstacle);
  auto admitted = limiter_.Admit(caller.user->id, request.method, clock_.Now());
  if (auto* refusal = std::get_if<Response>(&admitted)) return std::move(*refusal);
  place = std::get<std::shared_ptr<void>>(std::move(admitted));
  if (operation != "@self" && !MayManageKeys(caller, request.method != "GET", rules_.scopes)) {
    return Response{.status = 403};
  }
  if ((request.method == "POST" || request.method == "PUT") && !HasJsonBody(request)) {
    return Json(415, EnvelopedProblemJson(415, "Unsupported Media Type", line));
  }
  return Invoke(request, operation, caller, line);
}

Response Api::Invoke(const Request& request, const std::string& operation, const Principal& caller,
                     const RequestLine& line) {
  const User& user = *caller.user;
  const ViewOptions& views = options_.views;
  Envelope envelope;
  if (request.method == "POST") {
    const NewApiKey key = ParseNewApiKey(request.body);
    DemandStorable(key.name);
    envelope.response =
        ApiKeyView(portal_.CreateApiKey(user, key), Moment::kCreation, line, views, rules_);
  } else if (request.method == "PUT") {
    const ApiKeyChange change = ParseApiKeyChange(request.body);
    DemandStorable(change.name.value_or(""));
    envelope.response = portal_.UpdateApiKey(user, operation, change);
  } else if (request.method == "DELETE") {
    envelope.response = portal_.DeleteApiKey(user, operation);
  } else if (operation == "permissions") {
    const auto permissions = portal_.GetAllPermissions(user);
    envelope.response = json::array(permissions.begin(), permissions.end());
    envelope.count = static_cast<std::int64_t>(permissions.size());
  } else if (operation == "@self") {
    // The portal removes "Bearer " from the Authorization header, whatever the scheme, and looks
    // the rest up.
    if (!caller.authorization_value) {
      throw PortalException::ArgumentOutOfRange(
          "startIndex cannot be larger than length of string. (Parameter 'startIndex')");
    }
    const ApiKey* key = portal_.FindApiKey(*caller.authorization_value);
    if (key == nullptr) throw PortalException::NullReference();
    envelope.response = ApiKeyView(*key, Moment::kLater, line, views, rules_);
  } else {
    json::array keys;
    for (const ApiKey* key : portal_.GetApiKeys(user)) {
      keys.push_back(ApiKeyView(*key, Moment::kLater, line, views, rules_));
    }
    // ASP.NET counts the list as one object, unless a release asks for its length.
    if (rules_.counts_keys) envelope.count = static_cast<std::int64_t>(keys.size());
    envelope.response = std::move(keys);
  }
  if (request.method == "GET") {
    envelope.response =
        FilterFields(std::move(envelope.response), QueryParameter(request.target, "fields"));
  }
  return Json(200, ToJson(std::move(envelope), line, views));
}

std::string_view Api::MethodsOf(std::string_view path) const {
  if (path == kKeys) return "GET, POST";
  if (!path.starts_with(kKeys) || path[kKeys.size()] != '/') return "";
  const std::string_view segment = path.substr(kKeys.size() + 1);
  if (segment == "permissions") return "GET";
  if (segment == "@self" && rules_.has_self) return "GET";
  return segment == "@self" || IsGuid(segment) ? "DELETE, PUT" : "";
}

std::optional<Response> Api::Obstacle(const Principal& caller, std::string_view operation) const {
  const Conditions& conditions = portal_.conditions();
  if (conditions.database_down) {
    if (options_.views.database != Database::kPostgreSql) return Response{.status = 401};
    throw PortalException::InvalidOperation("An exception has been raised by the database.");
  }
  if (conditions.suspended) return Problem(404, "Not Found");
  if (conditions.unpaid) return Problem(402, "Payment Required");
  if (conditions.restoring && operation != "@self") return Problem(403, "Forbidden");
  if (conditions.address_refused && caller.user->role != Role::kOwner) {
    return Json(403, R"("Your IP address is not allowed to access this portal.")");
  }
  return std::nullopt;
}

void Api::DemandStorable(std::string_view name) const {
  if (options_.views.database == Database::kStrictMySql && IsBeyondThreeBytes(name)) {
    throw PortalException::DatabaseUpdate();
  }
}

}  // namespace docspace::emulator
