#include "server/admin/admin_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <limits>

namespace docspace::gateway {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class AdminPagesTest : public ::testing::Test {
 protected:
  AdminResponse Ask(const std::string& method, const std::string& path) {
    return pages_.Answer({.method = method, .path = path});
  }
  AdminResponse Set(const std::string& query, bool from_loopback = true, bool from_page = false) {
    return pages_.Answer({.method = "PUT",
                          .path = "/log-level",
                          .query = query,
                          .from_loopback = from_loopback,
                          .from_page = from_page});
  }

  static std::vector<prometheus::MetricFamily> Metrics() {
    prometheus::MetricFamily counter{"calls_total", "Calls.", prometheus::MetricType::Counter, {}};
    counter.metric.emplace_back().counter.value = 3;
    counter.metric.back().label = {{"portal", "de\"fault"}};
    prometheus::MetricFamily histogram{"seconds", "Time.", prometheus::MetricType::Histogram, {}};
    histogram.metric.emplace_back().histogram = {
        2, 0.5, {{1, 0.1}, {2, std::numeric_limits<double>::infinity()}}};
    return {counter, histogram};
  }

  bool ready_ = true;
  bool live_ = true;
  std::vector<std::string> levels_;
  AdminPages pages_{{.metrics = Metrics,
                     .errors =
                         [] {
                           return std::vector<RecentError>{
                               {.time = std::chrono::system_clock::time_point(),
                                .method = "GetApiKey",
                                .portal = "default",
                                .code = "INTERNAL",
                                .reason = "UPSTREAM_ERROR",
                                .http_status = 500,
                                .request_id = "<b>id</b>"}};
                         },
                     .ready = [this] { return ready_; },
                     .live = [this] { return live_; },
                     .config = [] { return std::string("listen: x\n"); },
                     .set_log_level =
                         [this](const std::string& level) {
                           levels_.push_back(level);
                           return level == "error";
                         },
                     .host_names = {"gateway.example"}}};
};

TEST_F(AdminPagesTest, LivesWhetherOrNotItIsReady) {
  EXPECT_EQ(Ask("GET", "/readyz").status, 200);
  ready_ = false;
  EXPECT_EQ(Ask("GET", "/readyz").status, 503);
  EXPECT_EQ(Ask("GET", "/healthz").status, 200);
}

TEST_F(AdminPagesTest, S9_IsNotAliveWhileALoopDoesNotTurn) {
  live_ = false;
  EXPECT_EQ(Ask("GET", "/healthz").status, 503);
  EXPECT_EQ(Ask("GET", "/readyz").status, 200);
}

TEST_F(AdminPagesTest, ShowsMetricsAsPrometheusReadsThem) {
  const AdminResponse response = Ask("GET", "/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("# TYPE calls_total counter\n"
                                       "calls_total{portal=\"de\\\"fault\"} 3\n"));
  EXPECT_THAT(response.body, HasSubstr("seconds_bucket{le=\"+Inf\"} 2\n"));
}

TEST_F(AdminPagesTest, ShowsTheSameAndTheErrorsAsJson) {
  const AdminResponse response = Ask("GET", "/status.json");
  EXPECT_EQ(response.content_type, "application/json");
  const json::object status = json::parse(response.body).as_object();
  EXPECT_EQ(status.at("metrics"),
            json::parse(R"({"calls_total": [{"labels": {"portal": "de\"fault"}, "value": 3.0}],
                            "seconds": [{"labels": {}, "count": 2.0, "sum": 0.5,
                                         "buckets": [[0.1, 1], [null, 2]]}]})"));
  EXPECT_EQ(status.at("errors"),
            json::parse(R"([{"time": 0.0, "method": "GetApiKey", "portal": "default",
                             "code": "INTERNAL", "reason": "UPSTREAM_ERROR",
                             "http_status": 500.0, "request_id": "<b>id</b>"}])"));
}

TEST_F(AdminPagesTest, ThePageLoadsNothingFromElsewhereAndRunsNoTextAsCode) {
  for (const char* path : {"/", "/status.js", "/style.css"}) {
    const AdminResponse response = Ask("GET", path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_THAT(response.body, Not(HasSubstr("https://")));
    EXPECT_THAT(response.body, Not(HasSubstr("innerHTML")));
    EXPECT_THAT(response.body, Not(HasSubstr("eval(")));
    EXPECT_THAT(response.body, Not(HasSubstr(" style=")));
  }
}

TEST_F(AdminPagesTest, ShowsTheConfigurationWhereThereIsOne) {
  EXPECT_EQ(Ask("GET", "/config").body, "listen: x\n");
  const AdminPages without({.ready = [] { return true; }});
  EXPECT_EQ(without.Answer({.method = "GET", .path = "/config"}).status, 404);
}

TEST_F(AdminPagesTest, RefusesOtherPathsAndMethods) {
  EXPECT_EQ(Ask("GET", "/nothing").status, 404);
  EXPECT_EQ(Ask("GET", "").status, 404);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"}) {
    const AdminResponse response = Ask(method, "/metrics");
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.allow, "GET, HEAD");
  }
  EXPECT_EQ(Ask("HEAD", "/metrics").status, 200);
  EXPECT_EQ(Ask("GET", "/log-level").allow, "PUT");
}

TEST_F(AdminPagesTest, AnswersToItsOwnNamesOnly) {
  const auto status = [this](const char* host) {
    return pages_.Answer({.method = "GET", .path = "/healthz", .host = host}).status;
  };
  for (const char* host : {"", "127.0.0.1", "10.1.2.3", "fd00::1", "::1", "localhost", "LocalHost",
                           "gateway.example", "GATEWAY.example"}) {
    EXPECT_EQ(status(host), 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "gateway.example.evil", "a.gateway.example", "[evil", "1.2.3", "*"}) {
    EXPECT_EQ(status(host), 421) << host;
  }
}

TEST_F(AdminPagesTest, TheLogLevelIsForThisMachineAndNoBrowser) {
  EXPECT_EQ(Set("level=error", /*from_loopback=*/false).status, 403);
  EXPECT_EQ(Set("level=error", /*from_loopback=*/true, /*from_page=*/true).status, 403);
  EXPECT_THAT(levels_, ElementsAre());
  EXPECT_EQ(pages_
                .Answer({.method = "PUT",
                         .path = "/log-level",
                         .query = "level=error",
                         .from_loopback = true,
                         .is_forwarded = true})
                .status,
            403);
  EXPECT_THAT(levels_, ElementsAre());
  EXPECT_EQ(Set("level=error").status, 200);
  EXPECT_EQ(Set("level=loud").status, 400);
  EXPECT_EQ(Set("lever=error").status, 400);
  EXPECT_EQ(Set("").status, 400);
  EXPECT_THAT(levels_, ElementsAre("error", "loud"));
}

}  // namespace
}  // namespace docspace::gateway
