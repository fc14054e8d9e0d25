// Metrics in the text format of OpenMetrics 1.0, which has exemplars:
// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
//
// prometheus-cpp 1.0 has neither the format nor exemplars.
#ifndef SERVER_METRICS_OPENMETRICS_H_
#define SERVER_METRICS_OPENMETRICS_H_

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/metrics/latency_exemplars.h"

namespace docspace::gateway {

inline constexpr const char* kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

// Returns whether an HTTP `Accept` names the format, with no lower weight than `text/plain` (RFC
// 9110 section 12.5.1). A wildcard does not name it.
bool PrefersOpenMetrics(std::string_view accept);

// Returns the families with the exemplars of the histogram `grpc_server_handling_seconds`.
std::string ToOpenMetrics(const std::vector<prometheus::MetricFamily>& families,
                          const LatencyExemplars& exemplars);

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_OPENMETRICS_H_
