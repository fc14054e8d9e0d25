#include "server/log/rpc_log.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/log/event_log.h"
#include "tests/testkit/gateway_under_test.h"

namespace docspace::gateway {
namespace {

namespace json = boost::json;

class RpcLogTest : public ::testing::Test {
 protected:
  // Logs the record and returns its line, which must be the only one.
  json::object Write(const RpcRecord& record) {
    testkit::KeptLog kept;
    RpcLog log(kept.logger());
    log.Write(record);
    EXPECT_EQ(kept.Lines().size(), 1U);
    return json::parse(kept.Lines().at(0)).as_object();
  }

  static RpcRecord Full() {
    return {.method = "CreateApiKey",
            .code = "RESOURCE_EXHAUSTED",
            .reason = "RATE_LIMITED",
            .request_id = "id-1",
            .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
            .span_id = "00f067aa0ba902b7",
            .http_status = 429,
            .failure = "no response came",
            .key_id = "3fa85f64-5717-4562-b3fc-2c963f66afa6",
            .peer = "192.0.2.1:50000",
            .certificate = "spiffe://example.org/jobs",
            .write_sent = false,
            .duration = std::chrono::microseconds(12'345),
            .upstream_duration = std::chrono::microseconds(10'001),
            .request_bytes = 17,
            .response_bytes = 0};
  }
};

TEST_F(RpcLogTest, WritesEveryFieldOfARecord) {
  json::object line = Write(Full());
  const std::string time = line.at("time").as_string().c_str();
  EXPECT_TRUE(std::regex_match(time, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)")))
      << time;
  line.erase("time");
  EXPECT_EQ(line, json::parse(R"({"level": "info", "event": "rpc", "method": "CreateApiKey",
      "code": "RESOURCE_EXHAUSTED", "reason": "RATE_LIMITED", "http_status": 429,
      "failure": "no response came", "write_sent": false,
      "key_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
      "peer": "192.0.2.1:50000", "certificate": "spiffe://example.org/jobs",
      "duration_ms": 12.345, "upstream_ms": 10.001, "request_bytes": 17, "response_bytes": 0,
      "request_id": "id-1", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
      "span_id": "00f067aa0ba902b7"})"));
}

TEST_F(RpcLogTest, LeavesOutWhatThereIsNot) {
  const json::object line = Write({.method = "GetApiKeys", .code = "OK", .request_id = "id-2"});
  EXPECT_FALSE(line.contains("reason"));
  EXPECT_FALSE(line.contains("http_status"));
  for (const char* name : {"failure", "key_id", "peer", "certificate", "write_sent"}) {
    EXPECT_FALSE(line.contains(name)) << name;
  }
  EXPECT_FALSE(line.contains("trace_id"));
  EXPECT_FALSE(line.contains("span_id"));
}

TEST_F(RpcLogTest, WarnsOfWhatTheCallerCannotMend) {
  for (const auto* const code :
       {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "DATA_LOSS"}) {
    EXPECT_EQ(Write({.method = "GetApiKeys", .code = code}).at("level"), "warning") << code;
  }
  for (const auto code : {"OK", "NOT_FOUND", "UNAUTHENTICATED", "CANCELLED", "INVALID_ARGUMENT"}) {
    EXPECT_EQ(Write({.method = "GetApiKeys", .code = code}).at("level"), "info") << code;
  }
}

TEST_F(RpcLogTest, TheLevelDecidesWhatIsWritten) {
  testkit::KeptLog kept;
  RpcLog log(kept.logger());
  kept.logger()->set_level(spdlog::level::warn);
  log.Write({.method = "GetApiKeys", .code = "OK"});
  log.Write({.method = "GetApiKeys", .code = "INTERNAL"});
  EXPECT_EQ(kept.RpcLines().size(), 1U);
  kept.logger()->set_level(spdlog::level::off);
  log.Write({.method = "GetApiKeys", .code = "INTERNAL"});
  LogEvent(*kept.logger(), "drain", "now");
  EXPECT_EQ(kept.Lines().size(), 1U);
}

TEST_F(RpcLogTest, ALevelThatChangesIsToldOfByTheMoreTalkativeOne) {
  testkit::KeptLog kept;
  SetLogLevel(*kept.logger(), spdlog::level::off);
  SetLogLevel(*kept.logger(), spdlog::level::err);
  SetLogLevel(*kept.logger(), spdlog::level::info);
  SetLogLevel(*kept.logger(), spdlog::level::warn);
  std::string levels;
  for (const std::string& line : kept.Lines()) {
    levels += std::string(json::parse(line).at("message").as_string()) + " ";
  }
  EXPECT_EQ(levels, "off info warning ");
}

class RepeatsTest : public RpcLogTest {
 protected:
  void Fail(std::string_view method, const std::string& reason, int times) {
    for (int i = 0; i < times; ++i) {
      log_->Write({.method = method, .code = "UNAVAILABLE", .reason = reason});
    }
  }

  std::vector<json::object> Sums() {
    std::vector<json::object> sums;
    for (const std::string& line : kept_.Lines()) {
      json::object sum = json::parse(line).as_object();
      if (sum.at("event") != "suppressed") continue;
      sum.erase("time");
      sums.push_back(std::move(sum));
    }
    return sums;
  }

  testkit::KeptLog kept_;
  LogRateLimiter::Clock::time_point now_;
  std::unique_ptr<RpcLog> log_ = std::make_unique<RpcLog>(
      kept_.logger(), LogRateLimiter::Options{.lines = 3, .window = std::chrono::seconds(10)},
      [this] { return now_; });
};

TEST_F(RepeatsTest, OfAWarningAreSummedUpInOneLine) {
  Fail("GetApiKeys", "UPSTREAM_UNREACHABLE", 1000);
  EXPECT_EQ(kept_.RpcLines().size(), 3U);
  now_ += std::chrono::seconds(10) - std::chrono::nanoseconds(1);
  log_->FlushSuppressed();
  EXPECT_TRUE(Sums().empty());
  now_ += std::chrono::nanoseconds(1);
  log_->FlushSuppressed();
  log_->FlushSuppressed();
  ASSERT_EQ(Sums().size(), 1U);
  EXPECT_EQ(Sums()[0], json::parse(R"({"level": "warning", "event": "suppressed",
      "method": "GetApiKeys", "code": "UNAVAILABLE", "reason": "UPSTREAM_UNREACHABLE",
      "count": 997})"));
  Fail("GetApiKeys", "UPSTREAM_UNREACHABLE", 4);
  EXPECT_EQ(kept_.RpcLines().size(), 6U);
}

TEST_F(RepeatsTest, AreOfTheSameMethodCodeAndReason) {
  Fail("GetApiKeys", "UPSTREAM_UNREACHABLE", 3);
  Fail("GetApiKey", "UPSTREAM_UNREACHABLE", 3);
  Fail("GetApiKeys", "UPSTREAM_TIMEOUT", 3);
  log_->Write({.method = "GetApiKeys", .code = "INTERNAL", .reason = "UPSTREAM_UNREACHABLE"});
  EXPECT_EQ(kept_.RpcLines().size(), 10U);
}

TEST_F(RepeatsTest, OfInformationAreNotLimited) {
  for (int i = 0; i < 100; ++i) log_->Write({.method = "GetApiKeys", .code = "OK"});
  EXPECT_EQ(kept_.RpcLines().size(), 100U);
}

TEST_F(RepeatsTest, AreSummedUpByTheNextLineAndAtTheEnd) {
  Fail("GetApiKeys", "UPSTREAM_UNREACHABLE", 5);
  now_ += std::chrono::seconds(10);
  log_->Write({.method = "GetApiKeys", .code = "OK"});
  EXPECT_EQ(Sums().size(), 1U);
  Fail("GetApiKeys", "UPSTREAM_UNREACHABLE", 4);
  log_.reset();
  ASSERT_EQ(Sums().size(), 2U);
  EXPECT_EQ(Sums()[1].at("count"), 1);
}

TEST_F(RpcLogTest, EventsAreOneLineOfJsonWhateverTheySay) {
  testkit::KeptLog kept;
  LogEvent(*kept.logger(), "handler_failed", "a \"quote\",\na newline and {braces}");
  ASSERT_EQ(kept.Lines().size(), 1U);
  EXPECT_EQ(kept.Lines()[0].find('\n'), std::string::npos);
  const json::object line = json::parse(kept.Lines()[0]).as_object();
  EXPECT_EQ(line.at("event"), "handler_failed");
  EXPECT_EQ(line.at("message"), "a \"quote\",\na newline and {braces}");
}

}  // namespace
}  // namespace docspace::gateway
