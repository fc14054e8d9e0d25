#include "server/metrics/openmetrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <vector>

namespace docspace::gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Returns the latency histogram of two portals, with buckets of up to 0.1 and 1 second.
MetricFamily Latency() {
  MetricFamily family{"grpc_server_handling_seconds", "Time.", MetricType::Histogram, {}};
  for (const char* portal : {"a", "b"}) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{"grpc_method", "GetApiKey"}, {"portal", portal}};
    metric.histogram = {3, 2.5, {{1, 0.1}, {2, 1}, {3, kInfinity}}};
  }
  return family;
}

TEST(OpenMetrics, HasTheFormOfEachType) {
  MetricFamily counter{"calls_total", "Of \"all\"\n\\.", MetricType::Counter, {}};
  counter.metric.emplace_back().counter.value = 3;
  counter.metric.back().label = {{"portal", "de\"f\\ault\n"}};
  MetricFamily gauge{"bytes", "", MetricType::Gauge, {}};
  gauge.metric.emplace_back().gauge.value = 0.25;
  EXPECT_EQ(ToOpenMetrics({counter, gauge}, LatencyExemplars({})),
            "# TYPE calls counter\n"
            "# HELP calls Of \\\"all\\\"\\n\\\\.\n"
            "calls_total{portal=\"de\\\"f\\\\ault\\n\"} 3.0\n"
            "# TYPE bytes gauge\n"
            "bytes 0.25\n"
            "# EOF\n");
}

TEST(OpenMetrics, HasAnExemplarInTheBucketOfItsCall) {
  LatencyExemplars exemplars({0.1, 1});
  const auto record = [&exemplars](const char* trace_id, double seconds) {
    exemplars.Record("GetApiKey", "a",
                     {trace_id, seconds,
                      std::chrono::system_clock::time_point() + std::chrono::milliseconds(1'005)});
  };
  record("old", 0.5);
  record("new", 1);
  record("slow", 7.25);
  const std::string text = ToOpenMetrics({Latency()}, exemplars);
  const auto bucket = [](const char* portal, const char* bound) {
    return "grpc_server_handling_seconds_bucket{grpc_method=\"GetApiKey\",portal=\"" +
           std::string(portal) + "\",le=\"" + bound + "\"} ";
  };
  EXPECT_THAT(text, HasSubstr(bucket("a", "0.1") + "1\n"));
  EXPECT_THAT(text, HasSubstr(bucket("a", "1.0") + "2 # {trace_id=\"new\"} 1.0 1.005\n"));
  EXPECT_THAT(text, HasSubstr(bucket("a", "+Inf") + "3 # {trace_id=\"slow\"} 7.25 1.005\n"));
  EXPECT_THAT(text, HasSubstr(bucket("b", "+Inf") + "3\n"));
  EXPECT_THAT(text, HasSubstr("_count{grpc_method=\"GetApiKey\",portal=\"a\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("_sum{grpc_method=\"GetApiKey\",portal=\"a\"} 2.5\n"));
  EXPECT_THAT(text, EndsWith("\n# EOF\n"));
  EXPECT_THAT(text, Not(HasSubstr("old")));
}

TEST(OpenMetrics, OtherHistogramsHaveNoExemplars) {
  LatencyExemplars exemplars({0.1, 1});
  exemplars.Record("GetApiKey", "a", {"trace", 0.5, {}});
  MetricFamily other = Latency();
  other.name = "docspace_upstream_request_seconds";
  EXPECT_THAT(ToOpenMetrics({other}, exemplars), Not(HasSubstr("trace")));
}

TEST(OpenMetrics, IsPreferredIfTheRequestNamesIt) {
  for (const char* accept :
       {"application/openmetrics-text", "Application/OpenMetrics-Text; version=1.0.0",
        "application/openmetrics-text;version=1.0.0;q=0.5,"
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "text/plain;q=0.5, application/openmetrics-text;q=0.5"}) {
    EXPECT_TRUE(PrefersOpenMetrics(accept)) << accept;
  }
  for (const char* accept :
       {"", "*/*", "text/plain", "application/*", "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=x", "text/html,application/xml;q=0.9,*/*;q=0.8",
        "application/openmetrics-text;q=0.3,text/plain;q=0.9", ";,;q=,"}) {
    EXPECT_FALSE(PrefersOpenMetrics(accept)) << accept;
  }
}

}  // namespace
}  // namespace docspace::gateway
