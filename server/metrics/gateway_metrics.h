// What the gateway knows of itself, read when Prometheus asks.
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

// Thread-safe, if what it asks is.
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
    // Calls beyond the rate that is recorded.
    std::uint64_t limited_calls = 0;
  };
  // Each is asked at each Collect.
  struct Sources {
    std::function<std::vector<UpstreamSampler::Sample>()> upstreams;
    std::function<std::vector<PortalLoad>()> load;
    std::function<Memory()> memory;
    std::function<bool()> ready;
    // Whether every event loop turns, and how long ago each did.
    std::function<bool()> live;
    std::function<std::vector<std::chrono::steady_clock::duration>()> ages_of_turns;
    std::function<std::uint64_t()> log_lines_dropped;
    std::function<Spans()> spans;
    // That which authenticates the gateway to callers, and to portals.
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
