// The operator's side of a gateway: its metrics, and the HTTP server that shows them.
#ifndef SERVER_ADMIN_ADMIN_H_
#define SERVER_ADMIN_ADMIN_H_

#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/admin/admin_server.h"
#include "server/log/recent_errors.h"
#include "server/metrics/gateway_metrics.h"
#include "server/metrics/process_metrics.h"
#include "server/metrics/rpc_metrics.h"
#include "server/metrics/upstream_sampler.h"

namespace docspace::gateway {

// Metrics are counted whether or not they are served.
class Admin {
 public:
  struct Pages {
    // The configuration in force, without what is secret. Null: there is no such page.
    std::function<std::string()> config;
    // False where there is no such level.
    std::function<bool(const std::string& level)> set_log_level;
    // As AdminPages::Sources has them.
    std::vector<std::string> host_names;
  };

  // By their names in the configuration.
  explicit Admin(const std::vector<std::string>& portals) : rpcs_(registry_, portals) {}

  RpcMetrics& rpcs() { return rpcs_; }
  RecentErrors& errors() { return errors_; }
  UpstreamSampler& upstreams() { return upstreams_; }

  // Serves at `address` until Stop. What is asked then must still be there. UNAVAILABLE where the
  // address cannot be bound. `sources.upstreams` is the admin's own.
  absl::Status Serve(const std::string& address, GatewayMetrics::Sources sources, Pages pages);
  void Stop() { server_.reset(); }

  // Empty where it does not serve.
  std::string address() const { return server_ ? server_->address() : ""; }

 private:
  std::vector<prometheus::MetricFamily> Collect() const;

  prometheus::Registry registry_;
  RpcMetrics rpcs_;
  RecentErrors errors_;
  UpstreamSampler upstreams_;
  const ProcessMetrics process_;
  std::optional<GatewayMetrics> gateway_;
  std::unique_ptr<AdminServer> server_;
};

}  // namespace docspace::gateway

#endif  // SERVER_ADMIN_ADMIN_H_
