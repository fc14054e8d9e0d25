// JSON Web Tokens, RFC 7519, signed with HS256: what OAuth2 and OpenId callers carry.
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
  // A claim each. A token whose `scope` is one string has that string as its only scope, blanks
  // included.
  std::vector<std::string> scopes;
  Time issued_at;
  Time expires_at;
};

class JsonWebTokens {
 public:
  explicit JsonWebTokens(std::string signing_key) : signing_key_(std::move(signing_key)) {}

  std::string Mint(const Claims& claims) const;

  // Absent for another algorithm, a wrong signature, a token past its time, or no token at all.
  std::optional<Claims> Verify(std::string_view token, Time now) const;

  enum class Form {
    // Not of three parts: the portal tries it as something else.
    kOther,
    // Of three parts, of which the first two are not objects of JSON in base64url.
    kMalformed,
    kToken,
  };
  static Form FormOf(std::string_view text);

 private:
  std::string Sign(std::string_view text) const;

  std::string signing_key_;
};

// RFC 4648: the alphabet of section 4 with padding, which Basic authentication has. Nothing where
// `text` is not base64.
std::string Base64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_JSON_WEB_TOKEN_H_
