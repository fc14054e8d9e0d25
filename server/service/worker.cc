#include "server/service/worker.h"

#include <algorithm>
#include <utility>

#include "server/service/portal_client.h"

namespace docspace::gateway {

Worker::Worker(const Config& config, std::size_t share,
               std::unique_ptr<grpc::ServerCompletionQueue> queue,
               const CertificateSource& certificates,
               const std::vector<http::AccessSecretsSource>& secrets, const http::Resolve& resolve,
               std::function<void(std::string_view what)> on_exception,
               std::function<EventLoop::Clock::time_point()> now)
    : calls_(loop_, *queue), loop_(std::move(on_exception), std::move(queue), std::move(now)) {
  http::PoolOptions pool = config.portal.pool;
  pool.max_connections = std::max<std::size_t>(1, pool.max_connections / share);
  for (const auto& [name, origin] : config.Portals()) {
    const PortalAccess access = config.AccessTo(name);
    const PortalRoute route{origin, access, certificates, secrets.at(portals_.size())};
    portals_.push_back(NewPortalClient(config.portal, route, loop_.context(), pool, resolve));
  }
}

Worker::~Worker() { loop_.Stop(); }

}  // namespace docspace::gateway
