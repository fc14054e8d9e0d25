#include "server/metrics/gateway_metrics.h"

#include <chrono>
#include <map>
#include <string_view>
#include <utility>

#include "server/base/version.h"
#include "server/log/library_log.h"
#include "server/metrics/certificate_expiry.h"
#include "server/metrics/sample.h"

namespace docspace::gateway {
namespace {

using http::ClientState;
using prometheus::MetricFamily;
using prometheus::MetricType;

// One value of a client, with a label beside the portal's.
struct Row {
  const char* label;
  const char* label_value;
  std::uint64_t (*value)(const ClientState& state);
};

struct UpstreamFamily {
  const char* name;
  MetricType type;
  const char* help;
  std::vector<Row> rows;
};

const std::vector<UpstreamFamily>& UpstreamFamilies() {
  static const std::vector<UpstreamFamily> families = {
      {"docspace_pool_connections",
       MetricType::Gauge,
       "Connections to the portal that are open, and those of them that are idle.",
       {{"state", "open", [](const ClientState& s) -> std::uint64_t { return s.open_connections; }},
        {"state", "idle",
         [](const ClientState& s) -> std::uint64_t { return s.idle_connections; }}}},
      {"docspace_pool_connections_created_total",
       MetricType::Counter,
       "Connections to the portal that were opened.",
       {{"", "", [](const ClientState& s) { return s.pool.created; }}}},
      {"docspace_pool_connect_failures_total",
       MetricType::Counter,
       "Attempts to connect to the portal that failed.",
       {{"", "", [](const ClientState& s) { return s.pool.connect_failures; }}}},
      {"docspace_pool_connections_reused_total",
       MetricType::Counter,
       "Attempts that found an idle connection.",
       {{"", "", [](const ClientState& s) { return s.pool.reused; }}}},
      {"docspace_pool_waits_total",
       MetricType::Counter,
       "Attempts that waited because every connection was in use.",
       {{"", "", [](const ClientState& s) { return s.pool.waits; }}}},
      {"docspace_pool_connections_closed_total",
       MetricType::Counter,
       "Connections that were closed: idle for too long, expired by age or use, ended by the "
       "portal while idle, or not reusable after a call.",
       {{"cause", "idle", [](const ClientState& s) { return s.pool.closed_idle; }},
        {"cause", "worn", [](const ClientState& s) { return s.pool.closed_expired; }},
        {"cause", "stale", [](const ClientState& s) { return s.pool.closed_stale; }},
        {"cause", "call", [](const ClientState& s) { return s.pool.closed_by_call; }}}},
      {"docspace_upstream_retries_total",
       MetricType::Counter,
       "Second attempts: a pooled connection was dead, nothing had been sent, or a read got no "
       "response.",
       {{"cause", "stale", [](const ClientState& s) { return s.calls.retries_stale; }},
        {"cause", "unsent", [](const ClientState& s) { return s.calls.retries_unsent; }},
        {"cause", "read", [](const ClientState& s) { return s.calls.retries_read; }}}},
      {"docspace_upstream_retries_refused_total",
       MetricType::Counter,
       "Second attempts that the retry budget refused.",
       {{"", "", [](const ClientState& s) { return s.calls.retries_over_budget; }}}},
      {"docspace_retry_budget_available",
       MetricType::Gauge,
       "Second attempts that the retry budget would allow now.",
       {{"", "", [](const ClientState& s) { return s.retries_available; }}}},
      {"docspace_circuit_breakers_open",
       MetricType::Gauge,
       "Event loops whose circuit breaker is not closed.",
       {{"", "", [](const ClientState& s) -> std::uint64_t { return s.circuit_closed ? 0 : 1; }}}},
      {"docspace_circuit_breakers_opened_total",
       MetricType::Counter,
       "Times that a circuit breaker opened.",
       {{"", "", [](const ClientState& s) { return s.circuit_opened; }}}},
  };
  return families;
}

void AddUpstreams(const std::vector<UpstreamSampler::Sample>& samples,
                  std::vector<MetricFamily>& families) {
  for (const UpstreamFamily& each : UpstreamFamilies()) {
    MetricFamily& family = families.emplace_back(SampledFamily(each.name, each.type, each.help));
    for (const Row& row : each.rows) {
      // The sums over the event loops.
      std::map<std::string_view, std::uint64_t> sums;
      for (const auto& sample : samples) sums[sample.portal] += row.value(sample.state);
      for (const auto& [portal, sum] : sums) {
        SampleLabels labels = {{"portal", std::string(portal)}};
        if (*row.label != '\0') labels.push_back({row.label, row.label_value});
        AddSample(family, std::move(labels), static_cast<double>(sum));
      }
    }
  }
}

void AddLoad(const std::vector<GatewayMetrics::PortalLoad>& load,
             std::vector<MetricFamily>& families) {
  MetricFamily in_flight =
      SampledFamily("docspace_calls_in_flight", MetricType::Gauge, "Calls that are in flight.");
  MetricFamily limit = SampledFamily("docspace_calls_in_flight_limit", MetricType::Gauge,
                                     "The most calls that may be in flight.");
  for (const auto& portal : load) {
    AddSample(in_flight, {{"portal", portal.portal}}, static_cast<double>(portal.in_flight));
    AddSample(limit, {{"portal", portal.portal}}, static_cast<double>(portal.limit));
  }
  families.push_back(std::move(in_flight));
  families.push_back(std::move(limit));
}

MetricFamily Expiries(const GatewayMetrics::Sources& sources) {
  MetricFamily family = SampledFamily(
      "docspace_certificate_expiry_timestamp_seconds", MetricType::Gauge,
      "The time at which the gateway's own certificate expires, in seconds since 1970.");
  for (const auto& [use, source] : {std::pair("callers", &sources.caller_certificates),
                                    std::pair("portal", &sources.portal_certificates)}) {
    const auto expiry = ExpiryOf((*source)()->chain());
    if (!expiry) continue;
    AddSample(family, {{"use", use}},
              std::chrono::duration<double>(expiry->time_since_epoch()).count());
  }
  return family;
}

MetricFamily RevocationExpiry(const CertificateSource& callers) {
  MetricFamily family = SampledFamily(
      "docspace_revocation_list_expiry_timestamp_seconds", MetricType::Gauge,
      "The time at which the first list of revoked certificates of callers expires, in seconds "
      "since 1970.");
  const auto lists = callers()->revocation_lists();
  const auto expiry = lists ? lists->FirstExpiry() : std::nullopt;
  if (expiry) {
    AddSample(family, {}, std::chrono::duration<double>(expiry->time_since_epoch()).count());
  }
  return family;
}

MetricFamily Turns(const std::vector<std::chrono::steady_clock::duration>& ages) {
  MetricFamily family =
      SampledFamily("docspace_event_loop_last_turn_age_seconds", MetricType::Gauge,
                    "Seconds since the last turn of an event loop.");
  for (std::size_t i = 0; i < ages.size(); ++i) {
    AddSample(family, {{"loop", std::to_string(i)}},
              std::chrono::duration<double>(ages[i]).count());
  }
  return family;
}

MetricFamily LibraryMessageFamily() {
  MetricFamily family =
      SampledFamily("docspace_library_messages_total", MetricType::Counter,
                    "Messages of libraries, including those that the log has no line of.");
  for (const LibraryMessages& messages : CountLibraryMessages()) {
    AddSample(family, {{"library", std::string(messages.library)}},
              static_cast<double>(messages.count));
  }
  return family;
}

}  // namespace

GatewayMetrics::GatewayMetrics(Sources sources) : sources_(std::move(sources)) {}

std::vector<MetricFamily> GatewayMetrics::Collect() const {
  std::vector<MetricFamily> families;
  const auto add = [&families](const char* name, MetricType type, const char* help, auto value,
                               SampleLabels labels = {}) {
    AddSample(families.emplace_back(SampledFamily(name, type, help)), std::move(labels),
              static_cast<double>(value));
  };
  AddUpstreams(sources_.upstreams(), families);
  AddLoad(sources_.load(), families);
  const Memory memory = sources_.memory();
  add("docspace_buffered_bytes", MetricType::Gauge,
      "Bytes that calls hold for requests and responses.", memory.bytes);
  add("docspace_buffered_bytes_limit", MetricType::Gauge, "Bytes that calls may hold.",
      memory.limit);
  add("docspace_gateway_ready", MetricType::Gauge,
      "1 if /readyz reports that the gateway is ready, else 0.", sources_.ready() ? 1 : 0);
  families.push_back(Turns(sources_.ages_of_turns()));
  add("docspace_log_lines_dropped_total", MetricType::Counter,
      "Lines of the log that were dropped, because standard error did not accept them in time.",
      sources_.log_lines_dropped());
  families.push_back(LibraryMessageFamily());
  const Spans spans = sources_.spans();
  add("docspace_spans_exported_total", MetricType::Counter, "Spans that a collector accepted.",
      spans.exported);
  add("docspace_spans_dropped_total", MetricType::Counter,
      "Spans that were dropped: too many waited, or no collector accepted them.", spans.dropped);
  add("docspace_traces_limited_total", MetricType::Counter,
      "Calls that were not recorded, because --trace-rate-limit was reached.", spans.limited_calls);
  families.push_back(Expiries(sources_));
  families.push_back(RevocationExpiry(sources_.caller_certificates));
  add("docspace_build_info", MetricType::Gauge, "The version and compiler of this build.", 1,
      {{"version", std::string(kVersion)}, {"compiler", "g++-" __VERSION__}});
  return families;
}

}  // namespace docspace::gateway
