// Which connections a credential's calls may use, where callers share none.
#ifndef SERVER_HTTP_CONNECTION_OWNER_H_
#define SERVER_HTTP_CONNECTION_OWNER_H_

#include <array>
#include <optional>

#include "server/http/message.h"

namespace docspace::gateway::http {

// Stands for a credential without telling it: a connection is marked with it, and outlives the call
// that knows the credential. All zero: the connection is nobody's in particular.
using ConnectionOwner = std::array<unsigned char, 32>;

// Computes owners by HMAC-SHA256 under a random key of its own. The key keeps a caller from
// searching for a credential that has another one's owner, and a dump of memory from telling which
// credential an owner stands for.
class ConnectionOwners {
 public:
  // Throws std::runtime_error if OpenSSL has no random bytes.
  ConnectionOwners();
  ~ConnectionOwners();
  ConnectionOwners(const ConnectionOwners&) = delete;
  ConnectionOwners& operator=(const ConnectionOwners&) = delete;

  // Returns the owner of a request with that credential: the same one for the same header name and
  // value. Throws std::bad_alloc.
  ConnectionOwner Of(const std::optional<Credential>& credential) const;

 private:
  std::array<unsigned char, 32> key_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CONNECTION_OWNER_H_
