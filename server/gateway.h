// The running gateway: workers, service and gRPC server, and how they end.
#ifndef SERVER_GATEWAY_H_
#define SERVER_GATEWAY_H_

#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/api_keys_service.h"
#include "server/config.h"
#include "server/http/address_book.h"
#include "server/rpc_log.h"
#include "server/worker.h"

namespace docspace::gateway {

class Gateway {
 public:
  // Serves when it returns. `resolve` finds the portal's addresses, on several threads at a time.
  // INVALID_ARGUMENT for TLS settings that cannot be used, UNAVAILABLE where the address cannot be
  // bound.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(
      const Config& config, std::shared_ptr<spdlog::logger> logger,
      const http::Resolve& resolve = http::SystemResolve);

  // Ends calls in flight at once, unless Drain has run.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Health says NOT_SERVING; after `drain_delay` no call is taken any more; calls in flight have
  // `drain_grace` to finish, and are answered by the gateway at its end: with UNAVAILABLE, or with
  // UNKNOWN where a write had been sent. Returns when none is left.
  void Drain();

  // address:port, with the port that was bound.
  const std::string& address() const { return address_; }
  int port() const { return port_; }

 private:
  Gateway(Config config, std::shared_ptr<spdlog::logger> logger);

  absl::Status Serve();
  void StopServing(http::Clock::duration grace);
  void EndStreamsOnceIdle(http::Timer& timer);

  const Config config_;
  const std::shared_ptr<spdlog::logger> logger_;
  const RpcLog log_;
  // Calls that are done may lie in the workers' queues still, and refer to the service.
  std::unique_ptr<ApiKeysService> service_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  int port_ = 0;
};

}  // namespace docspace::gateway

#endif  // SERVER_GATEWAY_H_
