// Makes the client of a portal, directly or through a forward proxy.
#ifndef SERVER_SERVICE_PORTAL_CLIENT_H_
#define SERVER_SERVICE_PORTAL_CLIENT_H_

#include <boost/asio/io_context.hpp>
#include <memory>

#include "server/base/host_port.h"
#include "server/config/config.h"
#include "server/http/access_secrets.h"
#include "server/http/caching_resolver.h"
#include "server/http/client.h"
#include "server/http/connection_pool.h"
#include "server/http/origin.h"
#include "server/http/proxy_tunnel.h"
#include "server/http/tls.h"
#include "server/tls/certificates.h"

namespace docspace::gateway {

// One portal, and what its connections need.
struct PortalRoute {
  const http::Origin& origin;
  const PortalAccess& access;
  // The certificates for portals, and the secrets of `access`; the latter may be null.
  const CertificateSource& certificates;
  const http::AccessSecretsSource& secrets;

  // Returns what the gateway connects to: the proxy, or else the portal.
  HostPort FirstHop() const;
  // Returns what opens the tunnel to the portal; null without a proxy.
  std::unique_ptr<http::ProxyTunnel> NewTunnel() const;
  // Returns null for a portal without TLS. `min_tls` is the oldest version.
  std::unique_ptr<http::TlsClient> NewTls(int min_tls) const;
};

// Returns a client that runs on `loop`, which must outlive it. `resolve` finds the addresses of the
// first hop.
std::unique_ptr<http::Client> NewPortalClient(const PortalConfig& config, const PortalRoute& route,
                                              boost::asio::io_context& loop,
                                              const http::PoolOptions& pool,
                                              const http::Resolve& resolve);

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_PORTAL_CLIENT_H_
