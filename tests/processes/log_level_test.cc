// The log level of a gateway, changed while it runs.
#include <gmock/gmock.h>

#include <csignal>
#include <string>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/testkit/call.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::v1::ApiKeys;
using ::testing::MatchesRegex;

TEST(LogLevel, FollowsSignalsOneStepEach) {
  GatewayProcess gateway("http://127.0.0.1:1", {"--log-level=warning", "--drain-delay=0s"});
  const auto levels = [&gateway] {
    std::string names;
    for (const std::string& line : gateway.Lines()) {
      for (const char* name : {"debug", "info"}) {
        const bool is =
            line.find("\"log_level\",\"message\":\"" + std::string(name)) != std::string::npos;
        if (is) names.append(name).append(" ");
      }
    }
    return names;
  };
  gateway.Signal(SIGUSR1);
  EXPECT_TRUE(WaitUntil([&] { return levels() == "info "; }));
  gateway.Signal(SIGUSR1);
  EXPECT_TRUE(WaitUntil([&] { return levels() == "info debug "; }));
  gateway.Signal(SIGUSR2);
  EXPECT_TRUE(WaitUntil([&] { return levels() == "info debug info "; }));
  gateway.Signal(SIGTERM);
  EXPECT_EQ(gateway.Wait(), 0);
}

TEST(LogFormat, IsForPeopleOnDemandAndWithoutColoursInAFile) {
  GatewayProcess gateway("http://127.0.0.1:1", {"--log-format=console", "--drain-delay=0s"});
  const auto stub = ApiKeys::NewStub(gateway.NewChannel());
  Call(*stub, &ApiKeys::Stub::GetApiKey, apikeys::v1::GetApiKeyRequest(), "");
  ASSERT_TRUE(gateway.WaitForLine("GetApiKey"));
  EXPECT_THAT(gateway.Lines().at(1),
              MatchesRegex("20[^ ]*Z info    rpc GetApiKey         [A-Z_]+ reason=[A-Z_]+ "
                           "portal=default duration_ms=[^\x1b]*"));
}

}  // namespace
}  // namespace docspace::gateway::testkit
