// Tests ServerCall through a real channel: each call finishes once, whatever happens and whenever.
#include "server/rpc/server_call.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <functional>
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
#include "server/rpc/event_loop.h"
#include "server/rpc/message_buffer.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/wait_until.h"

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
using testkit::WaitFor;
using Stop = ServerCall::Stop;

using Work = std::function<Task<grpc::Status>(const ServerCall& call)>;

constexpr const char* kPath = "/docspace.apikeys.v1.ApiKeys/GetAllPermissions";
constexpr std::size_t kMaxMessage = 1000;

// Handles GetAllPermissions by the work that the test sets.
class Service {
 public:
  void Serve(CallGroup& group) {
    group.Add(kPath, [this](ServerCall& call) { return std::make_unique<Served>(*this, call); });
  }

  void Finish(Clock::duration timeout, Work work) {
    const std::lock_guard lock(mutex_);
    timeout_ = timeout;
    work_ = std::move(work);
  }

 private:
  class Served final : public CallHandler {
   public:
    Served(Service& service, ServerCall& call) : service_(service), call_(call) {}

   private:
    Step OnHeaders() override { return ReadMessage{kMaxMessage}; }
    Step OnMessage(grpc::ByteBuffer&) override {
      const std::lock_guard lock(service_.mutex_);
      work_ = service_.work_;
      return RunHandler{Clock::now() + service_.timeout_};
    }
    Task<Reply> Handle() override {
      Reply reply(co_await work_(call_));
      if (reply.status.ok()) reply.message = ToByteBuffer(GetAllPermissionsResponse());
      co_return reply;
    }

    Service& service_;
    ServerCall& call_;
    gateway::Work work_;
  };

  // A call that its client has cancelled may start while the next result is being set.
  std::mutex mutex_;
  Clock::duration timeout_{};
  gateway::Work work_;
};

// One call by a client.
class Call {
 public:
  explicit Call(ApiKeys::Stub& stub) {
    stub.async()->GetAllPermissions(&context_, &request_, &response_,
                                    [this](grpc::Status status) { answer_.set_value(status); });
  }

  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() { return WaitFor(answer_.get_future()); }

 private:
  grpc::ClientContext context_;
  GetAllPermissionsRequest request_;
  GetAllPermissionsResponse response_;
  // gRPC must call back once per call; a second callback would throw.
  std::promise<grpc::Status> answer_;
};

class ServerCallTest : public ::testing::Test {
 protected:
  ServerCallTest() {
    grpc::ServerBuilder builder;
    builder.RegisterAsyncGenericService(&calls_);
    auto queue = builder.AddCompletionQueue();
    auto& calls = *queue;
    loop_.emplace([](std::string_view what) { ADD_FAILURE() << "a handler threw " << what; },
                  std::move(queue));
    group_.emplace(*loop_, calls);
    server_ = builder.BuildAndStart();
    service_.Serve(*group_);
    group_->Serve(calls_);
    // The threads of the client complete operations of the server.
    loop_->events().ExpectForeignEntries();
    stub_ = ApiKeys::NewStub(server_->InProcessChannel({}));
  }
  ~ServerCallTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    EndLoop();
    server_.reset();
    // Every call, and with it the copy of its work, has been destroyed.
    service_.Finish({}, nullptr);
    EXPECT_EQ(alive_.use_count(), 1);
  }

  // Returns once every call has been destroyed.
  void End() {
    server_->Shutdown();
    EndLoop();
  }

  // The thread ends while `loop_` still has a value, because the work of the last calls uses it.
  void EndLoop() {
    if (loop_) loop_->Stop();
    loop_.reset();
  }

  // Returns work that waits for `delay`, if any, and then reports how it was stopped.
  Work Waiting(Clock::duration delay) {
    return [this, delay, alive = alive_](const ServerCall& call) -> Task<grpc::Status> {
      ++started_;
      if (call.stopped() != Stop::kNone) {
        ++aborted_;
      } else if (delay > Clock::duration::zero()) {
        Timer timer(loop_->context(), delay);
        const auto [error] = co_await timer.async_wait(http::kAsTuple);
        aborted_ += error ? 1 : 0;
      }
      stopped_ = call.stopped();
      ++ended_;
      co_return grpc::Status::OK;
    };
  }

  // Waits until the loop's thread has run everything that was posted to it before.
  void WaitForLoop() {
    std::promise<void> done;
    loop_->Post([&done] { done.set_value(); });
    WaitFor(done.get_future());
  }

  // Blocks the loop's thread until the result is set.
  std::promise<void> Block() {
    std::promise<void> release;
    loop_->Post([held = release.get_future().share()] { held.wait(); });
    return release;
  }

  std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::atomic<int> started_ = 0;
  std::atomic<int> ended_ = 0;
  std::atomic<int> aborted_ = 0;
  std::atomic<Stop> stopped_ = Stop::kNone;
  std::optional<EventLoop> loop_;
  std::optional<CallGroup> group_;
  Service service_;
  grpc::AsyncGenericService calls_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ApiKeys::Stub> stub_;
};

constexpr Clock::duration kNever = std::chrono::hours(1);

TEST_F(ServerCallTest, FinishesWithTheStatusOfItsWork) {
  service_.Finish(kNever, [](const ServerCall& call) -> Task<grpc::Status> {
    EXPECT_EQ(call.stopped(), Stop::kNone);
    co_return grpc::Status(grpc::StatusCode::ABORTED, "the work's own words");
  });
  const grpc::Status status = Call(*stub_).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "the work's own words");
}

TEST_F(ServerCallTest, WorkThatThrowsIsUnknownAndSaysNothingOfWhy) {
  service_.Finish(kNever, [](const ServerCall&) -> Task<grpc::Status> {
    throw std::runtime_error("secret");
    co_return grpc::Status::OK;
  });
  const grpc::Status status = Call(*stub_).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(status.error_message().find("secret"), std::string::npos);
}

TEST_F(ServerCallTest, WorkThatThrowsAfterItWaitedIsUnknown) {
  service_.Finish(kNever, [this](const ServerCall&) -> Task<grpc::Status> {
    Timer timer(loop_->context(), microseconds(1));
    co_await timer.async_wait(http::kAsTuple);
    throw std::bad_alloc();
  });
  EXPECT_EQ(Call(*stub_).Finish().error_code(), grpc::StatusCode::UNKNOWN);
}

TEST_F(ServerCallTest, CancelledBeforeItStarts) {
  service_.Finish(kNever, Waiting(kNever));
  auto release = Block();
  Call call(*stub_);
  call.Cancel();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
  release.set_value();
  // gRPC decides whether the handler is called at all; if it was, its work was stopped.
  End();
  EXPECT_EQ(started_, ended_);
  EXPECT_EQ(aborted_, ended_);
}

TEST_F(ServerCallTest, CancelledWhileItsWorkWaits) {
  service_.Finish(kNever, Waiting(kNever));
  Call call(*stub_);
  ASSERT_TRUE(testkit::WaitUntil([this] { return started_ == 1; }));
  call.Cancel();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(testkit::WaitUntil([this] { return ended_ == 1; }));
  EXPECT_EQ(aborted_, 1);
  EXPECT_EQ(stopped_, Stop::kCancelled);
}

TEST_F(ServerCallTest, CancelledAfterItsAnswer) {
  service_.Finish(kNever, Waiting(milliseconds(0)));
  Call call(*stub_);
  EXPECT_TRUE(call.Finish().ok());
  call.Cancel();
  End();
  EXPECT_EQ(aborted_, 0);
  EXPECT_EQ(stopped_, Stop::kNone);
}

TEST_F(ServerCallTest, StoppedByItsDeadline) {
  service_.Finish(milliseconds(5), Waiting(kNever));
  EXPECT_TRUE(Call(*stub_).Finish().ok());
  EXPECT_EQ(aborted_, 1);
  EXPECT_EQ(stopped_, Stop::kDeadline);
}

TEST_F(ServerCallTest, KnowsThatItsDeadlinePassedBeforeItStarted) {
  service_.Finish(milliseconds(-1), [this](const ServerCall& call) -> Task<grpc::Status> {
    stopped_ = call.stopped();
    co_return grpc::Status::OK;
  });
  EXPECT_TRUE(Call(*stub_).Finish().ok());
  EXPECT_EQ(stopped_, Stop::kDeadline);
}

TEST_F(ServerCallTest, ShutdownStopsEveryCall) {
  service_.Finish(kNever, Waiting(kNever));
  std::deque<Call> calls;
  for (int i = 0; i < 50; ++i) calls.emplace_back(*stub_);
  ASSERT_TRUE(testkit::WaitUntil([this] { return started_ == 50; }));
  group_->StopAll();
  for (Call& call : calls) EXPECT_TRUE(call.Finish().ok());
  EXPECT_EQ(stopped_, Stop::kShutdown);
  EXPECT_EQ(aborted_, 50);
}

TEST_F(ServerCallTest, ShutdownWithoutCallsDoesNothing) {
  group_->StopAll();
  // StopAll works on the loop's thread, so a call that begins earlier would be stopped too.
  WaitForLoop();
  service_.Finish(kNever, Waiting(milliseconds(0)));
  EXPECT_TRUE(Call(*stub_).Finish().ok());
  EXPECT_EQ(stopped_, Stop::kNone);
}

TEST_F(ServerCallTest, TheFirstReasonToStopStays) {
  service_.Finish(kNever, Waiting(kNever));
  Call call(*stub_);
  ASSERT_TRUE(testkit::WaitUntil([this] { return started_ == 1; }));
  group_->StopAll();
  group_->StopAll();
  WaitForLoop();
  call.Cancel();
  call.Finish();
  ASSERT_TRUE(testkit::WaitUntil([this] { return ended_ == 1; }));
  EXPECT_EQ(stopped_, Stop::kShutdown);
}

int Tries() {
  const char* tries = std::getenv("DOCSPACE_CANCELLATIONS");
  return tries == nullptr ? 10'000 : std::atoi(tries);
}

// Work, deadline and cancellation take about the same time, so that over many attempts they
// coincide at every step: before the start, during the wait, at the finish, and afterwards.
TEST_F(ServerCallTest, FinishesOnceWheneverItIsCancelled) {
  constexpr int kAtOnce = 32;
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same tries each time.
  std::uniform_int_distribution<int> upto(0, 300);
  int ok = 0;
  int cancelled = 0;
  for (int done = 0; done < Tries(); done += kAtOnce) {
    service_.Finish(microseconds(upto(random) * 2),
                    Waiting(microseconds(std::max(0, upto(random) - 50))));
    std::deque<Call> calls;
    for (int i = 0; i < kAtOnce; ++i) calls.emplace_back(*stub_);
    const auto at = Clock::now() + microseconds(upto(random));
    while (Clock::now() < at) std::this_thread::yield();
    for (Call& call : calls) call.Cancel();
    if (upto(random) < 30) group_->StopAll();
    for (Call& call : calls) {
      const grpc::Status status = call.Finish();
      ++(status.ok() ? ok : cancelled);
      // UNAVAILABLE means that the call was stopped before its message arrived.
      EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::CANCELLED ||
                  status.error_code() == grpc::StatusCode::UNAVAILABLE)
          << status.error_message();
    }
  }
  End();
  EXPECT_EQ(started_, ended_);
  RecordProperty("ok", ok);
  RecordProperty("cancelled", cancelled);
  RecordProperty("aborted", aborted_);
  EXPECT_GT(cancelled, 0);
  EXPECT_GT(aborted_, 0);
}

}  // namespace
}  // namespace docspace::gateway
