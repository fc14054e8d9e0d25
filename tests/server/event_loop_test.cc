#include "server/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/testing/loop.h"

namespace docspace::gateway {
namespace {

using boost::asio::post;
using testing::WaitFor;

TEST(EventLoop, RunsOnAThreadOfItsOwn) {
  EventLoop loop([](std::string_view) {});
  std::promise<std::thread::id> id;
  post(loop.context(), [&id] { id.set_value(std::this_thread::get_id()); });
  EXPECT_NE(WaitFor(id.get_future()), std::this_thread::get_id());
}

TEST(EventLoop, GoesOnAfterAHandlerThrew) {
  std::vector<std::string> told;
  EventLoop loop([&told](std::string_view what) { told.emplace_back(what); });
  post(loop.context(), [] { throw std::runtime_error("first"); });
  post(loop.context(), [] { throw std::logic_error("second"); });
  std::promise<void> reached;
  post(loop.context(), [&reached] { reached.set_value(); });
  WaitFor(reached.get_future());
  loop.Stop();
  EXPECT_THAT(told, ::testing::ElementsAre("first", "second"));
}

TEST(EventLoop, S6_GoesOnThoughThereIsNoMemoryToTellWhatAHandlerThrew) {
  EventLoop loop([](std::string_view) { throw std::bad_alloc(); });
  post(loop.context(), [] { throw std::bad_alloc(); });
  std::promise<void> reached;
  post(loop.context(), [&reached] { reached.set_value(); });
  WaitFor(reached.get_future());
}

TEST(EventLoop, StopsOnceWhatIsQueuedHasRun) {
  int ran = 0;
  EventLoop loop([](std::string_view) {});
  for (int i = 0; i < 1000; ++i) post(loop.context(), [&ran] { ++ran; });
  loop.Stop();
  loop.Stop();
  EXPECT_EQ(ran, 1000);
}

TEST(EventLoop, StopsThoughATimerWaits) {
  EventLoop loop([](std::string_view) {});
  http::Timer timer(loop.context(), std::chrono::hours(1));
  bool fired = false;
  timer.async_wait([&fired](boost::system::error_code) { fired = true; });
  loop.Stop();
  EXPECT_FALSE(fired);
}

}  // namespace
}  // namespace docspace::gateway
