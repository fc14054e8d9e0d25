#include "server/operator_servers.h"

#include <string_view>
#include <utility>

#include "server/log/event_log.h"
#include "server/log/log_level.h"

namespace docspace::gateway {
namespace {

// The error names the setting, but not its value, which may be a credential in the wrong place.
absl::Status CannotBind(std::string_view setting, const absl::Status& status) {
  return absl::UnavailableError(std::string(setting) +
                                " cannot be bound: " + std::string(status.message()));
}

}  // namespace

OperatorServers::OperatorServers(const Config& config, std::string printed_config,
                                 std::shared_ptr<spdlog::logger> logger, ServingStatus& status,
                                 Admin& admin)
    : config_(config),
      printed_config_(std::move(printed_config)),
      logger_(std::move(logger)),
      status_(status),
      admin_(admin) {}

absl::Status OperatorServers::Start(const Listener::Limits& limits,
                                    const Listener::Callbacks& callbacks,
                                    GatewayMetrics::Sources sources) {
  if (!config_.listen.health.empty()) {
    auto health = HealthServer::Start(config_.listen.health, status_, limits, callbacks);
    if (!health.ok()) return CannotBind("--health-listen", health.status());
    health_ = *std::move(health);
  }
  if (!config_.listen.channelz.empty()) {
    auto channelz = ChannelzServer::Start(config_.listen.channelz, limits, callbacks);
    if (!channelz.ok()) return CannotBind("--channelz-listen", channelz.status());
    channelz_ = *std::move(channelz);
  }
  if (config_.admin.listen.empty()) return absl::OkStatus();
  return StartAdmin(std::move(sources));
}

absl::Status OperatorServers::StartAdmin(GatewayMetrics::Sources sources) {
  const absl::Status started = admin_.Serve(config_.admin.listen, std::move(sources),
                                            {.config = [this] { return printed_config_; },
                                             .set_log_level =
                                                 [this](const std::string& name) {
                                                   const auto level = LogLevelOf(name);
                                                   if (level) SetLogLevel(*logger_, *level);
                                                   return level.has_value();
                                                 },
                                             .host_names = config_.admin.hosts});
  return started.ok() ? started : CannotBind("--admin-listen", started);
}

}  // namespace docspace::gateway
