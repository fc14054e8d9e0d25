// Who calls: the credential of a request → a user and the scopes it grants.
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

struct Principal {
  // Lives as long as the portal.
  const User* user = nullptr;
  // Absent: whatever the user may do.
  std::optional<std::vector<std::string>> scopes{};
  // What followed the scheme word of the Authorization header; absent with a cookie.
  std::optional<std::string> authorization_value{};
};

// The schemes of docs/portal-api.md#credentials, the scheme word in exactly their case:
//   Authorization: Basic base64(email:password)
//   Authorization: Bearer <JWT> | sk-<64 hex> | <session token>
//   Cookie: asc_auth_key=<session token>
// Every other header, `ApiKeyBearer` included, is ignored.
//
// A refusal is the whole response: 401 and empty; or 400 with a text for more than one credential,
// so that a test notices a gateway that sends two (what the real portal does then depends on its
// internals). Throws PortalException for Basic credentials that are not base64 of `email:password`,
// for a malformed JWT, and for a JWT while the OAuth2 service is down.
std::variant<Principal, Response> Authenticate(const Request& request, Portal& portal,
                                               const JsonWebTokens& tokens, const Clock& clock);

// What a request is refused with if no user is found: by Basic, by the cookie, or by anything else.
Response Unauthorized(const Request& request);

// Whether the request carries an API key, of whatever validity.
bool CarriesApiKey(const Request& request);

// Whether the scopes of a caller suffice for a call other than `@self`.
bool MayManageKeys(const Principal& principal, bool is_write, ScopeRule rule);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_AUTHENTICATION_H_
