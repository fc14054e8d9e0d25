// Metrics that the kernel has about this process, under the names that Prometheus's client
// libraries use.
#ifndef SERVER_METRICS_PROCESS_METRICS_H_
#define SERVER_METRICS_PROCESS_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace docspace::gateway {

// ProcessMetrics leaves out a metric that it cannot read. Thread-safe.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_PROCESS_METRICS_H_
