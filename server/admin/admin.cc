#include "server/admin/admin.h"

#include <iterator>
#include <utility>

#include "server/admin/admin_pages.h"
#include "server/metrics/openmetrics.h"

namespace docspace::gateway {

absl::Status Admin::Serve(const std::string& address, GatewayMetrics::Sources sources,
                          Pages pages) {
  const std::function<bool()> ready = sources.ready;
  const std::function<bool()> live = sources.live;
  sources.upstreams = [this] { return upstreams_.Take(); };
  gateway_.emplace(std::move(sources));
  const AdminPages answers(
      {.metrics = [this] { return Collect(); },
       .openmetrics = [this] { return ToOpenMetrics(Collect(), rpcs_.exemplars()); },
       .errors = [this] { return errors_.List(); },
       .ready = ready,
       .live = live,
       .config = std::move(pages.config),
       .set_log_level = std::move(pages.set_log_level),
       .host_names = std::move(pages.host_names)});
  auto server = AdminServer::Start(
      address, [answers](const AdminRequest& request) { return answers.Answer(request); });
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  return absl::OkStatus();
}

std::vector<prometheus::MetricFamily> Admin::Collect() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  for (const prometheus::Collectable* each :
       {static_cast<const prometheus::Collectable*>(&*gateway_),
        static_cast<const prometheus::Collectable*>(&process_)}) {
    auto more = each->Collect();
    std::move(more.begin(), more.end(), std::back_inserter(families));
  }
  return families;
}

}  // namespace docspace::gateway
