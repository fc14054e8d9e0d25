#include "server/service/portal_client.h"

#include <utility>

#include "server/http/connector.h"

namespace docspace::gateway {

HostPort PortalRoute::FirstHop() const {
  if (access.proxy.host.empty()) return {.host = origin.host, .port = origin.port};
  return access.proxy;
}

std::unique_ptr<http::ProxyTunnel> PortalRoute::NewTunnel() const {
  if (access.proxy.host.empty()) return nullptr;
  return std::make_unique<http::ProxyTunnel>(origin, secrets);
}

std::unique_ptr<http::TlsClient> PortalRoute::NewTls(int min_tls) const {
  if (!origin.tls) return nullptr;
  return std::make_unique<http::TlsClient>(origin.ServerName(), certificates, min_tls);
}

std::unique_ptr<http::Client> NewPortalClient(const PortalConfig& config, const PortalRoute& route,
                                              boost::asio::io_context& loop,
                                              const http::PoolOptions& pool,
                                              const http::Resolve& resolve) {
  const HostPort first_hop = route.FirstHop();
  auto addresses = std::make_unique<http::CachingResolver>(
      loop, first_hop.host, first_hop.port.value(), config.dns_refresh, resolve);
  auto connector = std::make_unique<http::Connector>(
      loop, std::move(addresses), route.NewTls(config.min_tls), config.connect, route.NewTunnel());
  return std::make_unique<http::Client>(loop, route.origin, std::move(connector), pool,
                                        config.client, route.secrets);
}

}  // namespace docspace::gateway
