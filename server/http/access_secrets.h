// The secrets that open the way to an upstream, beside the credentials of callers.
#ifndef SERVER_HTTP_ACCESS_SECRETS_H_
#define SERVER_HTTP_ACCESS_SECRETS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/base/secret.h"

namespace docspace::gateway::http {

// A header whose value cannot be printed.
struct SecretHeader {
  std::string name;
  Secret value;

  friend bool operator==(const SecretHeader&, const SecretHeader&) = default;
};

struct AccessSecrets {
  // The value of Proxy-Authorization for the forward proxy. Empty: it needs none.
  Secret proxy_authorization;
  // The headers that the upstream, or an access proxy in front of it, gets with every request.
  std::vector<SecretHeader> headers;

  friend bool operator==(const AccessSecrets&, const AccessSecrets&) = default;
};

// A function that returns the current secrets, never null. Thread-safe, and does not block.
using AccessSecretsSource = std::function<std::shared_ptr<const AccessSecrets>()>;

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_ACCESS_SECRETS_H_
