// Who calls: the credential of a request → a user and the scopes it grants.
#ifndef TESTS_EMULATOR_AUTHENTICATION_H_
#define TESTS_EMULATOR_AUTHENTICATION_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/emulator/clock.h"
#include "tests/emulator/json_web_token.h"
#include "tests/emulator/message.h"
#include "tests/emulator/portal.h"

namespace docspace::emulator {

struct Principal {
  // Lives as long as the portal.
  const User* user = nullptr;
  // None: whatever the user may do.
  std::optional<std::vector<std::string>> scopes{};
  // What followed the scheme word of the Authorization header; none with a cookie.
  std::optional<std::string> authorization_value{};
};

// The schemes of the contract, the scheme word in exactly their case:
//   Authorization: Basic base64(email:password)
//   Authorization: Bearer <JWT> | sk-<64 hex> | <session token>
//   Cookie: asc_auth_key=<session token>
// Every other header, `ApiKeyBearer` included, is ignored. A refusal is the whole answer: 401 and
// empty; or 400 with a text where more than one credential came, so that a test notices a gateway
// that sends two (what the real portal does then depends on its internals).
std::variant<Principal, Response> Authenticate(const Request& request, Portal& portal,
                                               const JsonWebTokens& tokens, const Clock& clock);

// Whether the scopes of a caller suffice, by the rules of the portal's own scope map: any
// credential may ask about itself (`@self`); other reads need `*:read` or `*:write`, writes need
// `*:write`.
// `*` and an unrestricted key may do everything; scopes of accounts, files and rooms reach no keys.
bool MayManageKeys(const Principal& principal, bool is_write);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_AUTHENTICATION_H_
