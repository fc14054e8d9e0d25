// The end of an instance: the effects of SIGTERM on calls, callers and health watches.
#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/call.h"
#include "tests/testkit/channel.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of three RPCs.
using emulator::Role;
using grpc::StatusCode;
using ::testing::Optional;

// HealthCheckResponse{status: …}.
const std::string kServing("\x08\x01", 2);
const std::string kNotServing("\x08\x02", 2);

constexpr const char* kNoFurtherCalls = "no further calls are taken";

std::string Permissions() {
  const std::string body = R"({"response":["files:read"],"count":1,"status":0,"statusCode":200})";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

CallResponse<GetAllPermissionsResponse> AskForPermissions(ApiKeys::Stub& stub) {
  return Call(stub, &ApiKeys::Stub::GetAllPermissions, GetAllPermissionsRequest(), "sk-planted");
}

// A portal that responds on command, and the gateway in front of it.
class DrainTest : public ::testing::Test {
 protected:
  DrainTest() {
    portal_.Always(Script().ReadRequest().WaitFor("answer").Send(Permissions()).Repeat());
  }

  void Start(const std::vector<std::string>& flags) {
    gateway_ = std::make_unique<GatewayProcess>(
        "http://127.0.0.1:" + std::to_string(portal_.port()), flags);
    channel_ = gateway_->NewChannel();
    stub_ = ApiKeys::NewStub(channel_);
  }

  // Starts a read and returns once the portal has received it.
  std::future<CallResponse<GetAllPermissionsResponse>> StartRead() {
    const std::size_t before = portal_.requests();
    auto answer = std::async(std::launch::async, [this] { return AskForPermissions(*stub_); });
    EXPECT_TRUE(WaitUntil([&] { return portal_.requests() > before; }));
    return answer;
  }
  std::future<CallResponse<CreateApiKeyResponse>> StartWrite() {
    const std::size_t before = portal_.requests();
    auto answer = std::async(std::launch::async, [this] {
      CreateApiKeyRequest creation;
      creation.set_name("Created");
      return Call(*stub_, &ApiKeys::Stub::CreateApiKey, creation, "sk-planted");
    });
    EXPECT_TRUE(WaitUntil([&] { return portal_.requests() > before; }));
    return answer;
  }

  ScriptedUpstream portal_;
  std::unique_ptr<GatewayProcess> gateway_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<ApiKeys::Stub> stub_;
};

TEST_F(DrainTest, S2_HealthSaysNotServingFirstWhileCallsAreStillTaken) {
  // The late call arrives before the delay ends, however busy the machine is.
  Start({"--drain-delay=1h"});
  portal_.Signal("answer");
  UntypedStream watch(gateway_->NewChannel(), "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(watch.Write(""));
  EXPECT_THAT(watch.Read(), Optional(kServing));
  gateway_->Signal(SIGTERM);
  EXPECT_THAT(watch.Read(), Optional(kNotServing));
  const CallResult late = AskForPermissions(*stub_);
  EXPECT_TRUE(late.ok()) << late;
}

TEST_F(DrainTest, S2_CallsInFlightFinishAndNoFurtherOneBegins) {
  // The gateway ends because no calls are left: the grace period is longer than this test may take.
  Start({"--drain-delay=0s", "--drain-grace=1h"});
  auto in_flight = StartRead();
  // A health watch does not delay the end.
  UntypedStream watch(gateway_->NewChannel(), "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(watch.Write(""));
  gateway_->Signal(SIGTERM);
  ASSERT_TRUE(gateway_->WaitForLine(kNoFurtherCalls));
  const auto newcomer = ApiKeys::NewStub(gateway_->NewChannel());
  EXPECT_EQ(AskForPermissions(*newcomer).status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(portal_.requests(), 1U);
  // The client is told to reconnect elsewhere, even while its call is in flight.
  EXPECT_TRUE(WaitUntil([this] { return channel_->GetState(false) != GRPC_CHANNEL_READY; }));
  EXPECT_FALSE(gateway_->HasEnded());

  portal_.Signal("answer");
  const auto answer = in_flight.get();
  EXPECT_TRUE(answer.ok()) << answer;
  EXPECT_THAT(answer.response.permissions(), ::testing::ElementsAre("files:read"));
  EXPECT_EQ(gateway_->Wait(), 0);
}

TEST_F(DrainTest, S3_AHungPortalHoldsTheGatewayForItsGraceAndEveryCallIsAnswered) {
  // In the last half second the gateway responds to the calls, which gRPC then cancels.
  Start({"--drain-delay=0s", "--drain-grace=2s"});
  auto read = StartRead();
  auto write = StartWrite();
  gateway_->Signal(SIGTERM);
  const CallResult read_outcome = read.get();
  EXPECT_THAT(read_outcome, IsError(StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
  const CallResult write_outcome = write.get();
  EXPECT_THAT(write_outcome, IsError(StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"));
  EXPECT_EQ(gateway_->Wait(), 0);
}

TEST_F(DrainTest, S3_FurtherSignalsCutNoAnswerShort) {
  Start({"--drain-delay=0s", "--drain-grace=1h"});
  auto in_flight = StartRead();
  gateway_->Signal(SIGTERM);
  ASSERT_TRUE(gateway_->WaitForLine(kNoFurtherCalls));
  for (const int signal : {SIGTERM, SIGINT, SIGTERM}) gateway_->Signal(signal);
  portal_.Signal("answer");
  const CallResult outcome = in_flight.get();
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(gateway_->Wait(), 0);
}

TEST(DrainUnderLoadTest, S2_NoCallFailsWhereItsChannelKnowsOfAnotherInstance) {
  constexpr int kCallers = 8;
  constexpr int kCallsBefore = 20;
  constexpr int kCallsAfter = 50;
  const auto portal = emulator::Emulator::Start({.delay = std::chrono::milliseconds(10)});
  const std::string key = portal->user(Role::kOwner).api_key;
  GatewayProcess leaving(portal->url(), {"--drain-delay=100ms"});
  GatewayProcess staying(portal->url());
  const auto stub = ApiKeys::NewStub(NewRetryingChannelTo({leaving.address(), staying.address()}));
  std::atomic<int> calls = 0;
  std::atomic<bool> left = false;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      int after = 0;
      for (int call = 0; after < kCallsAfter; ++call) {
        CreateApiKeyRequest creation;
        creation.set_name(std::to_string(i) + " " + std::to_string(call));
        const CallResult write = Call(*stub, &ApiKeys::Stub::CreateApiKey, creation, key);
        EXPECT_TRUE(write.ok()) << write;
        EXPECT_EQ(portal->CreatedWithName(creation.name()), 1U);
        const CallResult read = Call(*stub, &ApiKeys::Stub::GetApiKey, GetApiKeyRequest(), key);
        EXPECT_TRUE(read.ok()) << read;
        ++calls;
        after += left ? 1 : 0;
      }
    });
  }
  EXPECT_TRUE(WaitUntil([&] { return calls >= kCallers * kCallsBefore; }));
  leaving.Signal(SIGTERM);
  EXPECT_EQ(leaving.Wait(), 0);
  left = true;
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace docspace::gateway::testkit
