#include "server/metrics/rpc_metrics.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <utility>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/docspace/error_reason.h"

namespace docspace::gateway {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using prometheus::Labels;
using prometheus::Registry;

// gRPC's codes end at 16, UNAUTHENTICATED.
constexpr std::size_t kCodes = 17;
// Each code has a series for no reason, for each known reason, and for any other.
constexpr std::size_t kReasons = kErrorReasonNames.size() + 2;
constexpr int kFirstHttpStatus = 100;
constexpr int kLastHttpStatus = 599;

const Histogram::BucketBoundaries& Seconds() {
  static const Histogram::BucketBoundaries boundaries = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  return boundaries;
}

double InSeconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::size_t IndexOf(Rpc rpc) { return static_cast<std::size_t>(rpc); }

std::size_t IndexOf(absl::StatusCode code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kCodes ? index : IndexOf(absl::StatusCode::kUnknown);
}

std::size_t IndexOfReason(std::string_view reason) {
  if (reason.empty()) return 0;
  const auto* const found = std::ranges::lower_bound(kErrorReasonNames, reason);
  const bool known = found != kErrorReasonNames.end() && *found == reason;
  return known ? 1 + static_cast<std::size_t>(std::distance(kErrorReasonNames.begin(), found))
               : kReasons - 1;
}

std::string ReasonAt(std::size_t index) {
  if (index == 0) return "";
  return index == kReasons - 1 ? "OTHER" : std::string(kErrorReasonNames.at(index - 1));
}

std::string Name(Rpc rpc) { return std::string(RouteOf(rpc).name); }

// A series that is created when it is used first. The pointer is kept, because to look a series up
// takes the family's lock and memory, which later calls should not pay for.
template <class Metric>
class Series {
 public:
  template <class Make>
  Metric& Get(const Make& make) {
    Metric* metric = metric_.load(std::memory_order_acquire);
    if (metric == nullptr) {
      // If two threads come here at once, both get the same series.
      metric = &make();
      metric_.store(metric, std::memory_order_release);
    }
    return *metric;
  }

 private:
  std::atomic<Metric*> metric_{nullptr};
};

Family<Counter>& NewCounter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Histogram>& NewHistogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

RpcMetrics::Families::Families(Registry& registry)
    : started(NewCounter(registry, "grpc_server_started_total", "RPCs that arrived.")),
      handled(NewCounter(registry, "grpc_server_handled_total",
                         "RPCs that have finished, by code and ErrorInfo's reason.")),
      handling_seconds(NewHistogram(registry, "grpc_server_handling_seconds",
                                    "Time from an RPC's arrival until its status.")),
      upstream_seconds(NewHistogram(
          registry, "docspace_upstream_request_seconds",
          "Time from the request to the portal until the end of its response, including waits and "
          "retries; also of calls that got no response.")),
      upstream_responses(NewCounter(registry, "docspace_upstream_responses_total",
                                    "Responses of the portal, by HTTP status.")),
      shed(NewCounter(registry, "docspace_calls_shed_total",
                      "RPCs that were refused with GATEWAY_OVERLOADED, by what was full.")),
      request_bytes(NewCounter(registry, "docspace_request_bytes_total",
                               "Bytes of callers' request messages.")),
      response_bytes(NewCounter(registry, "docspace_response_bytes_total",
                                "Bytes of the bodies of the portal's responses.")) {}

// The series of one portal.
class RpcMetrics::Portal {
 public:
  Portal(const Families& families, std::string name)
      : families_(families), name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  void ShowFromTheStart() {
    for (const Route& route : kRoutes) {
      Handled(route.rpc, 0, 0);
      HandlingSeconds(route.rpc);
      UpstreamSeconds(route.rpc);
    }
    for (const auto cause : {ShedCause::kInFlight, ShedCause::kMemory, ShedCause::kCredential}) {
      Shed(cause);
    }
    RequestBytes();
    ResponseBytes();
  }

  Counter& Handled(Rpc rpc, std::size_t code, std::size_t reason) {
    return handled_.at((IndexOf(rpc) * kCodes + code) * kReasons + reason).Get([&]() -> Counter& {
      return families_.handled.Add(
          {{"grpc_service", apikeys::v1::ApiKeys::service_full_name()},
           {"grpc_method", Name(rpc)},
           {"grpc_code", absl::StatusCodeToString(static_cast<absl::StatusCode>(code))},
           {"reason", ReasonAt(reason)},
           {"portal", name_}});
    });
  }

  Histogram& HandlingSeconds(Rpc rpc) {
    return Timing(handling_.at(IndexOf(rpc)), families_.handling_seconds, rpc);
  }

  Histogram& UpstreamSeconds(Rpc rpc) {
    return Timing(upstream_.at(IndexOf(rpc)), families_.upstream_seconds, rpc);
  }

  Counter& Response(int http_status) {
    return responses_.at(static_cast<std::size_t>(http_status - kFirstHttpStatus))
        .Get([&]() -> Counter& {
          return families_.upstream_responses.Add(
              {{"portal", name_}, {"http_status", std::to_string(http_status)}});
        });
  }

  Counter& Shed(ShedCause cause) {
    constexpr std::array kNames = {"in_flight", "memory", "credential"};
    const auto index = static_cast<std::size_t>(cause);
    return shed_.at(index).Get([&]() -> Counter& {
      return families_.shed.Add({{"portal", name_}, {"cause", kNames.at(index)}});
    });
  }

  Counter& RequestBytes() { return Bytes(request_bytes_, families_.request_bytes); }
  Counter& ResponseBytes() { return Bytes(response_bytes_, families_.response_bytes); }

 private:
  Histogram& Timing(Series<Histogram>& series, Family<Histogram>& family, Rpc rpc) {
    return series.Get([&]() -> Histogram& {
      return family.Add({{"grpc_method", Name(rpc)}, {"portal", name_}}, Seconds());
    });
  }

  Counter& Bytes(Series<Counter>& series, Family<Counter>& family) {
    return series.Get([&]() -> Counter& { return family.Add({{"portal", name_}}); });
  }

  const Families& families_;
  const std::string name_;
  std::array<Series<Counter>, kRoutes.size() * kCodes * kReasons> handled_;
  std::array<Series<Histogram>, kRoutes.size()> handling_;
  std::array<Series<Histogram>, kRoutes.size()> upstream_;
  std::array<Series<Counter>, kLastHttpStatus - kFirstHttpStatus + 1> responses_;
  std::array<Series<Counter>, 3> shed_;
  Series<Counter> request_bytes_;
  Series<Counter> response_bytes_;
};

RpcMetrics::RpcMetrics(Registry& registry, const std::vector<std::string>& portals)
    : families_(registry), exemplars_(Seconds()) {
  for (const Route& route : kRoutes) {
    started_.push_back(
        &families_.started.Add({{"grpc_service", apikeys::v1::ApiKeys::service_full_name()},
                                {"grpc_method", std::string(route.name)}}));
  }
  portals_.emplace("", std::make_unique<Portal>(families_, ""));
  for (const std::string& name : portals) {
    const auto [portal, is_new] = portals_.emplace(name, std::make_unique<Portal>(families_, name));
    portal->second->ShowFromTheStart();
  }
}

RpcMetrics::~RpcMetrics() = default;

RpcMetrics::Portal& RpcMetrics::PortalNamed(std::string_view name) {
  const auto found = portals_.find(name);
  return *(found != portals_.end() ? found : portals_.find(""))->second;
}

void RpcMetrics::Started(Rpc rpc) { started_[IndexOf(rpc)]->Increment(); }

void RpcMetrics::Finished(Rpc rpc, absl::StatusCode code, const RpcRecord& record) {
  Portal& portal = PortalNamed(record.portal);
  portal.Handled(rpc, IndexOf(code), IndexOfReason(record.reason)).Increment();
  portal.HandlingSeconds(rpc).Observe(InSeconds(record.duration));
  if (record.is_traced) {
    exemplars_.Record(
        RouteOf(rpc).name, portal.name(),
        {record.trace_id, InSeconds(record.duration), std::chrono::system_clock::now()});
  }
  // 0 means that the portal was not called.
  if (record.upstream_duration.count() != 0) {
    portal.UpstreamSeconds(rpc).Observe(InSeconds(record.upstream_duration));
  }
  if (record.http_status >= kFirstHttpStatus && record.http_status <= kLastHttpStatus) {
    portal.Response(record.http_status).Increment();
  }
  portal.RequestBytes().Increment(static_cast<double>(record.request_bytes));
  portal.ResponseBytes().Increment(static_cast<double>(record.response_bytes));
}

void RpcMetrics::Shed(std::string_view portal, ShedCause cause) {
  PortalNamed(portal).Shed(cause).Increment();
}

}  // namespace docspace::gateway
