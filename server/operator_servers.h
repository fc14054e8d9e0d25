// The ports for operators, beside the port for callers.
#ifndef SERVER_OPERATOR_SERVERS_H_
#define SERVER_OPERATOR_SERVERS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/admin/admin.h"
#include "server/config/config.h"
#include "server/health/health_server.h"
#include "server/health/serving_status.h"
#include "server/rpc/channelz_server.h"
#include "server/rpc/listener.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// OperatorServers serves health, channelz and the administration of the gateway, each at the
// address that the configuration names for it, or not at all if it names none.
class OperatorServers {
 public:
  // `printed_config` is the text of the operators' page of the configuration. The objects that are
  // passed by reference must outlive this object.
  OperatorServers(const Config& config, std::string printed_config,
                  std::shared_ptr<spdlog::logger> logger, ServingStatus& status, Admin& admin);

  // Starts the ports. Returns UNAVAILABLE, with the name of the setting, if an address cannot be
  // bound. Must be called after the server for callers has started, because gRPC adds channelz to
  // every server that is built after it.
  absl::Status Start(const Listener::Limits& limits, const Listener::Callbacks& callbacks,
                     GatewayMetrics::Sources sources);

  // Returns the port of the health service; 0 if it has none of its own.
  int health_port() const { return health_ ? health_->port() : 0; }

 private:
  absl::Status StartAdmin(GatewayMetrics::Sources sources);

  const Config& config_;
  const std::string printed_config_;
  const std::shared_ptr<spdlog::logger> logger_;
  ServingStatus& status_;
  Admin& admin_;
  std::unique_ptr<HealthServer> health_;
  std::unique_ptr<ChannelzServer> channelz_;
};

}  // namespace docspace::gateway

#endif  // SERVER_OPERATOR_SERVERS_H_
