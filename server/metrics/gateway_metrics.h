// Metrics about the gateway itself, read when Prometheus asks for them.
#ifndef SERVER_METRICS_GATEWAY_METRICS_H_
#define SERVER_METRICS_GATEWAY_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/metrics/upstream_sampler.h"
#include "server/tls/certificates.h"

namespace docspace::gateway {

// GatewayMetrics collects metrics from functions. Thread-safe, if the functions are.
class GatewayMetrics final : public prometheus::Collectable {
 public:
  struct PortalLoad {
    std::string portal;
    std::size_t in_flight = 0;
    std::size_t limit = 0;
  };
  struct Memory {
    std::size_t bytes = 0;
    std::size_t limit = 0;
  };
  struct Spans {
    std::uint64_t exported = 0;
    std::uint64_t dropped = 0;
    // Calls that were not recorded because of --trace-rate-limit.
    std::uint64_t limited_calls = 0;
  };
  // Functions that Collect calls each time.
  struct Sources {
    std::function<std::vector<UpstreamSampler::Sample>()> upstreams;
    std::function<std::vector<PortalLoad>()> load;
    std::function<Memory()> memory;
    std::function<bool()> ready;
    // `live` returns whether every event loop responds; `ages_of_turns` returns how long ago each
    // of them did.
    std::function<bool()> live;
    std::function<std::vector<std::chrono::steady_clock::duration>()> ages_of_turns;
    std::function<std::uint64_t()> log_lines_dropped;
    std::function<Spans()> spans;
    // The certificates that authenticate the gateway to callers, and to portals.
    CertificateSource caller_certificates;
    CertificateSource portal_certificates;
  };

  explicit GatewayMetrics(Sources sources);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Sources sources_;
};

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_GATEWAY_METRICS_H_
