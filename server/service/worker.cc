#include "server/service/worker.h"

#include <algorithm>
#include <utility>

namespace docspace::gateway {

namespace {

std::unique_ptr<http::Client> NewClient(const Config& config, const http::Origin& portal,
                                        std::size_t share, boost::asio::io_context& loop,
                                        const CertificateSource& certificates,
                                        const http::Resolve& resolve) {
  std::unique_ptr<http::TlsClient> tls;
  if (portal.tls) {
    tls =
        std::make_unique<http::TlsClient>(portal.ServerName(), certificates, config.portal.min_tls);
  }
  auto addresses = std::make_unique<http::CachingResolver>(loop, portal.host, portal.port,
                                                           config.portal.dns_refresh, resolve);
  auto connector = std::make_unique<http::Connector>(loop, std::move(addresses), std::move(tls),
                                                     config.portal.connect);
  http::PoolOptions pool = config.portal.pool;
  pool.max_connections = std::max<std::size_t>(1, pool.max_connections / share);
  return std::make_unique<http::Client>(loop, portal, std::move(connector), pool,
                                        config.portal.client);
}

}  // namespace

Worker::Worker(const Config& config, std::size_t share,
               std::unique_ptr<grpc::ServerCompletionQueue> queue,
               const CertificateSource& certificates, const http::Resolve& resolve,
               std::function<void(std::string_view what)> on_exception,
               std::function<EventLoop::Clock::time_point()> now)
    : calls_(loop_, *queue), loop_(std::move(on_exception), std::move(queue), std::move(now)) {
  for (const auto& [name, portal] : config.Portals()) {
    portals_.push_back(NewClient(config, portal, share, loop_.context(), certificates, resolve));
  }
}

Worker::~Worker() { loop_.Stop(); }

}  // namespace docspace::gateway
