// Something outside the gateway stalls, and no event loop waits for it. docs/resilience.md lists
// all cases.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/emulator/test_connection.h"
#include "tests/testkit/call.h"
#include "tests/testkit/channel.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::v1::ApiKeys;
using emulator::TestConnection;
using grpc::StatusCode;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

class StallsTest : public ::testing::Test {
 protected:
  StallsTest() {
    upstream_.Always(Script()
                         .ReadRequest()
                         .Send("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}")
                         .Repeat());
    config_ = TestConfig("http://127.0.0.1:" + std::to_string(upstream_.port()));
    config_.admin.listen = "127.0.0.1:0";
    config_.listen.health = "127.0.0.1:0";
  }

  void Serve() { gateway_.emplace(config_, surroundings_); }

  CallResult Call(const std::string& portal = "default") {
    const auto stub = ApiKeys::NewStub(gateway_->NewChannel());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    context.AddMetadata("apikeybearer", "sk-1");
    context.AddMetadata("x-docspace-portal", portal);
    apikeys::v1::GetApiKeysResponse response;
    const grpc::Status status = stub->GetApiKeys(&context, {}, &response);
    return CallResultOf(status, context);
  }

  // Connections are distributed over the loops, so each loop gets some of these calls.
  void ExpectEveryLoopServes() {
    for (int i = 0; i < 10; ++i) {
      const CallResult outcome = Call();
      EXPECT_TRUE(outcome.ok()) << outcome;
    }
  }

  std::uint16_t AdminPort() {
    const std::string address = gateway_->gateway().admin_address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  std::string Get(const std::string& path) {
    return emulator::Exchange(AdminPort(), "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }

  HealthCheckResponse::ServingStatus Liveness() {
    const auto stub = Health::NewStub(
        NewChannelTo("127.0.0.1:" + std::to_string(gateway_->gateway().health_port())));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    grpc::health::v1::HealthCheckRequest request;
    request.set_service("liveness");
    HealthCheckResponse response;
    EXPECT_TRUE(stub->Check(&context, request, &response).ok());
    return response.status();
  }

  ScriptedUpstream upstream_;
  Config config_;
  Gateway::Surroundings surroundings_;
  std::optional<GatewayUnderTest> gateway_;
};

TEST_F(StallsTest, S9_ALoopThatDoesNotTurnIsNotAlive) {
  // A resolver that blocks its loop until it is released.
  std::promise<void> blocked;
  std::promise<void> leave;
  const std::shared_future<void> left = leave.get_future().share();
  std::atomic<bool> is_first{true};
  surroundings_.resolve = [&](std::string, std::uint16_t) -> http::Task<http::Resolved> {
    if (is_first.exchange(false)) {
      blocked.set_value();
      left.wait();
    }
    co_return http::Resolved();
  };
  std::atomic<std::chrono::seconds> offset{};
  surroundings_.now = [&offset] { return std::chrono::steady_clock::now() + offset.load(); };
  config_.portal.named["blocking"] = http::ParseOrigin("http://blocking.example").value();
  Serve();
  EXPECT_EQ(Liveness(), HealthCheckResponse::SERVING);

  auto call = std::async(std::launch::async, [this] { return Call("blocking"); });
  blocked.get_future().wait();
  EXPECT_EQ(Liveness(), HealthCheckResponse::SERVING);
  offset = std::chrono::seconds(20);
  EXPECT_EQ(Liveness(), HealthCheckResponse::NOT_SERVING);
  // The other loop continues to run, so the check reports the loop that does not.
  const auto is_other_fresh = [this] {
    const std::string metrics = Get("/metrics");
    return metrics.find("last_turn_age_seconds{loop=\"0\"} 0") != std::string::npos ||
           metrics.find("last_turn_age_seconds{loop=\"1\"} 0") != std::string::npos;
  };
  EXPECT_TRUE(WaitUntil(is_other_fresh));
  EXPECT_EQ(Liveness(), HealthCheckResponse::NOT_SERVING);
  EXPECT_THAT(Get("/healthz"), HasSubstr(" 503 "));

  leave.set_value();
  EXPECT_EQ(call.get().status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(WaitUntil([this] { return Liveness() == HealthCheckResponse::SERVING; }));
  EXPECT_THAT(Get("/healthz"), HasSubstr(" 200 "));
  // The gateway uses the clock above until it has stopped.
  gateway_->Stop();
}

TEST_F(StallsTest, S8_TheMetricsCountDroppedLinesOfTheLog) {
  surroundings_.log_lines_dropped = [] { return std::uint64_t{7}; };
  Serve();
  EXPECT_THAT(Get("/metrics"), HasSubstr("docspace_log_lines_dropped_total 7"));
}

TEST_F(StallsTest, S11_ASilentNameServerDelaysOnlyCallsForItsPortal) {
  // Lookups that end after the gateway and hold what they need.
  const auto answer = std::make_shared<std::promise<void>>();
  surroundings_.resolve = http::ResolveOnThreads(
      [answered = answer->get_future().share()](const std::string&, std::uint16_t) {
        answered.wait();
        return http::Resolved();
      });
  config_.portal.named["silent"] = http::ParseOrigin("http://silent.example").value();
  // Long enough to connect to the other portal, even on a busy machine.
  config_.portal.connect.timeout = std::chrono::seconds(2);
  Serve();
  std::vector<std::future<CallResult>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::async(std::launch::async, [this] { return Call("silent"); }));
  }
  ExpectEveryLoopServes();
  for (auto& each : waiting) EXPECT_EQ(each.get().status.error_code(), StatusCode::UNAVAILABLE);
  gateway_->Stop();
  answer->set_value();
}

TEST_F(StallsTest, S11_ADeafCollectorCostsSpansOnly) {
  ScriptedUpstream collector;
  collector.Always(Script().NeverRead());
  config_.tracing.collector.host = "127.0.0.1";
  config_.tracing.collector.port = collector.port();
  config_.tracing.sample_ratio = 1;
  Serve();
  for (int i = 0; i < 10; ++i) ExpectEveryLoopServes();
  EXPECT_TRUE(collector.WaitForConnections(1));
  gateway_->Stop();
}

TEST_F(StallsTest, S11_SlowClientsOfTheAdminPortHoldNoCallUp) {
  Serve();
  std::vector<std::unique_ptr<TestConnection>> slow;
  for (int i = 0; i < 10; ++i) {
    // Half a request, and a whole request whose response is not read.
    slow.push_back(std::make_unique<TestConnection>(AdminPort()));
    slow.back()->Send("GET /metrics HTTP/1.1\r\n");
    slow.push_back(std::make_unique<TestConnection>(AdminPort()));
    slow.back()->Send("GET /status.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }
  ExpectEveryLoopServes();
  EXPECT_THAT(Get("/healthz"), HasSubstr(" 200 "));
}

}  // namespace
}  // namespace docspace::gateway::testkit
