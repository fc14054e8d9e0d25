// Very many connections at once.
//
// The gateway runs as a process of its own, so that its memory and its descriptors can be measured.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iostream>
#include <memory>
#include <string>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/call.h"
#include "tests/testkit/channel.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/reserved_port.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::v1::ApiKeys;
using apikeys::v1::GetApiKeyRequest;
using emulator::Role;

constexpr const char* kPath = "/docspace.apikeys.v1.ApiKeys/GetApiKey";

#ifdef DOCSPACE_SANITIZER
constexpr std::size_t kCrowd = 500;
#else
constexpr std::size_t kCrowd = 10'000;
#endif

// Returns `clients`, or fewer if this process may not open as many descriptors.
std::size_t Affordable(std::size_t clients) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  // The gateway may open as many, and needs others for the portal and for itself.
  const std::size_t affordable = std::min<std::size_t>(clients, limit.rlim_max / 4);
  if (affordable < clients) {
    std::cout << "Only " << affordable << " connections instead of " << clients
              << ": so many descriptors may be open here (ulimit -Hn).\n";
  }
  return affordable;
}

class CrowdTest : public ::testing::Test {
 protected:
  void Start(const std::vector<std::string>& flags) {
    gateway_ = std::make_unique<GatewayProcess>(portal_->url(), flags);
    stub_ = ApiKeys::NewStub(gateway_->NewChannel());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(CallBy(*stub_).ok());
  }

  CallResult CallBy(ApiKeys::Stub& stub) {
    return Call(stub, &ApiKeys::Stub::GetApiKey, GetApiKeyRequest(), key_);
  }

  // Connects `clients` clients, makes one call on each, and returns how many got a response.
  std::size_t Gather(std::size_t clients) {
    // Calls without a credential, to which the gateway itself responds.
    for (std::size_t i = 0; i < clients; ++i) crowd_.emplace_back(gateway_->port()).Call(kPath, {});
    return static_cast<std::size_t>(std::count_if(
        crowd_.begin(), crowd_.end(), [](RawHttp2Client& client) { return client.WaitForEnd(1); }));
  }

  const std::unique_ptr<emulator::Emulator> portal_ = emulator::Emulator::Start();
  const std::string key_ = portal_->user(Role::kOwner).api_key;
  std::unique_ptr<GatewayProcess> gateway_;
  std::unique_ptr<ApiKeys::Stub> stub_;
  std::deque<RawHttp2Client> crowd_;
};

TEST_F(CrowdTest, G8_TenThousandConnectionsAreServed) {
  const std::size_t clients = Affordable(kCrowd);
  // Three more connections are left for others.
  Start({"--caller-max-connections=" + std::to_string(clients + 3)});
  const std::size_t before = gateway_->resident_kib();
  EXPECT_EQ(Gather(clients), clients);
  EXPECT_TRUE(CallBy(*stub_).ok());
  EXPECT_TRUE(CallBy(*ApiKeys::NewStub(gateway_->NewChannel())).ok());

  const std::size_t peak = gateway_->peak_resident_kib();
  std::cout << clients << " connections: " << (peak - before) / clients << " KiB each\n";
  if (!kMemoryIsItsOwn) return;
  EXPECT_LE((peak - before) / clients, 64U);
  crowd_.clear();
  EXPECT_TRUE(WaitUntil([&] { return gateway_->resident_kib() <= before + 128 * 1024; }))
      << gateway_->resident_kib() / 1024 << " MiB";
}

TEST_F(CrowdTest, G8_ACrowdBeyondTheLimitIsRefusedAndOthersAreServed) {
  constexpr std::size_t kLimit = 100;
  Start({"--caller-max-connections=" + std::to_string(kLimit), "--portal-max-connections=1"});
  const std::size_t served = Gather(3 * kLimit);
  // The stub uses one connection.
  EXPECT_EQ(served, kLimit - 1);
  EXPECT_TRUE(gateway_->WaitForLine("connections_refused"));
  EXPECT_TRUE(CallBy(*stub_).ok());
  EXPECT_EQ(CallBy(*ApiKeys::NewStub(gateway_->NewChannel())).status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
  crowd_.clear();
  EXPECT_TRUE(WaitUntil([&] { return CallBy(*ApiKeys::NewStub(gateway_->NewChannel())).ok(); }));
}

// A connection from 127.0.0.2 that sends the HTTP/2 preface and nothing else.
class IdleConnection {
 public:
  explicit IdleConnection(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const std::string preface =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(FrameType::kSettings, 0, 0);
    // The write may fail, because the gateway may have closed the connection already.
    static_cast<void>(send(socket_, preface.data(), preface.size(), MSG_NOSIGNAL));
  }
  ~IdleConnection() { close(socket_); }
  IdleConnection(const IdleConnection&) = delete;
  IdleConnection& operator=(const IdleConnection&) = delete;

 private:
  const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
};

TEST_F(CrowdTest, G24_ConnectionsToTheHealthPortTakeNoPlaceOfCallersOrProbes) {
  const ReservedPort health;
  Start({"--health-listen=" + health.address(), "--caller-max-connections=32"});
  std::deque<IdleConnection> idle;
  for (int i = 0; i < 420; ++i) idle.emplace_back(health.port());
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(CallBy(*ApiKeys::NewStub(gateway_->NewChannel())).ok());
    EXPECT_TRUE(
        CallUntyped(NewChannelTo(health.address()), "/grpc.health.v1.Health/Check", "").ok());
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
