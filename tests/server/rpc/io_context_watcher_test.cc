// Checks the assumptions of IoContextWatcher about Asio's private parts: see its header.
#include "server/rpc/io_context_watcher.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <optional>

#include "server/base/task.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using testkit::WaitUntil;

// The test's thread polls the context.
class IoContextWatcherTest : public ::testing::Test {
 protected:
  IoContextWatcherTest() {
    asio::local::connect_pair(here_, there_);
    watcher_.emplace(context_, [this] { ++reports_; });
  }

  void Read() {
    here_.async_read_some(asio::buffer(octet_), [this](boost::system::error_code error,
                                                       std::size_t) { reads_ += error ? 0 : 1; });
  }
  void Write() { asio::write(there_, asio::buffer("x", 1)); }

  asio::io_context context_{1};
  const asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  stream_protocol::socket here_{context_};
  asio::io_context other_;
  stream_protocol::socket there_{other_};
  std::array<char, 1> octet_{};
  int reads_ = 0;
  std::atomic<int> reports_ = 0;
  std::optional<IoContextWatcher> watcher_;
};

TEST_F(IoContextWatcherTest, ReportsASocketEachTimeItIsArmed) {
  for (int i = 1; i <= 100; ++i) {
    Read();
    context_.poll();
    ASSERT_EQ(reads_, i - 1);
    watcher_->Arm();
    Write();
    ASSERT_TRUE(WaitUntil([&] { return reports_ == i; }));
    context_.poll();
    ASSERT_EQ(reads_, i);
  }
}

TEST_F(IoContextWatcherTest, ReportsASocketThatWasReadyBeforeItWasArmed) {
  Read();
  context_.poll();
  Write();
  watcher_->Arm();
  ASSERT_TRUE(WaitUntil([&] { return reports_ == 1; }));
  context_.poll();
  EXPECT_EQ(reads_, 1);
}

TEST_F(IoContextWatcherTest, ReportsATimer) {
  // Without this the watcher would report the context itself, which is new.
  context_.poll();
  http::Timer timer(context_, std::chrono::milliseconds(5));
  bool fired = false;
  timer.async_wait([&fired](boost::system::error_code) { fired = true; });
  watcher_->Arm();
  ASSERT_TRUE(WaitUntil([&] { return reports_ > 0; }));
  // The timer is never reported before it has expired.
  context_.poll();
  EXPECT_TRUE(fired);
}

TEST_F(IoContextWatcherTest, ReportsOnceThoughTheSocketStaysReady) {
  Read();
  context_.poll();
  watcher_->Arm();
  Write();
  ASSERT_TRUE(WaitUntil([&] { return reports_ > 0; }));
  watcher_.reset();
  EXPECT_EQ(reports_, 1);
}

TEST_F(IoContextWatcherTest, ReportsNothingUnlessItIsArmed) {
  Read();
  context_.poll();
  Write();
  watcher_.reset();
  EXPECT_EQ(reports_, 0);
}

}  // namespace
}  // namespace docspace::gateway
