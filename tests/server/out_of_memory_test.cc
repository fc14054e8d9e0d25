// Memory runs out during a call, at each of its allocations in turn. That call gets a response, and
// the next call is not affected.
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/caller/portal_router.h"
#include "server/config/config.h"
#include "server/http/access_secrets.h"
#include "server/http/caching_resolver.h"
#include "server/log/recent_errors.h"
#include "server/log/rpc_log.h"
#include "server/metrics/rpc_metrics.h"
#include "server/overload/memory_budget.h"
#include "server/service/api_keys_service.h"
#include "server/service/worker.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/call.h"
#include "tests/testkit/call_result.h"
#include "tests/testkit/failing_allocations.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of two RPCs.
using emulator::Role;
using grpc::StatusCode;
using testkit::CallResult;

// A sanitizer's allocation functions cannot be made to fail.
#ifdef DOCSPACE_SANITIZER
constexpr bool kMayFail = false;
#else
constexpr bool kMayFail = true;
#endif

// Repeats the call and fails each of its allocations in turn. Returns how many have failed.
int FailEachInTurn(
    const std::function<void(int nth)>& call,
    const std::function<void(int nth)>& afterwards = [](int) {}) {
  for (int nth = 1;; ++nth) {
    testkit::FailAllocation(nth);
    call(nth);
    const bool failed = testkit::StopFailing();
    afterwards(nth);
    if (!failed) return nth - 1;
  }
}

void OnLoop(Worker& worker, std::function<void()> function) {
  const auto task = std::make_shared<std::packaged_task<void()>>(std::move(function));
  worker.loop().Post([task] { (*task)(); });
  testkit::WaitFor(task->get_future());
}

Config ConfigFor(const std::string& portal_url) {
  Config config = testkit::TestConfig(portal_url);
  config.portal.connect.timeout = std::chrono::milliseconds(200);
  config.portal.connect.circuit_breaker.failures = 0;
  return config;
}

std::unique_ptr<Worker> NewWorker(const Config& config, grpc::ServerBuilder& builder) {
  auto worker = std::make_unique<Worker>(
      config, 1, builder.AddCompletionQueue(), [] { return nullptr; },
      std::vector<http::AccessSecretsSource>(1), http::SystemResolve, [](std::string_view) {});
  OnLoop(*worker, [] { testkit::CountAllocationsOfThisThread(); });
  return worker;
}

class OutOfMemoryTest : public ::testing::Test {
 protected:
  explicit OutOfMemoryTest(const CallLimits& limits = {}) {
    grpc::ServerBuilder builder;
    worker_ = NewWorker(config_, builder);
    builder.RegisterAsyncGenericService(&calls_);
    server_ = builder.BuildAndStart();
    service_.Serve(*worker_);
    worker_->calls().Serve(calls_, limits);
    OnLoop(*worker_, [] {});
    // The threads of the client complete operations of the server.
    worker_->loop().events().ExpectForeignEntries();
    channel_ = server_->InProcessChannel({});
    stub_ = ApiKeys::NewStub(channel_);
  }
  ~OutOfMemoryTest() override {
    server_->Shutdown();
    worker_.reset();
  }

  CallResult Read() {
    return testkit::Call(*stub_, &ApiKeys::Stub::GetApiKey, GetApiKeyRequest(), key_);
  }
  CallResult Write(const std::string& name) {
    CreateApiKeyRequest creation;
    creation.set_name(name);
    return testkit::Call(*stub_, &ApiKeys::Stub::CreateApiKey, creation, key_);
  }

  // Expects that all resources of the call are released and that calls succeed again.
  void ExpectHealth() {
    EXPECT_TRUE(testkit::WaitUntil([this] { return Read().ok(); }));
    EXPECT_TRUE(testkit::WaitUntil([this] { return service_.admission().in_flight() == 0; }));
    OnLoop(*worker_, [this] {
      const auto& pool = worker_->portals().front()->pool();
      EXPECT_EQ(pool.open(), pool.idle());
    });
  }

  // Each request to the portal needs a new connection.
  std::unique_ptr<emulator::Emulator> portal_ =
      emulator::Emulator::Start({.http = {.requests_per_connection = 1}});
  const std::string key_ = portal_->user(Role::kOwner).api_key;
  const Config config_ = ConfigFor(portal_->url());
  testkit::KeptLog kept_;
  RpcLog log_{kept_.logger()};
  prometheus::Registry registry_;
  RpcMetrics metrics_{registry_, {std::string(kDefaultPortal)}};
  RecentErrors errors_;
  ApiKeysService service_{
      config_, log_, metrics_, errors_, /*tracer=*/nullptr, /*caller_certificates=*/nullptr};
  grpc::AsyncGenericService calls_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<ApiKeys::Stub> stub_;
};

TEST_F(OutOfMemoryTest, S6_AReadIsAnsweredAndHoldsNothingAfterwards) {
  const int failed = FailEachInTurn([this](int nth) {
    const CallResult outcome = Read();
    switch (outcome.status.error_code()) {
      case StatusCode::OK:
      case StatusCode::UNAVAILABLE:
      case StatusCode::UNKNOWN:
      case StatusCode::INTERNAL:  // The response could not be read.
        break;
      default:
        ADD_FAILURE() << "without allocation " << nth << ": " << outcome;
    }
  });
  EXPECT_TRUE(failed > 50 || !kMayFail) << failed;
  ExpectHealth();
}

TEST_F(OutOfMemoryTest, S6_AWriteIsDoneAtMostOnceAndUnavailableOnlyIfNotDone) {
  FailEachInTurn([this](int nth) {
    const std::string name = "Key " + std::to_string(nth);
    const CallResult outcome = Write(name);
    const std::size_t done = portal_->CreatedWithName(name);
    switch (outcome.status.error_code()) {
      case StatusCode::OK:
        EXPECT_EQ(done, 1U) << nth;
        break;
      case StatusCode::UNAVAILABLE:
        EXPECT_EQ(done, 0U) << nth;
        break;
      case StatusCode::UNKNOWN:
        EXPECT_LE(done, 1U) << nth;
        break;
      default:
        ADD_FAILURE() << "without allocation " << nth << ": " << outcome;
    }
  });
  ExpectHealth();
}

class LateMessageTest : public OutOfMemoryTest {
 protected:
  LateMessageTest() : OutOfMemoryTest({.message_timeout = std::chrono::milliseconds(20)}) {}
};

TEST_F(LateMessageTest, S6_ACallWithoutAMessageEnds) {
  constexpr const char* kMethod = "/docspace.apikeys.v1.ApiKeys/GetApiKey";
  const std::multimap<std::string, std::string> credential = {{"apikeybearer", key_}};
  const int failed = FailEachInTurn([&](int nth) {
    testkit::UntypedStream call(channel_, kMethod, credential);
    // Another call without a message starts the timer again that found no memory.
    std::promise<void> ended;
    auto end = ended.get_future();
    std::jthread reader([&] {
      call.Read();
      ended.set_value();
    });
    while (end.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
      testkit::UntypedStream other(channel_, kMethod, credential);
      EXPECT_FALSE(other.Read().has_value()) << nth;
    }
  });
  EXPECT_TRUE(failed > 5 || !kMayFail) << failed;
  ExpectHealth();
}

TEST(OutOfMemoryTransportTest, S6_WhatFailedForLackOfMemoryIsDoneByTheNextRequest) {
  const auto portal = emulator::Emulator::Start();
  Config config = ConfigFor("http://localhost:" + std::to_string(portal->port()));
  // Longer, because the next request must succeed on a busy machine too.
  config.portal.connect.timeout = std::chrono::milliseconds(500);
  const http::Request request{.method = http::Method::kGet, .target = "/api/2.0/keys"};
  MemoryBudget budget(config.limits.max_buffered_bytes);
  MemoryBudget::Reservation memory = budget.ReserveForCall(0);
  std::unique_ptr<Worker> worker;
  // Throws std::future_error if Asio destroys the task without running it.
  const auto send = [&worker, &request, &memory] {
    auto promise = std::make_shared<std::promise<http::Outcome>>();
    auto result = promise->get_future();
    worker->loop().Post([&, promise = std::move(promise)] {
      boost::asio::co_spawn(worker->loop().context(),
                            worker->portals().front()->Send(request, memory),
                            [promise](const std::exception_ptr&, http::Outcome outcome) {
                              promise->set_value(std::move(outcome));
                            });
    });
    return testkit::WaitFor(std::move(result));
  };
  const int failed = FailEachInTurn(
      [&](int) {
        grpc::ServerBuilder builder;
        worker = NewWorker(config, builder);
        try {
          send();
        } catch (const std::future_error&) {
          // The next one counts.
        }
      },
      [&](int nth) {
        EXPECT_TRUE(std::holds_alternative<http::Response>(send())) << "after allocation " << nth;
      });
  EXPECT_TRUE(failed > 30 || !kMayFail) << failed;
}

}  // namespace
}  // namespace docspace::gateway
