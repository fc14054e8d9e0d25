#include "server/worker.h"

#include <algorithm>
#include <utility>

namespace docspace::gateway {

Worker::Worker(const Config& config, std::size_t share,
               std::unique_ptr<grpc::ServerCompletionQueue> queue, CertificateSource certificates,
               http::Resolve resolve, std::function<void(std::string_view what)> on_exception)
    : calls_(loop_, *queue), loop_(std::move(on_exception), std::move(queue)) {
  boost::asio::io_context& loop = loop_.context();
  std::unique_ptr<http::TlsClient> tls;
  if (config.portal.tls) {
    tls = std::make_unique<http::TlsClient>(config.portal.host, std::move(certificates));
  }
  auto addresses = std::make_unique<http::AddressBook>(loop, config.portal.host, config.portal.port,
                                                       config.dns_refresh, std::move(resolve));
  auto connector =
      std::make_unique<http::Connector>(loop, std::move(addresses), std::move(tls), config.connect);
  http::PoolOptions pool = config.pool;
  pool.max_connections = std::max<std::size_t>(1, pool.max_connections / share);
  portal_ = std::make_unique<http::Client>(loop, config.portal, std::move(connector), pool,
                                           config.client);
}

Worker::~Worker() { loop_.Stop(); }

}  // namespace docspace::gateway
