#include "server/rpc/event_loop.h"

#include <gmock/gmock.h>
#include <grpcpp/alarm.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/task.h"
#include "server/rpc/completion.h"
#include "tests/testkit/loop.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

using testkit::WaitFor;

TEST(EventLoop, RunsOnAThreadOfItsOwn) {
  EventLoop loop([](std::string_view) {});
  std::promise<std::thread::id> id;
  loop.Post([&id] { id.set_value(std::this_thread::get_id()); });
  EXPECT_NE(WaitFor(id.get_future()), std::this_thread::get_id());
}

TEST(EventLoop, MayEndBecauseOfATaskThatIsBeingPosted) {
  for (int i = 0; i < 50; ++i) {
    auto loop = std::make_unique<EventLoop>([](std::string_view) {});
    std::optional<EventLoop::WorkGuard> guard;
    std::promise<void> held;
    loop->Post([&guard, &held, &loop = *loop] {
      guard.emplace(loop);
      held.set_value();
    });
    WaitFor(held.get_future());
    std::thread poster([&guard, &loop = *loop] { loop.Post([&guard] { guard.reset(); }); });
    loop.reset();
    poster.join();
  }
}

TEST(EventLoop, GoesOnAfterAHandlerThrew) {
  std::vector<std::string> told;
  EventLoop loop([&told](std::string_view what) { told.emplace_back(what); });
  loop.Post([] { throw std::runtime_error("first"); });
  loop.Post([] { throw std::logic_error("second"); });
  std::promise<void> reached;
  loop.Post([&reached] { reached.set_value(); });
  WaitFor(reached.get_future());
  loop.Stop();
  EXPECT_THAT(told, ::testing::ElementsAre("first", "second"));
}

TEST(EventLoop, S6_GoesOnThoughThereIsNoMemoryToTellWhatAHandlerThrew) {
  EventLoop loop([](std::string_view) { throw std::bad_alloc(); });
  loop.Post([] { throw std::bad_alloc(); });
  std::promise<void> reached;
  loop.Post([&reached] { reached.set_value(); });
  WaitFor(reached.get_future());
}

TEST(EventLoop, StopsOnceWhatIsQueuedHasRun) {
  int ran = 0;
  EventLoop loop([](std::string_view) {});
  for (int i = 0; i < 1000; ++i) loop.Post([&ran] { ++ran; });
  loop.Stop();
  loop.Stop();
  EXPECT_EQ(ran, 1000);
}

TEST(EventLoop, StopsThoughATimerWaits) {
  EventLoop loop([](std::string_view) {});
  http::Timer timer(loop.context(), std::chrono::hours(1));
  bool fired = false;
  loop.Post([&] { timer.async_wait([&fired](boost::system::error_code) { fired = true; }); });
  loop.Stop();
  EXPECT_FALSE(fired);
}

TEST(EventLoop, IsWokenByATimer) {
  EventLoop loop([](std::string_view) {});
  http::Timer timer(loop.context());
  std::promise<void> fired;
  loop.Post([&] {
    timer.expires_after(std::chrono::milliseconds(5));
    timer.async_wait([&fired](boost::system::error_code) { fired.set_value(); });
  });
  WaitFor(fired.get_future());
}

TEST(EventLoop, IsWokenByASocketEachTime) {
  EventLoop loop([](std::string_view) {});
  boost::asio::local::stream_protocol::socket here(loop.context());
  boost::asio::io_context other;
  boost::asio::local::stream_protocol::socket there(other);
  boost::asio::local::connect_pair(here, there);
  std::array<char, 1> octet{};
  for (int i = 0; i < 100; ++i) {
    std::promise<void> read;
    loop.Post([&] {
      here.async_read_some(boost::asio::buffer(octet),
                           [&read](boost::system::error_code, std::size_t) { read.set_value(); });
    });
    boost::asio::write(there, boost::asio::buffer("x", 1));
    WaitFor(read.get_future());
  }
}

TEST(EventLoop, CompletesWhatIsInTheQueue) {
  struct Flag final : Completion {
    void Complete(bool) override { done.set_value(std::this_thread::get_id()); }
    std::promise<std::thread::id> done;
  } flag;
  auto queue = std::make_unique<grpc::CompletionQueue>();
  grpc::CompletionQueue& its_queue = *queue;
  EventLoop loop([](std::string_view) {}, std::move(queue));
  std::promise<std::thread::id> own;
  loop.Post([&own] { own.set_value(std::this_thread::get_id()); });
  grpc::Alarm alarm;
  alarm.Set(&its_queue, gpr_inf_past(GPR_CLOCK_MONOTONIC), flag.tag());
  EXPECT_EQ(WaitFor(flag.done.get_future()), WaitFor(own.get_future()));
}

TEST(EventLoop, EndsOnlyWhenNothingHoldsIt) {
  std::promise<void> released;
  auto loop = std::make_unique<EventLoop>([](std::string_view) {});
  auto hold = std::make_unique<EventLoop::WorkGuard>(*loop);
  std::thread stop([&loop] { loop->Stop(); });
  loop->Post([&] {
    released.set_value();
    hold.reset();
  });
  WaitFor(released.get_future());
  stop.join();
}

// Returns how often threads of this process have gone to sleep.
long Sleeps() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nvcsw;
}

// A loop that does not rest is woken repeatedly by events that it does not handle.
TEST(EventLoop, RestsWhenNothingIsLeftToDo) {
  EventLoop loop([](std::string_view) {});
  http::Timer timer(loop.context());
  std::promise<void> cancelled;
  loop.Post([&] {
    timer.expires_after(std::chrono::milliseconds(20));
    timer.async_wait([&cancelled](boost::system::error_code) { cancelled.set_value(); });
    timer.cancel();
  });
  WaitFor(cancelled.get_future());
  const long before = Sleeps();
  // Waits longer than the kernel's timer, which expires although Asio's timer was cancelled.
  std::promise<void> never;
  never.get_future().wait_for(std::chrono::milliseconds(200));
  EXPECT_LT(Sleeps() - before, 100);
  loop.Stop();
}

TEST(EventLoop, S9_NotesThatItTurnsUnlessAHandlerDoesNotReturn) {
  std::atomic<EventLoop::Clock::duration> time{};
  EventLoop loop([](std::string_view) {}, std::make_unique<grpc::CompletionQueue>(),
                 [&time] { return EventLoop::Clock::time_point(time.load()); });
  const auto turned_at = [&loop] { return loop.last_turn().time_since_epoch(); };
  time = std::chrono::hours(1);
  // The loop turns by itself, without any event.
  EXPECT_TRUE(testkit::WaitUntil([&] { return turned_at() == std::chrono::hours(1); }));

  std::promise<void> begun;
  std::promise<void> leave;
  loop.Post([&] {
    begun.set_value();
    leave.get_future().wait();
  });
  WaitFor(begun.get_future());
  time = std::chrono::hours(2);
  EXPECT_EQ(turned_at(), std::chrono::hours(1));
  leave.set_value();
  EXPECT_TRUE(testkit::WaitUntil([&] { return turned_at() == std::chrono::hours(2); }));
}

TEST(EventLoop, TakesPostsFromManyThreads) {
  EventLoop loop([](std::string_view) {});
  int ran = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) loop.Post([&ran] { ++ran; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  loop.Stop();
  EXPECT_EQ(ran, 4000);
}

}  // namespace
}  // namespace docspace::gateway
