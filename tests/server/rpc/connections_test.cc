#include "server/rpc/connections.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

namespace docspace::gateway {
namespace {

// A connection from one loopback address to another, with both ends in this process.
struct Pair {
  int caller = -1;
  int accepted = -1;
};

class ConnectionsTest : public ::testing::Test {
 protected:
  ConnectionsTest() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listening_, SOMAXCONN), 0);
    socklen_t size = sizeof address_;
    getsockname(listening_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~ConnectionsTest() override {
    for (const Pair& pair : pairs_) {
      close(pair.caller);
      if (pair.accepted >= 0) close(pair.accepted);
    }
    close(listening_);
  }

  // Connects from 127.0.0.`last`.
  Pair& Connect(std::uint32_t last = 1) {
    Pair pair{.caller = socket(AF_INET, SOCK_STREAM, 0)};
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(0x7f000000U + last);
    EXPECT_EQ(bind(pair.caller, reinterpret_cast<sockaddr*>(&from), sizeof from), 0);
    EXPECT_EQ(connect(pair.caller, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    pair.accepted = accept(listening_, nullptr, nullptr);
    EXPECT_GE(pair.accepted, 0);
    return pairs_.emplace_back(pair);
  }

  // Returns the caller's name in gRPC's format.
  static std::string NameOf(const Pair& pair) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(pair.caller, reinterpret_cast<sockaddr*>(&address), &size);
    std::array<char, INET_ADDRSTRLEN> text{};
    inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    return "ipv4:" + std::string(text.data()) + ":" + std::to_string(ntohs(address.sin_port));
  }

  // Returns whether the connection is closed for the caller.
  static bool IsOver(const Pair& pair) {
    char octet = 0;
    return recv(pair.caller, &octet, 1, MSG_DONTWAIT) == 0;
  }

  static void Close(Pair& pair) { close(std::exchange(pair.accepted, -1)); }

  const int listening_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_{};
  std::deque<Pair> pairs_;
  Connections connections_;
};

TEST_F(ConnectionsTest, AreFoundByTheNameThatGrpcGivesThem) {
  const Pair& pair = Connect(7);
  ASSERT_TRUE(connections_.Take(pair.accepted));
  const auto found = connections_.Find(NameOf(pair));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->descriptor(), pair.accepted);
  EXPECT_EQ(found->address(), "127.0.0.7");
  EXPECT_EQ(connections_.Find("ipv4:127.0.0.7:1"), nullptr);
}

TEST(PeerNameTest, IsThatOfGrpcForEachKindOfAddress) {
  const auto name_of = [](const char* host, std::uint32_t interface) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(4711);
    address.sin6_scope_id = interface;
    EXPECT_EQ(inet_pton(AF_INET6, host, &address.sin6_addr), 1);
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return PeerNameOf(storage);
  };
  EXPECT_EQ(name_of("::1", 0), "ipv6:%5B::1%5D:4711");
  EXPECT_EQ(name_of("::ffff:127.0.0.1", 0), "ipv4:127.0.0.1:4711");
  // gRPC 1.51 gave such a name to a caller in a network namespace with a link-local address.
  EXPECT_EQ(name_of("fe80::1", 1), "ipv6:%5Bfe80::1%251%5D:4711");
}

TEST_F(ConnectionsTest, AreForgottenOnceClosed) {
  Pair& pair = Connect();
  ASSERT_TRUE(connections_.Take(pair.accepted));
  connections_.Forget();
  EXPECT_EQ(connections_.size(), 1U);
  Close(pair);
  connections_.Forget();
  EXPECT_EQ(connections_.size(), 0U);
  EXPECT_EQ(connections_.Find(NameOf(pair)), nullptr);
}

TEST_F(ConnectionsTest, CuttingEndsAConnectionAndNoOtherThatHasItsDescriptorSince) {
  Pair& first = Connect();
  ASSERT_TRUE(connections_.Take(first.accepted));
  const auto cut = connections_.Find(NameOf(first));
  const int descriptor = first.accepted;
  Pair& second = Connect();
  ASSERT_EQ(dup2(second.accepted, descriptor), descriptor);
  Close(second);
  second.accepted = std::exchange(first.accepted, -1);
  cut->Cut();
  EXPECT_FALSE(IsOver(second));

  ASSERT_TRUE(connections_.Take(second.accepted));
  connections_.Find(NameOf(second))->Cut();
  EXPECT_TRUE(IsOver(second));
}

TEST_F(ConnectionsTest, CutAllEndsEach) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(connections_.Take(Connect().accepted));
  connections_.CutAll();
  for (const Pair& pair : pairs_) EXPECT_TRUE(IsOver(pair));
}

TEST_F(ConnectionsTest, G24_OneTooManyIsRefusedWhileOthersAreNotIdleForLong) {
  connections_.SetLimits({.connections = 2});
  EXPECT_TRUE(connections_.Take(Connect(1).accepted));
  EXPECT_TRUE(connections_.Take(Connect(2).accepted));
  EXPECT_FALSE(connections_.Take(Connect(3).accepted));
  EXPECT_FALSE(IsOver(pairs_[0]));
  EXPECT_FALSE(IsOver(pairs_[1]));
  Close(pairs_[0]);
  EXPECT_TRUE(connections_.Take(Connect(3).accepted));
}

TEST_F(ConnectionsTest, G24_TheOldestIdleOneGoesWhenPlacesAreShort) {
  connections_.SetLimits({.connections = 3, .spare = std::chrono::seconds(0)});
  for (std::uint32_t last = 1; last <= 3; ++last) {
    ASSERT_TRUE(connections_.Take(Connect(last).accepted));
  }
  connections_.Find(NameOf(pairs_[0]))->BeginCall();
  EXPECT_TRUE(connections_.Take(Connect(4).accepted));
  EXPECT_FALSE(IsOver(pairs_[0]));
  EXPECT_TRUE(IsOver(pairs_[1]));
  EXPECT_FALSE(IsOver(pairs_[2]));
}

TEST_F(ConnectionsTest, G24_ShortDescriptorsMakeRoomLikeShortPlaces) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(connections_.Take(Connect(1).accepted));
  EXPECT_FALSE(connections_.Take(Connect(1).accepted, /*is_full=*/true));
  EXPECT_TRUE(connections_.Take(Connect(2).accepted, /*is_full=*/true));
  EXPECT_TRUE(IsOver(pairs_[0]));
  EXPECT_FALSE(IsOver(pairs_[1]));
}

TEST_F(ConnectionsTest, G24_AnAddressWithMoreThanHalfOfThePlacesMakesRoomForOthers) {
  constexpr std::size_t kPlaces = 8;
  connections_.SetLimits({.connections = kPlaces});
  for (std::size_t i = 0; i < kPlaces; ++i) ASSERT_TRUE(connections_.Take(Connect(1).accepted));
  // A connection is not closed to make room for itself.
  EXPECT_FALSE(connections_.Take(Connect(1).accepted));
  for (const Pair& pair : pairs_) EXPECT_FALSE(IsOver(pair));
  for (std::size_t i = 0; i < kPlaces / 2; ++i) {
    EXPECT_TRUE(connections_.Take(Connect(2).accepted));
    EXPECT_TRUE(IsOver(pairs_[i]));
  }
  EXPECT_FALSE(connections_.Take(Connect(2).accepted));
  EXPECT_EQ(connections_.size(), kPlaces);
}

TEST_F(ConnectionsTest, G24_CallsDoNotProtectTheConnectionsOfAGreedyAddress) {
  connections_.SetLimits({.connections = 2});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(connections_.Take(Connect(1).accepted));
    connections_.Find(NameOf(pairs_.back()))->BeginCall();
  }
  EXPECT_TRUE(connections_.Take(Connect(2).accepted));
  EXPECT_TRUE(IsOver(pairs_[0]));
  EXPECT_FALSE(IsOver(pairs_[1]));
}

}  // namespace
}  // namespace docspace::gateway
