#include "tests/emulator/authentication.h"

#include <algorithm>

#include "tests/emulator/portal_exception.h"

namespace docspace::emulator {
namespace {

constexpr std::string_view kSessionCookie = "asc_auth_key";

constexpr std::string_view kBasic = "Basic ";
constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kApiKey = "sk-";

// Returns the values of every `asc_auth_key` pair in the Cookie headers.
std::vector<std::string> SessionCookies(const Request& request) {
  std::vector<std::string> tokens;
  for (const std::string& cookies : request.All("Cookie")) {
    std::string_view rest = cookies;
    while (!rest.empty()) {
      std::string_view pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
      pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == kSessionCookie) {
        tokens.emplace_back(pair.substr(equals + 1));
      }
    }
  }
  return tokens;
}

// Returns null if there is no such user or the password is wrong.
const User* UserByPassword(const Portal& portal, std::string_view encoded) {
  const std::optional<std::string> pair = FromBase64(encoded);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) throw PortalException::BadBasicCredentials();
  const User* user = portal.FindUserByEmail(std::string_view(*pair).substr(0, colon));
  return user != nullptr && user->password == pair->substr(colon + 1) ? user : nullptr;
}

std::optional<std::vector<std::string>> ScopesOf(const ApiKey& key) {
  if (!key.permissions || key.permissions->empty()) return std::nullopt;
  return key.permissions;
}

// Returns a principal whose user is null if no user has that token.
Principal PrincipalOfBearer(std::string_view token, Portal& portal, const JsonWebTokens& tokens,
                            Time now) {
  Principal principal{.authorization_value = std::string(token)};
  if (token.starts_with(kApiKey)) {
    if (const ApiKey* key = portal.UseApiKey(token)) {
      principal.user = key->created_by;
      principal.scopes = ScopesOf(*key);
    }
    return principal;
  }
  const JsonWebTokens::Form form = JsonWebTokens::FormOf(token);
  if (form == JsonWebTokens::Form::kOther) {
    principal.user = portal.FindUserBySession(token);
    return principal;
  }
  if (form == JsonWebTokens::Form::kMalformed) throw PortalException::MalformedToken();
  if (portal.conditions().oauth2_down) {
    throw PortalException::InvalidOperation("The OAuth2 service is not available.");
  }
  if (const std::optional<Claims> claims = tokens.Verify(token, now)) {
    principal.user = portal.FindUser(claims->subject);
    principal.scopes = claims->scopes;
  }
  return principal;
}

// Returns a principal whose user is null if the credential is wrong or missing.
Principal PrincipalOf(const std::vector<std::string>& authorizations,
                      const std::vector<std::string>& sessions, Portal& portal,
                      const JsonWebTokens& tokens, Time now) {
  if (!sessions.empty()) return {.user = portal.FindUserBySession(sessions.front())};
  if (authorizations.empty()) return {};
  const std::string_view authorization = authorizations.front();
  if (authorization.starts_with(kBasic)) {
    const std::string_view encoded = authorization.substr(kBasic.size());
    return {.user = UserByPassword(portal, encoded), .authorization_value = std::string(encoded)};
  }
  if (authorization.starts_with(kBearer)) {
    return PrincipalOfBearer(authorization.substr(kBearer.size()), portal, tokens, now);
  }
  return {};
}

}  // namespace

std::variant<Principal, Response> Authenticate(const Request& request, Portal& portal,
                                               const JsonWebTokens& tokens, const Clock& clock) {
  const std::vector<std::string> authorizations = request.All("Authorization");
  const std::vector<std::string> sessions = SessionCookies(request);
  if (authorizations.size() + sessions.size() > 1) {
    return Response{.status = 400,
                    .headers = {{"Content-Type", "text/plain"}},
                    .body = "The request carries more than one credential."};
  }
  Principal principal = PrincipalOf(authorizations, sessions, portal, tokens, clock.Now());
  if (principal.user == nullptr || principal.user->state != UserState::kActive) {
    return Unauthorized(request);
  }
  return principal;
}

Response Unauthorized(const Request& request) {
  Response response{.status = 401};
  if (!SessionCookies(request).empty()) {
    response.headers.push_back(
        {"Set-Cookie", "asc_auth_key=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/"});
  }
  return response;
}

bool CarriesApiKey(const Request& request) {
  return request.Find("Authorization").starts_with(std::string(kBearer) + std::string(kApiKey));
}

bool MayManageKeys(const Principal& principal, bool is_write, ScopeRule rule) {
  if (!principal.scopes || rule == ScopeRule::kNone) return true;
  if (rule == ScopeRule::kAny) return !principal.scopes->empty();
  return std::any_of(
      principal.scopes->begin(), principal.scopes->end(), [&](const std::string& scope) {
        return scope == "*" || scope == "*:write" || (!is_write && scope == "*:read");
      });
}

}  // namespace docspace::emulator
