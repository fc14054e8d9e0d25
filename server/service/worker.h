// An event loop with the objects that its calls share.
#ifndef SERVER_SERVICE_WORKER_H_
#define SERVER_SERVICE_WORKER_H_

#include <grpcpp/completion_queue.h>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "server/config/config.h"
#include "server/http/access_secrets.h"
#include "server/http/caching_resolver.h"
#include "server/http/client.h"
#include "server/rpc/event_loop.h"
#include "server/rpc/server_call.h"
#include "server/tls/certificates.h"

namespace docspace::gateway {

class Worker {
 public:
  // `share` is the number of workers: each takes its part of the limits for all of them. `queue`
  // belongs to the server whose calls the worker carries, `certificates` are those for the portals,
  // `secrets` has the source of each portal in the order of Config::Portals, `resolve` finds
  // addresses, and `now` is the clock of the loop.
  Worker(const Config& config, std::size_t share,
         std::unique_ptr<grpc::ServerCompletionQueue> queue, const CertificateSource& certificates,
         const std::vector<http::AccessSecretsSource>& secrets, const http::Resolve& resolve,
         std::function<void(std::string_view what)> on_exception,
         std::function<EventLoop::Clock::time_point()> now = &EventLoop::Clock::now);
  // Ends the loop first. The server must have shut down before.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  EventLoop& loop() { return loop_; }
  CallGroup& calls() { return calls_; }
  // Returns the clients in the order of Config::Portals. Must be used on the loop's thread.
  const std::vector<std::unique_ptr<http::Client>>& portals() const { return portals_; }

 private:
  CallGroup calls_;
  EventLoop loop_;
  std::vector<std::unique_ptr<http::Client>> portals_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_WORKER_H_
