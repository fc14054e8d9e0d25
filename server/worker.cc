#include "server/worker.h"

#include <algorithm>
#include <utility>

namespace docspace::gateway {

Worker::Worker(std::function<void(std::string_view what)> on_exception)
    : loop_(std::move(on_exception)), calls_(loop_.context()) {}

Worker::~Worker() { loop_.Stop(); }

absl::StatusOr<std::unique_ptr<Worker>> Worker::Create(
    const Config& config, std::size_t share, http::Resolve resolve,
    std::function<void(std::string_view what)> on_exception) {
  std::unique_ptr<http::TlsClient> tls;
  if (config.portal.tls) {
    auto created = http::TlsClient::Create(config.portal_tls, config.portal.host);
    if (!created.ok()) return created.status();
    tls = *std::move(created);
  }
  std::unique_ptr<Worker> worker(new Worker(std::move(on_exception)));
  boost::asio::io_context& loop = worker->loop_.context();
  auto addresses = std::make_unique<http::AddressBook>(loop, config.portal.host, config.portal.port,
                                                       config.dns_refresh, std::move(resolve));
  auto connector =
      std::make_unique<http::Connector>(loop, std::move(addresses), std::move(tls), config.connect);
  http::PoolOptions pool = config.pool;
  pool.max_connections = std::max<std::size_t>(1, pool.max_connections / share);
  worker->portal_ = std::make_unique<http::Client>(loop, config.portal, std::move(connector), pool,
                                                   config.client);
  return worker;
}

}  // namespace docspace::gateway
