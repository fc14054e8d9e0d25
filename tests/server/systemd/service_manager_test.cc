#include "server/systemd/service_manager.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "tests/testkit/notify_socket.h"

namespace docspace::gateway::systemd {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using ::testing::MatchesRegex;
using ::testing::Optional;
using testkit::NotifySocket;

using Environment = std::map<std::string, std::string>;

absl::StatusOr<ServiceManager> From(const Environment& environment) {
  return ServiceManager::FromEnvironment([&environment](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

// Bazel's own folder for a test has a longer path than a socket may have.
std::string TemporaryPath() {
  return std::filesystem::temp_directory_path() / ("notify-" + std::to_string(getpid()));
}

TEST(ServiceManager, TellsTheSocketAtAPath) {
  const std::string path = TemporaryPath();
  const NotifySocket socket(path);
  const absl::StatusOr<ServiceManager> manager = From({{"NOTIFY_SOCKET", path}});
  ASSERT_TRUE(manager.ok()) << manager.status();

  manager->IsReady("Serving 127.0.0.1:1");
  EXPECT_THAT(socket.Receive(), Optional(std::string("READY=1\nSTATUS=Serving 127.0.0.1:1")));
  manager->IsReloading();
  EXPECT_THAT(socket.Receive(), Optional(MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*")));
  manager->IsAlive();
  EXPECT_THAT(socket.Receive(), Optional(std::string("WATCHDOG=1")));
  manager->IsStopping(seconds(33));
  EXPECT_THAT(socket.Receive(), Optional(std::string("STOPPING=1\nEXTEND_TIMEOUT_USEC=33000000")));
  unlink(path.c_str());
}

TEST(ServiceManager, TellsAnAbstractSocket) {
  const std::string name = "@docspace-test-" + std::to_string(getpid());
  const NotifySocket socket(name);
  const absl::StatusOr<ServiceManager> manager = From({{"NOTIFY_SOCKET", name}});
  ASSERT_TRUE(manager.ok()) << manager.status();
  manager->IsAlive();
  EXPECT_THAT(socket.Receive(), Optional(std::string("WATCHDOG=1")));
}

// Otherwise a text from outside could send further assignments.
TEST(ServiceManager, EndsAStatusAtALineBreak) {
  const std::string name = "@docspace-lines-" + std::to_string(getpid());
  const NotifySocket socket(name);
  const absl::StatusOr<ServiceManager> manager = From({{"NOTIFY_SOCKET", name}});
  ASSERT_TRUE(manager.ok()) << manager.status();
  manager->IsReady("Serving\nSTOPPING=1");
  EXPECT_THAT(socket.Receive(), Optional(std::string("READY=1\nSTATUS=Serving")));
}

TEST(ServiceManager, TellsNobodyWithoutASocket) {
  for (const Environment& environment : {Environment{}, Environment{{"NOTIFY_SOCKET", ""}}}) {
    const absl::StatusOr<ServiceManager> manager = From(environment);
    ASSERT_TRUE(manager.ok()) << manager.status();
    manager->IsReady("Serving");
    EXPECT_EQ(manager->watchdog_timeout(), std::nullopt);
  }
}

TEST(ServiceManager, RefusesAnAddressOfAnotherKind) {
  for (const std::string& address :
       {std::string("vsock:2:1234"), std::string("relative/path"), std::string("@"),
        std::string("/"), "/" + std::string(107, 'x')}) {
    EXPECT_EQ(From({{"NOTIFY_SOCKET", address}}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << address;
  }
}

TEST(ServiceManager, ReportsThatNobodyListens) {
  EXPECT_EQ(From({{"NOTIFY_SOCKET", TemporaryPath()}}).status().code(),
            absl::StatusCode::kUnavailable);
}

// The service manager may end before the gateway does.
TEST(ServiceManager, SurvivesTheEndOfTheSocket) {
  const std::string name = "@docspace-end-" + std::to_string(getpid());
  std::optional<NotifySocket> socket(name);
  const absl::StatusOr<ServiceManager> manager = From({{"NOTIFY_SOCKET", name}});
  ASSERT_TRUE(manager.ok()) << manager.status();
  socket.reset();
  manager->IsAlive();
}

TEST(ServiceManager, LimitsTheTimeOfAStop) {
  const std::string name = "@docspace-stop-" + std::to_string(getpid());
  const NotifySocket socket(name);
  const absl::StatusOr<ServiceManager> manager = From({{"NOTIFY_SOCKET", name}});
  ASSERT_TRUE(manager.ok()) << manager.status();
  manager->IsStopping(microseconds::max());
  EXPECT_THAT(socket.Receive(),
              Optional(std::string("STOPPING=1\nEXTEND_TIMEOUT_USEC=86400000000")));
}

TEST(ServiceManager, KnowsTheTimeoutOfTheWatchdog) {
  const std::string name = "@docspace-watchdog-" + std::to_string(getpid());
  const NotifySocket socket(name);
  const std::string self = std::to_string(getpid());
  const auto timeout = [&](const std::string& value, const std::string& process) {
    const Environment environment = {
        {"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", value}, {"WATCHDOG_PID", process}};
    return From(environment)->watchdog_timeout();
  };
  EXPECT_EQ(timeout("20000000", self), seconds(20));
  EXPECT_EQ(timeout("20000000", ""), seconds(20));
  EXPECT_EQ(timeout("20000000", "1"), std::nullopt);
  EXPECT_EQ(timeout("20000000", "me"), std::nullopt);
  EXPECT_EQ(timeout("18446744073709551615", self), std::chrono::hours(24));
  for (const char* value : {"", "0", "-1", "20s", "18446744073709551616"}) {
    EXPECT_EQ(timeout(value, self), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace docspace::gateway::systemd
