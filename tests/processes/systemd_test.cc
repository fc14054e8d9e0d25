// What a service manager learns of the gateway that it started.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

#include "tests/testkit/gateway_process.h"
#include "tests/testkit/notify_socket.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::Optional;
using ::testing::StartsWith;

constexpr const char* kPortal = "http://127.0.0.1:1";

class SystemdTest : public ::testing::Test {
 protected:
  void SetUp() override { setenv("NOTIFY_SOCKET", address_.c_str(), 1); }
  void TearDown() override {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
  }

  // Returns the next message, except for those of the watchdog.
  std::optional<std::string> NextState() const {
    std::optional<std::string> message = socket_.Receive();
    while (message == kAlive) message = socket_.Receive();
    return message;
  }

  const std::string kAlive = "WATCHDOG=1";
  const std::string address_ = "@docspace-systemd-test-" + std::to_string(getpid());
  const NotifySocket socket_{address_};
};

TEST_F(SystemdTest, LearnsOfTheStartOfAReloadAndOfTheStop) {
  GatewayProcess gateway(kPortal, {"--drain-delay=0s", "--drain-grace=3s"});
  const std::string ready = "READY=1\nSTATUS=Serving " + gateway.address() + " for " + kPortal;
  EXPECT_THAT(socket_.Receive(), Optional(ready));
  gateway.Signal(SIGHUP);
  EXPECT_THAT(socket_.Receive(), Optional(StartsWith("RELOADING=1\nMONOTONIC_USEC=")));
  EXPECT_THAT(socket_.Receive(), Optional(ready));
  gateway.Signal(SIGTERM);
  EXPECT_THAT(socket_.Receive(), Optional(std::string("STOPPING=1\nEXTEND_TIMEOUT_USEC=33000000")));
  EXPECT_EQ(gateway.Wait(), 0);
  EXPECT_EQ(socket_.TakeArrived(), std::nullopt);
}

TEST_F(SystemdTest, LearnsThatTheLoopsTurnUntilTheDrainHasEnded) {
  setenv("WATCHDOG_USEC", "2000", 1);
  // The drain waits for the delay, and the main thread with it.
  GatewayProcess gateway(kPortal, {"--drain-delay=200ms"});
  EXPECT_THAT(NextState(), Optional(StartsWith("READY=1\n")));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(socket_.Receive(), Optional(kAlive));
  gateway.Signal(SIGTERM);
  EXPECT_THAT(NextState(), Optional(StartsWith("STOPPING=1\n")));
  EXPECT_THAT(socket_.Receive(), Optional(kAlive));
  // An end of the socket would let the gateway wait for room in its queue.
  while (!gateway.HasEnded()) socket_.TakeArrived();
  EXPECT_EQ(gateway.Wait(), 0);
}

TEST_F(SystemdTest, IsNoConditionOfServing) {
  setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
  GatewayProcess gateway(kPortal, {"--drain-delay=0s"});
  EXPECT_TRUE(gateway.WaitForLine("service_manager_unreachable"));
  gateway.Signal(SIGTERM);
  EXPECT_EQ(gateway.Wait(), 0);
}

}  // namespace
}  // namespace docspace::gateway::testkit
