#include "tests/emulator/authentication.h"

#include <algorithm>

namespace docspace::emulator {
namespace {

constexpr std::string_view kSessionCookie = "asc_auth_key";

Response Unauthorized() { return Response{.status = 401}; }

Response UnauthorizedByBasic() {
  return Response{.status = 401, .headers = {{"WWW-Authenticate", "Basic"}}};
}

Response UnauthorizedByCookie() {
  return Response{
      .status = 401,
      .headers = {{"Set-Cookie", "asc_auth_key=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/"}}};
}

// The values of every `asc_auth_key` among the pairs of the Cookie headers.
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

const User* UserByPassword(const Portal& portal, std::string_view encoded) {
  const std::optional<std::string> pair = FromBase64(encoded);
  if (!pair) return nullptr;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return nullptr;
  const User* user = portal.FindUserByEmail(std::string_view(*pair).substr(0, colon));
  return user != nullptr && user->password == pair->substr(colon + 1) ? user : nullptr;
}

std::optional<std::vector<std::string>> ScopesOf(const ApiKey& key) {
  if (!key.permissions || key.permissions->empty()) return std::nullopt;
  return key.permissions;
}

std::optional<Principal> PrincipalOfBearer(std::string_view token, Portal& portal,
                                           const JsonWebTokens& tokens, Time now) {
  Principal principal{.authorization_value = std::string(token)};
  if (token.starts_with("sk-")) {
    const ApiKey* key = portal.UseApiKey(token);
    if (key == nullptr) return std::nullopt;
    principal.user = key->created_by;
    principal.scopes = ScopesOf(*key);
  } else if (const std::optional<Claims> claims = tokens.Verify(token, now)) {
    principal.user = portal.FindUser(claims->subject);
    principal.scopes = claims->scopes;
  } else {
    principal.user = portal.FindUserBySession(token);
  }
  if (principal.user == nullptr) return std::nullopt;
  return principal;
}

}  // namespace

std::variant<Principal, Response> Authenticate(const Request& request, Portal& portal,
                                               const JsonWebTokens& tokens, const Clock& clock) {
  constexpr std::string_view kBasic = "Basic ";
  constexpr std::string_view kBearer = "Bearer ";
  const std::vector<std::string> authorizations = request.All("Authorization");
  const std::vector<std::string> sessions = SessionCookies(request);
  if (authorizations.size() + sessions.size() > 1) {
    return Response{.status = 400,
                    .headers = {{"Content-Type", "text/plain"}},
                    .body = "The request carries more than one credential."};
  }
  if (!sessions.empty()) {
    const User* user = portal.FindUserBySession(sessions.front());
    if (user == nullptr) return UnauthorizedByCookie();
    return Principal{.user = user};
  }
  if (authorizations.empty()) return Unauthorized();

  const std::string_view authorization = authorizations.front();
  if (authorization.starts_with(kBasic)) {
    const std::string_view encoded = authorization.substr(kBasic.size());
    const User* user = UserByPassword(portal, encoded);
    if (user == nullptr) return UnauthorizedByBasic();
    return Principal{.user = user, .authorization_value = std::string(encoded)};
  }
  if (authorization.starts_with(kBearer)) {
    std::optional<Principal> principal =
        PrincipalOfBearer(authorization.substr(kBearer.size()), portal, tokens, clock.Now());
    if (principal) return *std::move(principal);
  }
  return Unauthorized();
}

bool MayManageKeys(const Principal& principal, bool is_write) {
  if (!principal.scopes) return true;
  return std::any_of(
      principal.scopes->begin(), principal.scopes->end(), [&](const std::string& scope) {
        return scope == "*" || scope == "*:write" || (!is_write && scope == "*:read");
      });
}

}  // namespace docspace::emulator
