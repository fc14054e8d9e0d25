// A tunnel to the upstream through a forward proxy: HTTP CONNECT, RFC 9110 section 9.3.6.
//
// The proxy resolves the upstream's name and carries bytes, which TLS protects from it. Only its
// status code is used, and of a refusal nothing else is read: what it writes is meant for a browser
// of its own network.
#ifndef SERVER_HTTP_PROXY_TUNNEL_H_
#define SERVER_HTTP_PROXY_TUNNEL_H_

#include <optional>
#include <string>

#include "server/base/task.h"
#include "server/http/access_secrets.h"
#include "server/http/origin.h"

namespace docspace::gateway::http {

// The reason why a proxy opens no tunnel.
struct ProxyFault {
  // A text for logs and messages, which holds nothing of the proxy's response but its status.
  std::string why;
  // The status with which the proxy refused. 0: its response is none, or wrong.
  int status = 0;
};

// Must be used on one event loop's thread, and must outlive its calls.
class ProxyTunnel {
 public:
  // `access` may be null if the proxy needs no credential.
  ProxyTunnel(const Origin& origin, AccessSecretsSource access);

  // Asks the proxy, to which `socket` is connected, for a tunnel to the origin. Returns the reason
  // if it opens none; otherwise `socket` is the connection to the origin. There is no timeout here.
  // If the coroutine is cancelled, the result says nothing about the proxy.
  Task<std::optional<ProxyFault>> Open(TcpSocket& socket) const;

 private:
  Secret WriteRequest() const;

  // The origin as the proxy shall resolve it: `host:port`.
  const std::string target_;
  const AccessSecretsSource access_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_PROXY_TUNNEL_H_
