// Tests the engine and its sockets without gRPC's transport.
#include "server/rpc/asio_event_engine.h"

#include <gtest/gtest.h>

#if DOCSPACE_GRPC_ON_ASIO

#include <fcntl.h>
#include <grpc/event_engine/slice.h>
#include <grpc/event_engine/slice_buffer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/rpc/asio_socket.h"
#include "server/rpc/event_loop.h"
#include "server/tls/handshake_failures.h"
#include "tests/testkit/loop.h"

namespace docspace::gateway {
namespace {

using grpc_event_engine::experimental::EventEngine;
using grpc_event_engine::experimental::Slice;
using grpc_event_engine::experimental::SliceBuffer;
using testkit::WaitFor;

class AsioEventEngineTest : public ::testing::Test {
 protected:
  // Returns the result of `function` on the loop's thread.
  template <class Function>
  auto OnLoop(Function function) {
    std::promise<decltype(function())> result;
    loop_->Post([&] { result.set_value(function()); });
    return WaitFor(result.get_future());
  }

  std::optional<EventLoop> loop_{
      std::in_place, [](std::string_view what) { ADD_FAILURE() << "a handler threw " << what; }};
  const std::shared_ptr<AsioEventEngine> engine_ = loop_->events().engine();
};

TEST_F(AsioEventEngineTest, RunsClosuresOfAnyThreadOnTheLoop) {
  const auto loop = OnLoop([] { return std::this_thread::get_id(); });
  for (int i = 0; i < 100; ++i) {
    std::promise<std::thread::id> from_here;
    engine_->Run([&] { from_here.set_value(std::this_thread::get_id()); });
    EXPECT_EQ(WaitFor(from_here.get_future()), loop);
    std::promise<std::thread::id> from_loop;
    loop_->Post([&] { engine_->Run([&] { from_loop.set_value(std::this_thread::get_id()); }); });
    EXPECT_EQ(WaitFor(from_loop.get_future()), loop);
  }
}

TEST_F(AsioEventEngineTest, RunsNoClosureInsideRun) {
  EXPECT_FALSE(OnLoop([this] {
    auto has_run = std::make_shared<bool>(false);
    engine_->Run([has_run] { *has_run = true; });
    return *has_run;
  }));
}

TEST_F(AsioEventEngineTest, RunsATimerWhenItIsDue) {
  const auto begun = std::chrono::steady_clock::now();
  std::promise<std::chrono::steady_clock::time_point> fired;
  engine_->RunAfter(std::chrono::milliseconds(5),
                    [&] { fired.set_value(std::chrono::steady_clock::now()); });
  EXPECT_GE(WaitFor(fired.get_future()) - begun, std::chrono::milliseconds(5));
}

TEST_F(AsioEventEngineTest, CancelsATimerOnlyBeforeItRuns) {
  auto state = std::make_shared<int>(0);
  const auto waiting = engine_->RunAfter(std::chrono::hours(1), [state] { ++*state; });
  EXPECT_TRUE(engine_->Cancel(waiting));
  EXPECT_FALSE(engine_->Cancel(waiting));
  // What the closure held is free.
  EXPECT_EQ(state.use_count(), 1);

  std::promise<void> fired;
  const auto over = engine_->RunAfter(std::chrono::nanoseconds(0), [&] { fired.set_value(); });
  WaitFor(fired.get_future());
  EXPECT_FALSE(engine_->Cancel(over));
}

TEST_F(AsioEventEngineTest, LeavesWhatComesAfterTheLoopToTheProcess) {
  auto state = std::make_shared<int>(0);
  const auto waiting = engine_->RunAfter(std::chrono::hours(1), [state] { ++*state; });
  loop_.reset();
  std::promise<void> ran;
  engine_->Run([&] { ran.set_value(); });
  WaitFor(ran.get_future());
  EXPECT_TRUE(engine_->Cancel(waiting));
  EXPECT_EQ(state.use_count(), 1);
}

TEST_F(AsioEventEngineTest, RunsWhatIsQueuedBeforeTheLoopEnds) {
  int ran = 0;
  OnLoop([&] {
    engine_->Run([&] {
      ++ran;
      engine_->Run([&ran] { ++ran; });
    });
    return true;
  });
  loop_.reset();
  EXPECT_EQ(ran, 2);
}

TEST_F(AsioEventEngineTest, KeepsTheScopeInWhichAClosureWasQueued) {
  std::promise<bool> inside;
  std::promise<bool> after;
  {
    const HandshakeFailureScope scope([](std::string_view) {});
    engine_->Run([&] {
      // A closure that such a closure queues belongs to the scope too.
      engine_->Run([&] { inside.set_value(HandshakeFailureScope::current() != nullptr); });
    });
  }
  EXPECT_TRUE(WaitFor(inside.get_future()));
  engine_->Run([&] { after.set_value(HandshakeFailureScope::current() != nullptr); });
  EXPECT_FALSE(WaitFor(after.get_future()));
}

class AsioSocketTest : public AsioEventEngineTest {
 protected:
  AsioSocketTest() {
    std::array<int, 2> pair{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    there_ = pair[1];
    OnLoop([&] {
      SetNonBlocking(pair[0]);
      endpoint_ = MakeAsioEndpoint(pair[0], AsioEventEngine::ConnectionCount(engine_));
      return true;
    });
  }
  ~AsioSocketTest() override { close(there_); }

  static void SetNonBlocking(int descriptor) {
    const int flags = fcntl(descriptor, F_GETFL);
    fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  }

  std::future<absl::Status> Read() {
    auto done = std::make_shared<std::promise<absl::Status>>();
    EXPECT_FALSE(
        endpoint_->Read([done](absl::Status status) { done->set_value(status); }, &buffer_, {}));
    return done->get_future();
  }

  std::future<absl::Status> Write(SliceBuffer& data) {
    auto done = std::make_shared<std::promise<absl::Status>>();
    EXPECT_FALSE(
        endpoint_->Write([done](absl::Status status) { done->set_value(status); }, &data, {}));
    return done->get_future();
  }

  int there_ = -1;
  SliceBuffer buffer_;
  std::unique_ptr<EventEngine::Endpoint> endpoint_;
};

TEST_F(AsioSocketTest, ReadsWhatArrivesEachTime) {
  for (int i = 0; i < 100; ++i) {
    auto read = Read();
    EXPECT_EQ(write(there_, "12345", 5), 5);
    EXPECT_TRUE(WaitFor(std::move(read)).ok());
    EXPECT_EQ(buffer_.Length(), 5);
    buffer_.Clear();
  }
}

TEST_F(AsioSocketTest, ReadsWhatArrivedBefore) {
  EXPECT_EQ(write(there_, "12345", 5), 5);
  EXPECT_TRUE(WaitFor(Read()).ok());
  EXPECT_EQ(buffer_.Length(), 5);
}

TEST_F(AsioSocketTest, ReportsThatThePeerHasClosed) {
  shutdown(there_, SHUT_WR);
  EXPECT_FALSE(WaitFor(Read()).ok());
}

TEST_F(AsioSocketTest, WritesMoreThanTheKernelTakesAtOnce) {
  const std::size_t size = std::size_t{1} << 24;
  SliceBuffer data;
  for (int i = 0; i < 256; ++i) data.Append(Slice::FromCopiedString(std::string(size / 256, 'x')));
  auto written = Write(data);
  std::vector<char> octets(1 << 16);
  std::size_t received = 0;
  while (received < size) {
    const ssize_t count = read(there_, octets.data(), octets.size());
    ASSERT_GT(count, 0);
    received += static_cast<std::size_t>(count);
  }
  EXPECT_TRUE(WaitFor(std::move(written)).ok());
  EXPECT_EQ(received, size);
}

TEST_F(AsioSocketTest, ReportsThatAWriteFails) {
  shutdown(there_, SHUT_RD);
  SliceBuffer data;
  data.Append(Slice::FromCopiedString("x"));
  EXPECT_FALSE(WaitFor(Write(data)).ok());
}

TEST_F(AsioSocketTest, WritesBeforeItCloses) {
  SliceBuffer data;
  data.Append(Slice::FromCopiedString("12345"));
  auto written = Write(data);
  endpoint_.reset();
  EXPECT_TRUE(WaitFor(std::move(written)).ok());
  std::array<char, 16> octets{};
  EXPECT_EQ(read(there_, octets.data(), octets.size()), 5);
  // The end of the stream.
  EXPECT_EQ(read(there_, octets.data(), octets.size()), 0);
}

TEST_F(AsioSocketTest, EndsAReadWhenItCloses) {
  auto read = Read();
  endpoint_.reset();
  EXPECT_FALSE(WaitFor(std::move(read)).ok());
}

TEST_F(AsioSocketTest, EndsAReadWhenTheLoopEnds) {
  auto read = Read();
  loop_.reset();
  EXPECT_FALSE(WaitFor(std::move(read)).ok());
  // The endpoint outlives its loop.
  EXPECT_FALSE(WaitFor(Read()).ok());
}

}  // namespace
}  // namespace docspace::gateway

#else

TEST(AsioEventEngine, IsForALaterGrpc) { GTEST_SKIP() << "this gRPC takes no engine"; }

#endif
