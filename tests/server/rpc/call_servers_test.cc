// Tests that connections and calls reach event loops, by real connections.
#include "server/rpc/call_servers.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/file_descriptor.h"
#include "server/rpc/listener.h"
#include "server/rpc/server_call.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

using testkit::CallUntyped;

constexpr const char* kEcho = "/test.Test/Echo";
constexpr const char* kHang = "/test.Test/Hang";

// Responds with the request's message.
class Echo final : public CallHandler {
 public:
  explicit Echo(std::function<void()> on_call) : on_call_(std::move(on_call)) {}

  Step OnHeaders() override { return ReadMessage{std::size_t{4} * 1024 * 1024}; }
  Step OnMessage(grpc::ByteBuffer& message) override {
    on_call_();
    return Reply(grpc::Status::OK, std::move(message));
  }
  http::Task<Reply> Handle() override { co_return Reply(); }

 private:
  const std::function<void()> on_call_;
};

// Waits until the call is stopped.
class Hang final : public CallHandler {
 public:
  Hang(ServerCall& call, std::function<void()> on_call)
      : call_(call), on_call_(std::move(on_call)) {}

  Step OnHeaders() override { return ReadMessage{1000}; }
  Step OnMessage(grpc::ByteBuffer&) override {
    return RunHandler{http::Clock::now() + std::chrono::hours(1)};
  }
  http::Task<Reply> Handle() override {
    on_call_();
    http::Timer timer(call_.group().loop().context(), std::chrono::hours(1));
    co_await timer.async_wait(http::kAsTuple);
    co_return Reply(grpc::Status(grpc::StatusCode::ABORTED, ""));
  }

 private:
  ServerCall& call_;
  const std::function<void()> on_call_;
};

class CallServersTest : public ::testing::Test {
 protected:
  CallServersTest() {
    std::vector<EventLoop*> loops;
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      auto queue = servers_.AddQueue();
      grpc::ServerCompletionQueue& calls = *queue;
      loops_[i] = std::make_unique<EventLoop>(
          [](std::string_view what) { ADD_FAILURE() << "a handler threw " << what; },
          std::move(queue));
      groups_[i] = std::make_unique<CallGroup>(*loops_[i], calls);
      loops.push_back(loops_[i].get());
    }
    EXPECT_TRUE(servers_.Start(
        loops, {.credentials = &grpc::InsecureServerCredentials,
                .configure = [](grpc::ServerBuilder& builder, std::size_t /*servers*/) {
                  builder.SetMaxReceiveMessageSize(-1);
                }}));
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      groups_[i]->Add(kEcho, [this](ServerCall& call) {
        return std::make_unique<Echo>([this, peer = call.context().peer()] { Note(peer); });
      });
      groups_[i]->Add(kHang, [this](ServerCall& call) {
        return std::make_unique<Hang>(call, [this] { hangs_.set_value(); });
      });
      groups_[i]->Serve(servers_.service(i));
    }
    listener_->Start(
        {}, {.on_connection =
                 [this](FileDescriptor connection) { servers_.Accept(std::move(connection)); },
             .on_surplus = [](std::string_view) {},
             .on_shortage = [](std::string_view) {}});
  }
  ~CallServersTest() override {
    listener_->Close();
    servers_.Shutdown(std::chrono::system_clock::now());
    for (const auto& loop : loops_) loop->Stop();
  }

  // Returns a channel with a connection of its own.
  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    return grpc::CreateCustomChannel(listener_->address(), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

#if DOCSPACE_GRPC_ON_ASIO
  // Returns the number of connections of each loop.
  std::array<std::size_t, 2> Connections() const {
    return {loops_[0]->events().engine()->connections(),
            loops_[1]->events().engine()->connections()};
  }
#endif

  void Note(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    threads_[peer].insert(std::this_thread::get_id());
  }

  CallServers servers_;
  std::array<std::unique_ptr<EventLoop>, 2> loops_;
  std::array<std::unique_ptr<CallGroup>, 2> groups_;
  std::unique_ptr<Listener> listener_ = Listener::Bind("127.0.0.1:0").value();
  std::promise<void> hangs_;
  std::mutex mutex_;
  // The threads on which the calls of each peer were handled.
  std::map<std::string, std::set<std::thread::id>> threads_;
};

TEST_F(CallServersTest, AnswersTheCallsOfManyConnections) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < 4; ++i) channels.push_back(Connect());
  for (int i = 0; i < 20; ++i) {
    for (const auto& channel : channels) {
      EXPECT_EQ(CallUntyped(channel, kEcho, "request", {}).response, "request");
    }
  }
  EXPECT_EQ(threads_.size(), channels.size());
}

#if DOCSPACE_GRPC_ON_ASIO
TEST_F(CallServersTest, KeepsTheCallsOfAConnectionOnOneThread) {
  std::set<std::thread::id> all;
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < 4; ++i) {
    channels.push_back(Connect());
    for (int call = 0; call < 20; ++call) CallUntyped(channels.back(), kEcho, "", {});
  }
  for (const auto& [peer, threads] : threads_) {
    EXPECT_EQ(threads.size(), 1) << peer;
    all.insert(threads.begin(), threads.end());
  }
  EXPECT_EQ(all.size(), loops_.size());
}

TEST_F(CallServersTest, GivesNewConnectionsToTheLoopThatHasTheFewest) {
  // Each second connection is on the first loop.
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < 4; ++i) {
    channels.push_back(Connect());
    CallUntyped(channels.back(), kEcho, "", {});
  }
  EXPECT_EQ(Connections(), (std::array<std::size_t, 2>{2, 2}));
  channels[0].reset();
  channels[2].reset();
  EXPECT_TRUE(testkit::WaitUntil([this] { return Connections().front() == 0; }));
  for (std::size_t i : {0, 2}) {
    channels[i] = Connect();
    CallUntyped(channels[i], kEcho, "", {});
  }
  EXPECT_EQ(Connections(), (std::array<std::size_t, 2>{2, 2}));
}
#endif

TEST_F(CallServersTest, CarriesMessagesThatNeedManyReadsAndWrites) {
  const std::string message(4'000'000, 'x');
  const auto answer = CallUntyped(Connect(), kEcho, message, {});
  EXPECT_TRUE(answer.response == message) << answer.response.size();
}

TEST_F(CallServersTest, ClosesConnectionsWithTheirCalls) {
  const auto channel = Connect();
  auto result = std::async(std::launch::async,
                           [&channel] { return CallUntyped(channel, kHang, "", {}).status; });
  testkit::WaitFor(hangs_.get_future());
  servers_.CloseConnections();
  EXPECT_FALSE(result.get().ok());
}

#if DOCSPACE_GRPC_ON_ASIO
// Returns credentials that cannot serve.
std::shared_ptr<grpc::ServerCredentials> BadCredentials() {
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({.private_key = "no key", .cert_chain = "no certificate"});
  return grpc::SslServerCredentials(options);
}

TEST(CallServersStartTest, EndsTheLoopsIfALaterServerCannotStart) {
  std::vector<std::unique_ptr<EventLoop>> owned;
  std::vector<EventLoop*> loops;
  CallServers servers;
  for (int i = 0; i < 2; ++i) {
    owned.push_back(std::make_unique<EventLoop>(
        [](std::string_view what) { ADD_FAILURE() << "a handler threw " << what; },
        servers.AddQueue()));
    loops.push_back(owned.back().get());
  }
  int made = 0;
  EXPECT_FALSE(servers.Start(
      loops,
      {.credentials =
           [&made] { return ++made == 1 ? grpc::InsecureServerCredentials() : BadCredentials(); },
       .configure = [](grpc::ServerBuilder& /*builder*/, std::size_t /*servers*/) {}}));
  EXPECT_EQ(made, 2);
  for (const auto& loop : owned) {
    EXPECT_EQ(loop->last_turn(), EventLoop::Clock::time_point::max());
  }
}
#endif

TEST_F(CallServersTest, CancelsTheCallsThatAreLeftWhenItShutsDown) {
  const auto channel = Connect();
  auto result = std::async(std::launch::async,
                           [&channel] { return CallUntyped(channel, kHang, "", {}).status; });
  testkit::WaitFor(hangs_.get_future());
  servers_.Shutdown(std::chrono::system_clock::now());
  EXPECT_FALSE(result.get().ok());
}

}  // namespace
}  // namespace docspace::gateway
