// The pages that a running gateway serves to operators.
#ifndef SERVER_ADMIN_ADMIN_PAGES_H_
#define SERVER_ADMIN_ADMIN_PAGES_H_

#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <vector>

#include "server/admin/admin_server.h"
#include "server/log/recent_errors.h"

namespace docspace::gateway {

// AdminPages serves GET /metrics, /healthz, /readyz, /config, /status.json, / and the files that
// this page loads, and PUT /log-level?level=LEVEL. The PUT is accepted only from this machine, and
// neither through a proxy nor from a page in a browser.
//
// A request whose `Host` is neither an address, nor `localhost`, nor one of `Sources::host_names`
// is refused with 421: otherwise a web page could have its own name resolve to this machine (DNS
// rebinding), and read what is here through the browser of an operator.
class AdminPages {
 public:
  struct Sources {
    std::function<std::vector<prometheus::MetricFamily>()> metrics;
    // Returns the same in the format of OpenMetrics, with exemplars.
    std::function<std::string()> openmetrics;
    std::function<std::vector<RecentError>()> errors;
    std::function<bool()> ready;
    // Returns whether every event loop responds.
    std::function<bool()> live;
    // Returns the configuration in force, without secrets. If null, there is no such page.
    std::function<std::string()> config;
    // Sets the level; returns false if there is no such level.
    std::function<bool(const std::string& level)> set_log_level;
    // The names of this server besides addresses and `localhost`.
    std::vector<std::string> host_names;
  };

  explicit AdminPages(Sources sources);

  // Returns the response to a request. Thread-safe, if the sources are.
  AdminResponse Answer(const AdminRequest& request) const;

 private:
  bool IsOurName(const std::string& host) const;
  AdminResponse Read(const AdminRequest& request) const;
  AdminResponse SetLogLevel(const AdminRequest& request) const;

  const Sources sources_;
};

}  // namespace docspace::gateway

#endif  // SERVER_ADMIN_ADMIN_PAGES_H_
