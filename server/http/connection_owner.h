// Marks connections with the credential whose calls may use them, if callers share none.
#ifndef SERVER_HTTP_CONNECTION_OWNER_H_
#define SERVER_HTTP_CONNECTION_OWNER_H_

#include <array>
#include <optional>

#include "server/http/message.h"

namespace docspace::gateway::http {

// Stands for a credential without revealing it, because a connection outlives the call that knows
// the credential. If all bytes are zero, the connection belongs to no credential.
using ConnectionOwner = std::array<unsigned char, 32>;

// Computes owners by HMAC-SHA256 under a random key of its own. Because of the key, a caller cannot
// search for a credential with another one's owner, and a dump of memory does not show which
// credential an owner stands for. Thread-safe.
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
