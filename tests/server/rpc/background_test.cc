#include "server/rpc/background.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/testkit/loop.h"

namespace docspace::gateway {
namespace {

namespace asio = boost::asio;
using testkit::WaitFor;

class BackgroundTest : public ::testing::Test {
 protected:
  ~BackgroundTest() override { loop_.reset(); }

  // Runs `work` on another thread, started by a coroutine on the loop, and then calls `then` on the
  // loop's thread. The result is the exception of `work`, if any.
  std::future<std::exception_ptr> Start(
      std::function<void()> work, std::function<void()> then = [] {}) {
    auto ended = std::make_shared<std::promise<std::exception_ptr>>();
    loop_->Post([this, ended, work = std::move(work), then = std::move(then)] {
      asio::co_spawn(loop_->context(), background_.Run(*loop_, work),
                     asio::bind_cancellation_slot(cancel_.slot(),
                                                  [ended, then](const std::exception_ptr& error) {
                                                    then();
                                                    ended->set_value(error);
                                                  }));
    });
    return ended->get_future();
  }

  void RunOnLoop(std::function<void()> task) {
    std::promise<void> done;
    loop_->Post([&] {
      task();
      done.set_value();
    });
    WaitFor(done.get_future());
  }

  Background background_{2};
  asio::cancellation_signal cancel_;
  std::optional<EventLoop> loop_{std::in_place, [](std::string_view) {}};
};

TEST_F(BackgroundTest, TheLoopGoesOnWhileItWorks) {
  std::promise<void> go;
  std::thread::id worked;
  std::thread::id resumed;
  auto ended = Start(
      [&] {
        worked = std::this_thread::get_id();
        go.get_future().wait();
      },
      [&] { resumed = std::this_thread::get_id(); });
  std::thread::id loop;
  for (int i = 0; i < 10; ++i) RunOnLoop([&] { loop = std::this_thread::get_id(); });
  go.set_value();
  EXPECT_EQ(WaitFor(std::move(ended)), nullptr);
  EXPECT_EQ(resumed, loop);
  EXPECT_NE(worked, loop);
}

TEST_F(BackgroundTest, TheCoroutineThrowsWhatTheWorkThrew) {
  const auto error = WaitFor(Start([] { throw std::runtime_error("broken"); }));
  ASSERT_NE(error, nullptr);
  EXPECT_THROW(std::rethrow_exception(error), std::runtime_error);
}

TEST_F(BackgroundTest, ACancelledCoroutineDoesNotWaitForTheWork) {
  std::promise<void> began;
  std::promise<void> go;
  std::promise<void> worked;
  const auto owned = std::make_shared<int>(0);
  auto ended = Start([&began, &go, &worked, owned] {
    began.set_value();
    go.get_future().wait();
    ++*owned;
    worked.set_value();
  });
  WaitFor(began.get_future());
  RunOnLoop([this] { cancel_.emit(asio::cancellation_type::terminal); });
  EXPECT_NE(WaitFor(std::move(ended)), nullptr);
  EXPECT_EQ(*owned, 0);
  go.set_value();
  WaitFor(worked.get_future());
  // Although the caller was cancelled, the loop ends only after it has been notified of the end of
  // the work.
  loop_.reset();
  EXPECT_EQ(*owned, 1);
  EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(BackgroundTest, TheLoopDoesNotEndBeforeTheWork) {
  std::promise<void> began;
  std::promise<void> go;
  auto ended = Start([&] {
    began.set_value();
    go.get_future().wait();
  });
  WaitFor(began.get_future());
  std::thread stopping([this] { loop_.reset(); });
  go.set_value();
  EXPECT_EQ(WaitFor(std::move(ended)), nullptr);
  stopping.join();
}

}  // namespace
}  // namespace docspace::gateway
