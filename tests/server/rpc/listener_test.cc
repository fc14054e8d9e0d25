#include "server/rpc/listener.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "server/base/file_descriptor.h"
#include "tests/testkit/wait_until.h"
#include "tests/testkit/without_ipv6.h"

namespace docspace::gateway {
namespace {

using ::testing::HasSubstr;
using testkit::WaitUntil;
using testkit::WithoutIpv6;

sockaddr_in Ipv4(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

sockaddr_in6 Ipv6(int port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// Connects `client` to that address. Returns false, with errno set, if it is refused.
template <class Address>
bool Connect(int client, const Address& address) {
  return connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Returns the descriptor of a connection to that address, or -1, with errno set, if it is refused.
template <class Address>
int Connect(const Address& address) {
  const int client =
      socket(reinterpret_cast<const sockaddr*>(&address)->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (Connect(client, address)) return client;
  const int error = errno;
  close(client);
  errno = error;
  return -1;
}

// Returns the number of the next descriptor.
std::size_t NextDescriptor() {
  const int next = dup(STDERR_FILENO);
  close(next);
  return static_cast<std::size_t>(next);
}

Listener::Callbacks Counting(std::atomic<int>& connections) {
  return {.on_connection = [&connections](FileDescriptor) { ++connections; },
          .on_surplus = [](std::string_view what) { ADD_FAILURE() << what; },
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
  (*listener)->Start({}, Counting(connections));
  for (int i = 1; i <= 3; ++i) {
    const int client = Connect(Ipv4((*listener)->port()));
    // On some machines `localhost` is ::1.
    close(client >= 0 ? client : Connect(Ipv6((*listener)->port())));
    EXPECT_TRUE(WaitUntil([&] { return connections == i; }));
  }
}

INSTANTIATE_TEST_SUITE_P(Addresses, ListenerTest,
                         ::testing::Values("127.0.0.1:0", "0.0.0.0:0", "[::]:0", "localhost:0"));

TEST(ListenerTest, ServesIpv4ForEveryAddressOfAMachineWithoutIpv6) {
  WithoutIpv6([] {
    const auto listener = Listener::Bind("[::]:0");
    ASSERT_TRUE(listener.ok()) << listener.status();
    EXPECT_EQ((*listener)->address(), "0.0.0.0:" + std::to_string((*listener)->port()));
    std::atomic<int> connections = 0;
    (*listener)->Start({}, Counting(connections));
    close(Connect(Ipv4((*listener)->port())));
    EXPECT_TRUE(WaitUntil([&] { return connections == 1; }));
  });
}

TEST(ListenerTest, ServesNoOtherAddressThanTheOneAskedFor) {
  WithoutIpv6(
      [] { EXPECT_EQ(Listener::Bind("[::1]:0").status().code(), absl::StatusCode::kUnavailable); });
}

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
  (*listener)->Start({}, Counting(connections));
  (*listener)->Close();
  EXPECT_EQ(Connect(Ipv4((*listener)->port())), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  (*listener)->Close();
}

TEST(ListenerTest, S6_GoesOnAfterAConnectionForWhichMemoryIsLacking) {
  const auto listener = Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  std::atomic<int> connections = 0;
  Listener::Callbacks callbacks = Counting(connections);
  callbacks.on_connection = [&connections](FileDescriptor) {
    if (++connections == 1) throw std::bad_alloc();
  };
  (*listener)->Start({}, std::move(callbacks));
  for (int i = 1; i <= 2; ++i) {
    const int client = Connect(Ipv4((*listener)->port()));
    char octet = 0;
    EXPECT_EQ(recv(client, &octet, 1, 0), 0) << "the connection is not closed";
    close(client);
    EXPECT_EQ(connections, i);
  }
}

TEST(ListenerTest, S6_GoesOnAfterAShortageThatCannotBeReported) {
  const auto listener = Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  std::atomic<int> connections = 0;
  std::atomic<bool> is_short = false;
  Listener::Callbacks callbacks = Counting(connections);
  callbacks.on_shortage = [&is_short](std::string_view) {
    is_short = true;
    throw std::bad_alloc();
  };
  (*listener)->Start({}, std::move(callbacks));
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{.rlim_cur = NextDescriptor(), .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  EXPECT_TRUE(Connect(client, Ipv4((*listener)->port())));
  EXPECT_TRUE(WaitUntil([&] { return is_short.load(); }));
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(WaitUntil([&] { return connections == 1; }));
  close(client);
}

TEST(ListenerTest, MayBeClosedBeforeItStarts) {
  const auto listener = Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  (*listener)->Close();
  EXPECT_EQ(Connect(Ipv4((*listener)->port())), -1);
}

// Greets each connection with one byte, and keeps it open.
class CrowdTest : public ::testing::Test {
 protected:
  ~CrowdTest() override {
    listener_->Close();
    HangUpAll();
  }

  void Start(const Listener::Limits& limits) {
    auto listener = Listener::Bind("127.0.0.1:0");
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
    listener_->Start(limits, {.on_connection =
                                  [this](FileDescriptor connection) {
                                    const std::lock_guard lock(mutex_);
                                    EXPECT_EQ(write(connection.get(), "!", 1), 1);
                                    open_.push_back(connection.Release());
                                  },
                              .on_surplus = [this](std::string_view) { ++surplus_told_; },
                              .on_shortage = [](std::string_view what) { ADD_FAILURE() << what; }});
  }

  // Connects one more caller. Returns false if its connection is closed.
  bool IsServed() {
    const int client = Connect(Ipv4(listener_->port()));
    EXPECT_GE(client, 0);
    char greeting = 0;
    const bool greeted = read(client, &greeting, 1) == 1;
    const std::lock_guard lock(mutex_);
    open_.push_back(client);
    return greeted;
  }

  void HangUpAll() {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : open_) close(descriptor);
    open_.clear();
  }

  std::unique_ptr<Listener> listener_;
  std::mutex mutex_;
  // Counts both ends, because each connection uses two descriptors of this process.
  std::vector<int> open_;
  std::atomic<int> surplus_told_ = 0;
};

TEST_F(CrowdTest, G8_ClosesConnectionsBeyondTheLimitUntilOthersEnd) {
  constexpr std::size_t kPlaces = 100;
  Start({.connections = kPlaces});
  std::size_t served = 0;
  while (IsServed()) ASSERT_LE(++served, kPlaces);
  EXPECT_EQ(served, kPlaces);
  EXPECT_FALSE(IsServed());
  EXPECT_EQ(surplus_told_, 1);
  HangUpAll();
  EXPECT_TRUE(IsServed());
}

TEST_F(CrowdTest, G8_LeavesDescriptorsForTheRest) {
  constexpr std::size_t kOthers = 100;
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  Start({.other_descriptors = kOthers});
  const std::size_t descriptors = NextDescriptor() + 3 * kOthers;
  const rlimit few{.rlim_cur = descriptors, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  std::size_t served = 0;
  while (IsServed()) ASSERT_LE(++served, kOthers);
  EXPECT_NEAR(static_cast<double>(NextDescriptor()), static_cast<double>(descriptors - kOthers), 4);
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace docspace::gateway
