// Counters and histograms of RPCs for Prometheus.
#ifndef SERVER_METRICS_RPC_METRICS_H_
#define SERVER_METRICS_RPC_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/docspace/routes.h"
#include "server/log/rpc_log.h"
#include "server/metrics/latency_exemplars.h"

namespace docspace::gateway {

// RpcMetrics counts RPCs. The number of series is bounded for any behaviour of callers and portals:
// a label's values are RPCs, gRPC's codes, kErrorReasonNames, HTTP statuses and the portals of the
// configuration. Thread-safe.
class RpcMetrics {
 public:
  enum class ShedCause { kInFlight, kMemory, kCredential };

  // `registry` must outlive this object. The series of each RPC for the code OK is created here
  // with value 0.
  RpcMetrics(prometheus::Registry& registry, const std::vector<std::string>& portals);
  ~RpcMetrics();
  RpcMetrics(const RpcMetrics&) = delete;
  RpcMetrics& operator=(const RpcMetrics&) = delete;

  // Counts a call that has arrived.
  void Started(Rpc rpc);
  // Counts a finished call. A `record.portal` that is none of the portals, because the call was
  // refused before it chose one, counts as the portal "". Throws std::bad_alloc, but only at the
  // first outcome of its kind.
  void Finished(Rpc rpc, absl::StatusCode code, const RpcRecord& record);
  // Returns the exemplars of the finished calls whose spans were recorded. Thread-safe.
  const LatencyExemplars& exemplars() const { return exemplars_; }

  // Counts a call that was refused with GATEWAY_OVERLOADED.
  void Shed(std::string_view portal, ShedCause cause);

 private:
  class Portal;

  struct Families {
    explicit Families(prometheus::Registry& registry);

    prometheus::Family<prometheus::Counter>& started;
    prometheus::Family<prometheus::Counter>& handled;
    prometheus::Family<prometheus::Histogram>& handling_seconds;
    prometheus::Family<prometheus::Histogram>& upstream_seconds;
    prometheus::Family<prometheus::Counter>& upstream_responses;
    prometheus::Family<prometheus::Counter>& shed;
    prometheus::Family<prometheus::Counter>& request_bytes;
    prometheus::Family<prometheus::Counter>& response_bytes;
  };

  Portal& PortalNamed(std::string_view name);

  const Families families_;
  LatencyExemplars exemplars_;
  std::vector<prometheus::Counter*> started_;
  std::map<std::string, std::unique_ptr<Portal>, std::less<>> portals_;
};

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_RPC_METRICS_H_
