// What the kernel knows of this process, by the names that Prometheus's libraries share.
#ifndef SERVER_METRICS_PROCESS_METRICS_H_
#define SERVER_METRICS_PROCESS_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace docspace::gateway {

// Thread-safe. What cannot be read is left out.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_PROCESS_METRICS_H_
