// What an operator may ask of a running gateway, path by path.
#ifndef SERVER_ADMIN_ADMIN_PAGES_H_
#define SERVER_ADMIN_ADMIN_PAGES_H_

#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <vector>

#include "server/admin/admin_server.h"
#include "server/log/recent_errors.h"

namespace docspace::gateway {

// GET /metrics, /healthz, /readyz, /config, /status.json, / and what that page loads; from this
// machine itself, through no proxy and no page in a browser, PUT /log-level?level=LEVEL.
//
// A request whose `Host` is neither an address, nor `localhost`, nor one of `Sources::host_names`
// is refused with 421: otherwise a web page could have its own name resolve to this machine (DNS
// rebinding), and read what is here through the browser of an operator.
class AdminPages {
 public:
  struct Sources {
    std::function<std::vector<prometheus::MetricFamily>()> metrics;
    std::function<std::vector<RecentError>()> errors;
    std::function<bool()> ready;
    // Whether every event loop turns.
    std::function<bool()> live;
    // The configuration in force, without what is secret. Null: there is no such page.
    std::function<std::string()> config;
    // False where there is no such level.
    std::function<bool(const std::string& level)> set_log_level;
    // The names, beside addresses and `localhost`, by which the server may be called.
    std::vector<std::string> host_names;
  };

  explicit AdminPages(Sources sources);

  AdminResponse Answer(const AdminRequest& request) const;

 private:
  bool IsOurName(const std::string& host) const;
  AdminResponse Read(const std::string& path) const;
  AdminResponse SetLogLevel(const AdminRequest& request) const;

  const Sources sources_;
};

}  // namespace docspace::gateway

#endif  // SERVER_ADMIN_ADMIN_PAGES_H_
