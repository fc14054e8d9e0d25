// The data of the status page, as JSON.
#ifndef SERVER_ADMIN_STATUS_JSON_H_
#define SERVER_ADMIN_STATUS_JSON_H_

#include <prometheus/metric_family.h>

#include <span>
#include <string>

#include "server/log/recent_errors.h"

namespace docspace::gateway {

// Returns {"version": …, "time": seconds since 1970, "metrics": {NAME: [{"labels": {…}, "value":
// …}]}, "errors": [{"time", "method", "portal", "code", "reason", "http_status", "request_id"}]}.
// In place of "value", a histogram has "count", "sum" and "buckets", a list of [upper bound,
// cumulative count]; the last bound is null, which stands for infinity.
std::string StatusJson(std::span<const prometheus::MetricFamily> metrics,
                       std::span<const RecentError> errors);

}  // namespace docspace::gateway

#endif  // SERVER_ADMIN_STATUS_JSON_H_
