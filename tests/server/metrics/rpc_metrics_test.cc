#include "server/metrics/rpc_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "server/docspace/error_reason.h"

namespace docspace::gateway {
namespace {

using absl::StatusCode;

class RpcMetricsTest : public ::testing::Test {
 protected:
  // Returns the value of the only sample with all of these labels, or -1 if there is none.
  double Value(const std::string& name, const std::map<std::string, std::string>& labels) {
    double value = -1;
    for (const auto& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const auto& sample : family.metric) {
        std::map<std::string, std::string> found;
        for (const auto& label : sample.label) found[label.name] = label.value;
        bool matches = true;
        for (const auto& label : labels) matches = matches && found[label.first] == label.second;
        if (!matches) continue;
        EXPECT_EQ(value, -1) << name << " has two such samples";
        value = family.type == prometheus::MetricType::Histogram
                    ? static_cast<double>(sample.histogram.sample_count)
                    : sample.counter.value;
      }
    }
    return value;
  }

  static RpcRecord Record(std::string_view portal, std::string reason = "") {
    RpcRecord record;
    record.portal = portal;
    record.reason = std::move(reason);
    record.duration = std::chrono::milliseconds(3);
    return record;
  }

  prometheus::Registry registry_;
  RpcMetrics metrics_{registry_, {"default", "other"}};
};

TEST_F(RpcMetricsTest, CountsByPortalCodeAndReason) {
  metrics_.Finished(Rpc::kGetApiKey, StatusCode::kOk, Record("default"));
  metrics_.Finished(Rpc::kGetApiKey, StatusCode::kOk, Record("other"));
  for (int i = 0; i < 2; ++i) {
    metrics_.Finished(Rpc::kGetApiKey, StatusCode::kUnavailable,
                      Record("other", "UPSTREAM_UNREACHABLE"));
  }
  const char* const name = "grpc_server_handled_total";
  EXPECT_EQ(Value(name, {{"portal", "default"}, {"grpc_method", "GetApiKey"}}), 1);
  EXPECT_EQ(Value(name, {{"portal", "other"},
                         {"grpc_method", "GetApiKey"},
                         {"grpc_code", "UNAVAILABLE"},
                         {"reason", "UPSTREAM_UNREACHABLE"}}),
            2);
  EXPECT_EQ(Value(name, {{"portal", "default"}, {"grpc_method", "UpdateApiKey"}}), 0);
}

TEST_F(RpcMetricsTest, TimesThePortalOnlyWhereItWasCalled) {
  RpcRecord record = Record("default");
  metrics_.Finished(Rpc::kGetApiKey, StatusCode::kUnauthenticated, record);
  record.upstream_duration = std::chrono::milliseconds(2);
  metrics_.Finished(Rpc::kGetApiKey, StatusCode::kOk, record);
  const std::map<std::string, std::string> labels = {{"portal", "default"},
                                                     {"grpc_method", "GetApiKey"}};
  EXPECT_EQ(Value("grpc_server_handling_seconds", labels), 2);
  EXPECT_EQ(Value("docspace_upstream_request_seconds", labels), 1);
}

// The number of series is limited, whatever values are recorded.
TEST_F(RpcMetricsTest, UnknownValuesShareOneSeries) {
  for (int i = 0; i < 100; ++i) {
    const std::string text = std::to_string(i);
    RpcRecord record = Record(text, "REASON_" + text);
    record.http_status = 1000 + i;
    metrics_.Finished(Rpc::kGetApiKey, static_cast<StatusCode>(17 + i), record);
  }
  EXPECT_EQ(Value("grpc_server_handled_total",
                  {{"portal", ""}, {"grpc_code", "UNKNOWN"}, {"reason", "OTHER"}}),
            100);
  for (const auto& family : registry_.Collect()) {
    EXPECT_NE(family.name, "docspace_upstream_responses_total");
  }
}

TEST_F(RpcMetricsTest, ThreadsCountTogether) {
  constexpr int kTimes = 5000;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < kTimes; ++n) {
        metrics_.Started(Rpc::kGetApiKeys);
        metrics_.Finished(Rpc::kGetApiKeys, StatusCode::kInternal,
                          Record("other", "UPSTREAM_ERROR"));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(Value("grpc_server_started_total", {{"grpc_method", "GetApiKeys"}}), 4 * kTimes);
  EXPECT_EQ(Value("grpc_server_handled_total", {{"reason", "UPSTREAM_ERROR"}}), 4 * kTimes);
  EXPECT_EQ(
      Value("grpc_server_handling_seconds", {{"portal", "other"}, {"grpc_method", "GetApiKeys"}}),
      4 * kTimes);
}

TEST(ErrorReasons, AreThoseOfTheDocumentation) {
  std::ifstream file("docs/errors.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::regex row("\n\\| `[A-Z_`, ]*\\| (`[^|]*`) \\|");
  const std::regex name("[A-Z_]{4,}");
  std::set<std::string> documented;
  for (std::sregex_iterator each(text.begin(), text.end(), row), end; each != end; ++each) {
    const std::string cell = (*each)[1];
    for (std::sregex_iterator reason(cell.begin(), cell.end(), name); reason != end; ++reason) {
      documented.insert(reason->str());
    }
  }
  EXPECT_THAT(std::vector<std::string>(kErrorReasonNames.begin(), kErrorReasonNames.end()),
              ::testing::ElementsAreArray(documented));
}

}  // namespace
}  // namespace docspace::gateway
