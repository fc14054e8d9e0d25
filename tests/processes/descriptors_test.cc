// The gateway has no descriptor left, neither for connections to the portal nor for callers.
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <string>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/call.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of two RPCs.
using emulator::Role;
using grpc::StatusCode;

TEST(DescriptorsTest, S6_WithoutDescriptorsCallsFailAndWithThemAllGoesOn) {
#if defined(DOCSPACE_SANITIZER) && !defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "built with AddressSanitizer and UndefinedBehaviorSanitizer the program ends";
#endif
  // Each request to the portal needs a new connection.
  const auto portal = emulator::Emulator::Start({.http = {.requests_per_connection = 1}});
  const std::string key = portal->user(Role::kOwner).api_key;
  GatewayProcess gateway(portal->url());
  const auto stub = ApiKeys::NewStub(gateway.NewChannel());
  CreateApiKeyRequest creation;
  creation.set_name("Created");
  ASSERT_TRUE(Call(*stub, &ApiKeys::Stub::GetApiKey, GetApiKeyRequest(), key).ok());

  gateway.ForbidDescriptors();
  for (int i = 0; i < 10; ++i) {
    const CallResult read = Call(*stub, &ApiKeys::Stub::GetApiKey, GetApiKeyRequest(), key);
    EXPECT_THAT(read, IsError(StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
    const CallResult write = Call(*stub, &ApiKeys::Stub::CreateApiKey, creation, key);
    EXPECT_EQ(write.status.error_code(), StatusCode::UNAVAILABLE) << write;
  }
  EXPECT_EQ(portal->CreatedWithName("Created"), 0U);
  const auto newcomer = gateway.NewChannel();
  auto health = std::async(std::launch::async, [&newcomer] {
    return CallUntyped(newcomer, "/grpc.health.v1.Health/Check", "");
  });
  EXPECT_TRUE(gateway.WaitForLine("connections_wait"));

  gateway.AllowDescriptors();
  const CallResult checked = health.get();
  EXPECT_TRUE(checked.ok()) << checked;
  // The circuit breaker may stay open for a moment.
  EXPECT_TRUE(
      WaitUntil([&] { return Call(*stub, &ApiKeys::Stub::CreateApiKey, creation, key).ok(); }));
  EXPECT_EQ(portal->CreatedWithName("Created"), 1U);

  gateway.Signal(SIGTERM);
  EXPECT_EQ(gateway.Wait(), 0);
}

}  // namespace
}  // namespace docspace::gateway::testkit
