// Who calls: one of the credentials that a DocSpace portal knows.
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

// The most octets that the gateway takes.
inline constexpr std::size_t kCredentialLimit = std::size_t{16} * 1024;

// Cannot be printed; its memory is overwritten when it goes (gRPC keeps copies of its own while a
// call is under way).
//
// A value that could not travel safely is refused here, with INVALID_ARGUMENT and a message that
// never repeats it: one that is empty or longer than `kCredentialLimit`; a token with anything but
// the visible ASCII characters 0x21–0x7E.
class Credential {
 public:
  // Any UTF-8 but control characters, and no colon in the email (RFC 7617).
  static Result<Credential> Basic(std::string_view email, std::string_view password);
  // A JWT, an OAuth 2.0 access token, an OpenID Connect token: alike on the wire.
  static Result<Credential> Bearer(std::string_view jwt);
  static Result<Credential> OAuth2(std::string_view token);
  static Result<Credential> OpenId(std::string_view token);
  // `sk-…`
  static Result<Credential> ApiKey(std::string_view key);
  // The value of the portal's `asc_auth_key` cookie, which has no `;`.
  static Result<Credential> SessionCookie(std::string_view token);

  void ApplyTo(grpc::ClientContext& context) const;

  friend std::ostream& operator<<(std::ostream&, const Credential&) = delete;

 private:
  Credential(std::string_view name, Secret value) : name_(name), value_(std::move(value)) {}

  std::string_view name_;
  Secret value_;
};

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_CREDENTIAL_H_
