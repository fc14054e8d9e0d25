// Metrics whose values are read when Prometheus asks for them.
#ifndef SERVER_METRICS_SAMPLE_H_
#define SERVER_METRICS_SAMPLE_H_

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

namespace docspace::gateway {

using SampleLabels = std::vector<prometheus::ClientMetric::Label>;

// Returns a family of counters or gauges that has no samples yet.
inline prometheus::MetricFamily SampledFamily(std::string name, prometheus::MetricType type,
                                              std::string help) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

// Adds a sample to a family of counters or gauges.
inline void AddSample(prometheus::MetricFamily& family, SampleLabels labels, double value) {
  prometheus::ClientMetric& sample = family.metric.emplace_back();
  sample.label = std::move(labels);
  if (family.type == prometheus::MetricType::Counter) {
    sample.counter.value = value;
  } else {
    sample.gauge.value = value;
  }
}

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_SAMPLE_H_
