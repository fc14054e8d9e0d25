// The credential of a call: one of the four kinds that a DocSpace portal accepts.
#ifndef CLIENT_CPP_CREDENTIAL_H_
#define CLIENT_CPP_CREDENTIAL_H_

#include <grpcpp/client_context.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "client/cpp/result.h"
#include "client/cpp/secret.h"

namespace docspace::apikeys {

// The greatest number of bytes that the gateway accepts in a credential's metadata entry, the word
// `Bearer` or `Basic` included.
inline constexpr std::size_t kCredentialLimit = std::size_t{16} * 1024;

// Credential cannot be printed. Its memory is overwritten when it is destroyed (gRPC keeps copies
// of its own during a call).
//
// The functions return INVALID_ARGUMENT, with a message that never repeats the value, for an empty
// value, for one whose metadata entry is longer than `kCredentialLimit`, and for a token with
// characters other than visible ASCII (0x21–0x7E).
class Credential {
 public:
  // Makes a credential of an email address and a password. Refuses control characters
  // (U+0000–U+001F, U+007F), and a colon in the email (RFC 7617).
  static Result<Credential> Basic(std::string_view email, std::string_view password);
  // Make a credential of a JWT, an OAuth 2.0 access token or an OpenID Connect token, without the
  // word `Bearer`.
  static Result<Credential> Bearer(std::string_view jwt);
  static Result<Credential> OAuth2(std::string_view token);
  static Result<Credential> OpenId(std::string_view token);
  // Makes a credential of an API key, `sk-…`.
  static Result<Credential> ApiKey(std::string_view key);
  // Makes a credential of the value of the portal's `asc_auth_key` cookie. Refuses a `;`.
  static Result<Credential> SessionCookie(std::string_view token);

  // Adds the credential to the metadata of a call.
  void ApplyTo(grpc::ClientContext& context) const;

  friend std::ostream& operator<<(std::ostream&, const Credential&) = delete;

 private:
  Credential(std::string_view name, Secret value) : name_(name), value_(std::move(value)) {}

  std::string_view name_;
  Secret value_;
};

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_CREDENTIAL_H_
