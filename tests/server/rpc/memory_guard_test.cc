#include "server/rpc/memory_guard.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <limits>
#include <new>
#include <string>
#include <string_view>

#include "server/rpc/connections.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

using testkit::WaitUntil;

// A loopback connection with both ends in this process.
class LoopbackConnection {
 public:
  LoopbackConnection() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(bind(listening, generic, size), 0);
    EXPECT_EQ(listen(listening, 1), 0);
    getsockname(listening, generic, &size);
    EXPECT_EQ(connect(caller_, generic, size), 0);
    accepted_ = accept(listening, nullptr, nullptr);
    close(listening);
  }
  ~LoopbackConnection() {
    close(caller_);
    close(accepted_);
  }
  LoopbackConnection(const LoopbackConnection&) = delete;
  LoopbackConnection& operator=(const LoopbackConnection&) = delete;

  int accepted() const { return accepted_; }

  // Sends bytes and returns once the gateway's end has received them.
  void Send(const std::string& bytes) const {
    EXPECT_EQ(send(caller_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    std::string received(bytes.size(), '\0');
    EXPECT_EQ(recv(accepted_, received.data(), received.size(), MSG_WAITALL),
              static_cast<ssize_t>(bytes.size()));
  }

  // Returns whether the connection is closed for the caller.
  bool IsCut() const {
    char byte = 0;
    return recv(caller_, &byte, 1, MSG_DONTWAIT) == 0;
  }

 private:
  const int caller_ = socket(AF_INET, SOCK_STREAM, 0);
  int accepted_ = -1;
};

class MemoryGuardTest : public ::testing::Test {
 protected:
  MemoryGuardTest() {
    for (const LoopbackConnection* each : {&quiet_, &busy_, &silent_}) {
      EXPECT_TRUE(connections_.Take(each->accepted()));
    }
    quiet_.Send(std::string(10, 'q'));
    busy_.Send(std::string(1000, 'b'));
  }

  const LoopbackConnection quiet_;
  const LoopbackConnection busy_;
  const LoopbackConnection silent_;
  Connections connections_;
};

TEST_F(MemoryGuardTest, G21_CutsTheBusiestConnectionFirstThenTheNextAndNoneThatHasSentNothing) {
  std::atomic<int> cuts = 0;
  std::atomic<bool> was_busiest_first = false;
  // Every process uses more than one byte.
  const MemoryGuard guard(1, connections_, [&](std::string_view) {
    if (++cuts == 1) was_busiest_first = busy_.IsCut() && !quiet_.IsCut();
  });
  EXPECT_TRUE(WaitUntil([&] { return quiet_.IsCut(); }));
  EXPECT_TRUE(was_busiest_first);
  EXPECT_TRUE(busy_.IsCut());
  EXPECT_FALSE(silent_.IsCut());
}

TEST_F(MemoryGuardTest, S6_GoesOnWhereMemoryForTheReportIsLacking) {
  const MemoryGuard guard(1, connections_, [](std::string_view) { throw std::bad_alloc(); });
  EXPECT_TRUE(WaitUntil([&] { return busy_.IsCut() && quiet_.IsCut(); }));
}

TEST_F(MemoryGuardTest, G21_CutsNothingBelowTheLimit) {
  Connections others;
  const LoopbackConnection other;
  ASSERT_TRUE(others.Take(other.accepted()));
  other.Send("x");
  const MemoryGuard below(std::numeric_limits<std::size_t>::max(), connections_,
                          [](std::string_view) { ADD_FAILURE(); });
  // By then the first guard has checked as well, because both check equally often.
  const MemoryGuard above(1, others, [](std::string_view) {});
  EXPECT_TRUE(WaitUntil([&] { return other.IsCut(); }));
  EXPECT_FALSE(busy_.IsCut());
}

}  // namespace
}  // namespace docspace::gateway
