// The bridge, through a real channel: whatever happens and whenever, one finish for each call.
#include "server/unary_call.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/event_loop.h"
#include "tests/testing/loop.h"
#include "tests/testing/wait_until.h"

namespace docspace::gateway {
namespace {

using apikeys::v1::ApiKeys;
using apikeys::v1::GetAllPermissionsRequest;
using apikeys::v1::GetAllPermissionsResponse;
using http::Clock;
using http::Task;
using http::Timer;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::WaitFor;
using Stop = UnaryCall::Stop;

// Answers GetAllPermissions by whatever work the test has.
class Service : public ApiKeys::CallbackService {
 public:
  explicit Service(CallGroup& group) : group_(group) {}

  void Answer(Clock::duration timeout, UnaryCall::Work work) {
    const std::lock_guard lock(mutex_);
    timeout_ = timeout;
    work_ = std::move(work);
  }

 private:
  grpc::ServerUnaryReactor* GetAllPermissions(grpc::CallbackServerContext*,
                                              const GetAllPermissionsRequest*,
                                              GetAllPermissionsResponse*) override {
    const std::lock_guard lock(mutex_);
    return UnaryCall::Start(group_, Clock::now() + timeout_, work_);
  }

  CallGroup& group_;
  // A call that its client cancelled may begin while the next answer is being set.
  std::mutex mutex_;
  Clock::duration timeout_{};
  UnaryCall::Work work_;
};

// One call of a client.
class Call {
 public:
  explicit Call(ApiKeys::Stub& stub) {
    stub.async()->GetAllPermissions(&context_, &request_, &response_,
                                    [this](grpc::Status status) { answer_.set_value(status); });
  }

  void Cancel() { context_.TryCancel(); }
  grpc::Status Answer() { return WaitFor(answer_.get_future()); }

 private:
  grpc::ClientContext context_;
  GetAllPermissionsRequest request_;
  GetAllPermissionsResponse response_;
  // gRPC calls back once for each call: a second time would throw.
  std::promise<grpc::Status> answer_;
};

class UnaryCallTest : public ::testing::Test {
 protected:
  UnaryCallTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = ApiKeys::NewStub(server_->InProcessChannel({}));
  }
  ~UnaryCallTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
    loop_.reset();
    // Every call is gone, and with it the copy of its work.
    service_.Answer({}, nullptr);
    EXPECT_EQ(alive_.use_count(), 1);
  }

  // Work that waits for `delay`, if any, and then tells how it was stopped.
  UnaryCall::Work Waiting(Clock::duration delay) {
    return [this, delay, alive = alive_](const UnaryCall& call) -> Task<grpc::Status> {
      ++started_;
      if (delay > Clock::duration::zero()) {
        Timer timer(loop_->context(), delay);
        const auto [error] = co_await timer.async_wait(http::kAsTuple);
        aborted_ += error ? 1 : 0;
      }
      stopped_ = call.stopped();
      ++ended_;
      co_return grpc::Status::OK;
    };
  }

  // Holds the loop's thread until the result is set.
  std::promise<void> Block() {
    std::promise<void> release;
    boost::asio::post(loop_->context(), [held = release.get_future().share()] { held.wait(); });
    return release;
  }

  std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::atomic<int> started_ = 0;
  std::atomic<int> ended_ = 0;
  std::atomic<int> aborted_ = 0;
  std::atomic<Stop> stopped_ = Stop::kNone;
  std::optional<EventLoop> loop_{
      std::in_place, [](std::string_view what) { ADD_FAILURE() << "a handler threw " << what; }};
  CallGroup group_{loop_->context()};
  Service service_{group_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ApiKeys::Stub> stub_;
};

constexpr Clock::duration kNever = std::chrono::hours(1);

TEST_F(UnaryCallTest, FinishesWithTheStatusOfItsWork) {
  service_.Answer(kNever, [](const UnaryCall& call) -> Task<grpc::Status> {
    EXPECT_EQ(call.stopped(), Stop::kNone);
    co_return grpc::Status(grpc::StatusCode::ABORTED, "the work's own words");
  });
  const grpc::Status status = Call(*stub_).Answer();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "the work's own words");
}

TEST_F(UnaryCallTest, WorkThatThrowsIsUnknownAndSaysNothingOfWhy) {
  service_.Answer(kNever, [](const UnaryCall&) -> Task<grpc::Status> {
    throw std::runtime_error("secret");
    co_return grpc::Status::OK;
  });
  const grpc::Status status = Call(*stub_).Answer();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(status.error_message().find("secret"), std::string::npos);
}

TEST_F(UnaryCallTest, WorkThatThrowsAfterItWaitedIsUnknown) {
  service_.Answer(kNever, [this](const UnaryCall&) -> Task<grpc::Status> {
    Timer timer(loop_->context(), microseconds(1));
    co_await timer.async_wait(http::kAsTuple);
    throw std::bad_alloc();
  });
  EXPECT_EQ(Call(*stub_).Answer().error_code(), grpc::StatusCode::UNKNOWN);
}

TEST_F(UnaryCallTest, CancelledBeforeItStarts) {
  service_.Answer(kNever, Waiting(kNever));
  auto release = Block();
  Call call(*stub_);
  call.Cancel();
  EXPECT_EQ(call.Answer().error_code(), grpc::StatusCode::CANCELLED);
  release.set_value();
  // Whether the handler was called at all is gRPC's to decide; if so, the work was stopped.
  server_->Shutdown();
  EXPECT_EQ(started_, ended_);
  EXPECT_EQ(aborted_, ended_);
}

TEST_F(UnaryCallTest, CancelledWhileItsWorkWaits) {
  service_.Answer(kNever, Waiting(kNever));
  Call call(*stub_);
  ASSERT_TRUE(testing::WaitUntil([this] { return started_ == 1; }));
  call.Cancel();
  EXPECT_EQ(call.Answer().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(testing::WaitUntil([this] { return ended_ == 1; }));
  EXPECT_EQ(aborted_, 1);
  EXPECT_EQ(stopped_, Stop::kCancelled);
}

TEST_F(UnaryCallTest, CancelledAfterItsAnswer) {
  service_.Answer(kNever, Waiting(milliseconds(0)));
  Call call(*stub_);
  EXPECT_TRUE(call.Answer().ok());
  call.Cancel();
  server_->Shutdown();
  EXPECT_EQ(aborted_, 0);
  EXPECT_EQ(stopped_, Stop::kNone);
}

TEST_F(UnaryCallTest, StoppedByItsDeadline) {
  service_.Answer(milliseconds(5), Waiting(kNever));
  EXPECT_TRUE(Call(*stub_).Answer().ok());
  EXPECT_EQ(aborted_, 1);
  EXPECT_EQ(stopped_, Stop::kDeadline);
}

TEST_F(UnaryCallTest, KnowsThatItsDeadlinePassedBeforeItStarted) {
  service_.Answer(milliseconds(-1), [this](const UnaryCall& call) -> Task<grpc::Status> {
    stopped_ = call.stopped();
    co_return grpc::Status::OK;
  });
  EXPECT_TRUE(Call(*stub_).Answer().ok());
  EXPECT_EQ(stopped_, Stop::kDeadline);
}

TEST_F(UnaryCallTest, ShutdownStopsEveryCall) {
  service_.Answer(kNever, Waiting(kNever));
  std::deque<Call> calls;
  for (int i = 0; i < 50; ++i) calls.emplace_back(*stub_);
  ASSERT_TRUE(testing::WaitUntil([this] { return started_ == 50; }));
  group_.StopAll();
  for (Call& call : calls) EXPECT_TRUE(call.Answer().ok());
  EXPECT_EQ(stopped_, Stop::kShutdown);
  EXPECT_EQ(aborted_, 50);
}

TEST_F(UnaryCallTest, ShutdownWithoutCallsDoesNothing) {
  group_.StopAll();
  service_.Answer(kNever, Waiting(milliseconds(0)));
  EXPECT_TRUE(Call(*stub_).Answer().ok());
  EXPECT_EQ(stopped_, Stop::kNone);
}

TEST_F(UnaryCallTest, TheFirstReasonToStopStays) {
  service_.Answer(kNever, Waiting(kNever));
  Call call(*stub_);
  ASSERT_TRUE(testing::WaitUntil([this] { return started_ == 1; }));
  group_.StopAll();
  group_.StopAll();
  call.Cancel();
  call.Answer();
  ASSERT_TRUE(testing::WaitUntil([this] { return ended_ == 1; }));
  EXPECT_EQ(stopped_, Stop::kShutdown);
}

int Tries() {
  const char* tries = std::getenv("DOCSPACE_CANCELLATIONS");
  return tries == nullptr ? 10'000 : std::atoi(tries);
}

// Work, deadline and cancellation take about as long as each other, so that over many tries they
// meet at every step: before the start, while it waits, as it finishes, after.
TEST_F(UnaryCallTest, FinishesOnceWheneverItIsCancelled) {
  constexpr int kAtOnce = 32;
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same tries each time.
  std::uniform_int_distribution<int> upto(0, 300);
  int ok = 0;
  int cancelled = 0;
  for (int done = 0; done < Tries(); done += kAtOnce) {
    service_.Answer(microseconds(upto(random) * 2),
                    Waiting(microseconds(std::max(0, upto(random) - 50))));
    std::deque<Call> calls;
    for (int i = 0; i < kAtOnce; ++i) calls.emplace_back(*stub_);
    const auto at = Clock::now() + microseconds(upto(random));
    while (Clock::now() < at) std::this_thread::yield();
    for (Call& call : calls) call.Cancel();
    if (upto(random) < 30) group_.StopAll();
    for (Call& call : calls) {
      const grpc::Status status = call.Answer();
      ++(status.ok() ? ok : cancelled);
      EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::CANCELLED)
          << status.error_message();
    }
  }
  server_->Shutdown();
  EXPECT_EQ(started_, ended_);
  RecordProperty("ok", ok);
  RecordProperty("cancelled", cancelled);
  RecordProperty("aborted", aborted_);
  EXPECT_GT(cancelled, 0);
  EXPECT_GT(aborted_, 0);
}

}  // namespace
}  // namespace docspace::gateway
