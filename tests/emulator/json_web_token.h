// JSON Web Tokens (RFC 7519) signed with HS256, which OAuth2 and OpenID callers send.
#ifndef TESTS_EMULATOR_JSON_WEB_TOKEN_H_
#define TESTS_EMULATOR_JSON_WEB_TOKEN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/emulator/clock.h"

namespace docspace::emulator {

struct Claims {
  // The user's id.
  std::string subject;
  // The scopes, each of which is a claim of its own. If the `scope` of a token is one string, that
  // whole string, blanks included, is its only scope.
  std::vector<std::string> scopes;
  Time issued_at;
  Time expires_at;
};

class JsonWebTokens {
 public:
  explicit JsonWebTokens(std::string signing_key) : signing_key_(std::move(signing_key)) {}

  std::string Mint(const Claims& claims) const;

  // Returns the claims of a valid token, or nothing if the text is not a token, the algorithm is
  // another one, the signature is wrong, or the token has expired.
  std::optional<Claims> Verify(std::string_view token, Time now) const;

  enum class Form {
    // The text does not have three parts; the portal treats it as another kind of credential.
    kOther,
    // The text has three parts, but the first two are not both JSON objects in base64url.
    kMalformed,
    kToken,
  };
  static Form FormOf(std::string_view text);

 private:
  std::string Sign(std::string_view text) const;

  std::string signing_key_;
};

// Encode and decode base64 with the alphabet of RFC 4648 section 4 and padding, as Basic
// authentication does. `FromBase64` returns nothing if `text` is not base64.
std::string Base64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_JSON_WEB_TOKEN_H_
