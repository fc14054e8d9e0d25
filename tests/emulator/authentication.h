// Authentication: finds the user of a request's credential and the scopes that it grants.
#ifndef TESTS_EMULATOR_AUTHENTICATION_H_
#define TESTS_EMULATOR_AUTHENTICATION_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/emulator/clock.h"
#include "tests/emulator/generation.h"
#include "tests/emulator/json_web_token.h"
#include "tests/emulator/message.h"
#include "tests/emulator/portal.h"

namespace docspace::emulator {

// `Principal` is an authenticated caller.
struct Principal {
  // Lives as long as the portal.
  const User* user = nullptr;
  // If absent, the caller may do everything that the user may.
  std::optional<std::vector<std::string>> scopes{};
  // The text after the scheme word of the Authorization header; absent with a cookie.
  std::optional<std::string> authorization_value{};
};

// Authenticates by the schemes of docs/portal-api.md#credentials, in which the case of the scheme
// word matters:
//   Authorization: Basic base64(email:password)
//   Authorization: Bearer <JWT> | sk-<64 hex> | <session token>
//   Cookie: asc_auth_key=<session token>
// Every other header, `ApiKeyBearer` included, is ignored.
//
// A refused request gets the whole response: an empty 401, or a 400 with a text if there is more
// than one credential. The 400 makes a test notice a gateway that sends two credentials; the real
// portal's behavior then depends on its internals. Throws PortalException for Basic credentials
// that are not base64 of `email:password`, for a malformed JWT, and for a JWT while the OAuth2
// service is down.
std::variant<Principal, Response> Authenticate(const Request& request, Portal& portal,
                                               const JsonWebTokens& tokens, const Clock& clock);

// Returns the response to a request without a valid user; it differs for Basic, for the cookie, and
// for all other credentials.
Response Unauthorized(const Request& request);

// Returns whether the request carries an API key, valid or not.
bool CarriesApiKey(const Request& request);

// Returns whether the scopes of a caller suffice for a call other than `@self`.
bool MayManageKeys(const Principal& principal, bool is_write, ScopeRule rule);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_AUTHENTICATION_H_
