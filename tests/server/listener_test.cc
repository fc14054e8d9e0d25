#include "server/listener.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "tests/testing/wait_until.h"

namespace docspace::gateway {
namespace {

using ::testing::HasSubstr;
using testing::WaitUntil;

// The descriptor of a connection to that port of 127.0.0.1; -1, and errno, where it is refused.
int Connect(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return client;
  const int error = errno;
  close(client);
  errno = error;
  return -1;
}

Listener::Callbacks Counting(std::atomic<int>& connections) {
  return {.on_connection =
              [&connections](int descriptor) {
                close(descriptor);
                ++connections;
              },
          .on_shortage = [](std::string_view what) { ADD_FAILURE() << what; }};
}

class ListenerTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ListenerTest, PassesConnectionsOn) {
  const auto listener = Listener::Bind(GetParam());
  if (listener.status().message() == "Address family not supported by protocol" ||
      listener.status().message() == "Cannot assign requested address") {
    GTEST_SKIP() << "no IPv6 here";
  }
  ASSERT_TRUE(listener.ok()) << listener.status();
  std::atomic<int> connections = 0;
  (*listener)->Start(Counting(connections));
  for (int i = 1; i <= 3; ++i) {
    close(Connect((*listener)->port()));
    EXPECT_TRUE(WaitUntil([&] { return connections == i; }));
  }
}

INSTANTIATE_TEST_SUITE_P(Addresses, ListenerTest,
                         ::testing::Values("127.0.0.1:0", "0.0.0.0:0", "[::]:0", "localhost:0"));

TEST(ListenerTest, TakesNoPortThatSomebodyElseServes) {
  const auto first = Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Listener::Bind("127.0.0.1:" + std::to_string((*first)->port()));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use"));
}

TEST(ListenerTest, RefusesConnectionsOnceClosed) {
  const auto listener = Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  std::atomic<int> connections = 0;
  (*listener)->Start(Counting(connections));
  (*listener)->Close();
  EXPECT_EQ(Connect((*listener)->port()), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  (*listener)->Close();
}

TEST(ListenerTest, MayBeClosedBeforeItStarts) {
  const auto listener = Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  (*listener)->Close();
  EXPECT_EQ(Connect((*listener)->port()), -1);
}

}  // namespace
}  // namespace docspace::gateway
