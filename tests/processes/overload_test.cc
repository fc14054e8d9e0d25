// Repeated bursts of five times as many calls as the gateway may have in flight.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <future>
#include <string>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/processes/busy_portal.h"
#include "tests/testkit/call_result.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of one RPC.

constexpr std::size_t kLimit = 50;
constexpr std::size_t kCalls = 5 * kLimit;
#ifdef DOCSPACE_SANITIZER
constexpr int kRounds = 10;
constexpr std::size_t kSlackKib = std::size_t{256} * 1024;
#else
constexpr int kRounds = 50;
constexpr std::size_t kSlackKib = std::size_t{16} * 1024;
#endif

// A number of calls that start at the same time.
class Burst {
 public:
  explicit Burst(ApiKeys::Stub& stub) : calls_(kCalls) {
    for (Call& call : calls_) {
      call.context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
      call.context.AddMetadata("apikeybearer", "sk-planted");
      stub.async()->GetAllPermissions(&call.context, &call.request, &call.response,
                                      [this, &call](const grpc::Status& status) {
                                        if (!status.ok()) ++refused_;
                                        call.status.set_value(status);
                                      });
    }
  }

  std::size_t refused() const { return refused_; }

  // Waits for all responses and returns the number of OK ones. The others must be
  // GATEWAY_OVERLOADED with a retry delay.
  std::size_t Answered() {
    std::size_t answered = 0;
    for (Call& call : calls_) {
      const CallResult outcome = CallResultOf(call.status.get_future().get(), call.context);
      if (outcome.ok()) {
        ++answered;
        EXPECT_EQ(call.response.permissions_size(), 1);
        continue;
      }
      EXPECT_THAT(outcome, IsError(grpc::StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"));
      EXPECT_THAT(outcome, HasDetail<google::rpc::RetryInfo>());
    }
    return answered;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    GetAllPermissionsRequest request;
    GetAllPermissionsResponse response;
    std::promise<grpc::Status> status;
  };

  std::atomic<std::size_t> refused_ = 0;
  std::deque<Call> calls_;
};

TEST(OverloadTest, S1_WhatIsTooMuchIsRefusedAtOnceAndTheRestIsAnswered) {
  BusyPortal portal(4, std::chrono::milliseconds(1));
  GatewayProcess gateway(portal.url(), {"--max-in-flight=" + std::to_string(kLimit)});
  const auto stub = ApiKeys::NewStub(gateway.NewChannel());

  // While the portal sends no responses, a refusal neither waits for anything nor sends anything.
  portal.Pause();
  {
    Burst burst(*stub);
    EXPECT_TRUE(WaitUntil([&] { return burst.refused() == kCalls - kLimit; }));
    EXPECT_TRUE(WaitUntil([&] { return portal.requests() == kLimit; }));
    portal.Resume();
    EXPECT_EQ(burst.Answered(), kLimit);
  }

  std::size_t answered = kLimit;
  const std::size_t before = gateway.resident_kib();
  for (int i = 0; i < kRounds; ++i) answered += Burst(*stub).Answered();
  EXPECT_EQ(portal.requests(), answered);
  EXPECT_LE(portal.most_waiting(), kLimit);
  EXPECT_LE(gateway.resident_kib(), before + kSlackKib);
}

}  // namespace
}  // namespace docspace::gateway::testkit
