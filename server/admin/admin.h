// The operators' side of a gateway: its metrics, and the HTTP server that shows them.
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

// Admin holds the metrics, which are counted whether or not they are served, and serves them on
// request.
class Admin {
 public:
  struct Pages {
    // Returns the configuration in force, without secrets. If null, there is no such page.
    std::function<std::string()> config;
    // Sets the level; returns false if there is no such level.
    std::function<bool(const std::string& level)> set_log_level;
    // As in AdminPages::Sources.
    std::vector<std::string> host_names;
  };

  // `portals` are the portals' names in the configuration.
  explicit Admin(const std::vector<std::string>& portals) : rpcs_(registry_, portals) {}

  RpcMetrics& rpcs() { return rpcs_; }
  RecentErrors& errors() { return errors_; }
  UpstreamSampler& upstreams() { return upstreams_; }

  // Serves at `address` until Stop or the destructor. Serve sets `sources.upstreams` itself; the
  // other functions of `sources` and `pages` must be callable until then. Returns UNAVAILABLE if
  // the address cannot be bound.
  absl::Status Serve(const std::string& address, GatewayMetrics::Sources sources, Pages pages);
  void Stop() { server_.reset(); }

  // Returns the address with the port that was bound; empty if the server does not run.
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
