#include <gtest/gtest.h>

#include <string>

#include "tests/client/cpp/fake_gateway.h"
#include "tests/client/cpp/program.h"

namespace docspace::apikeys {
namespace {

Finished RunFirstCall(const std::string& target) {
  return RunProgram("DOCSPACE_API_KEY=sk-0123 client/cpp/example/first_call " + target + " 2>&1");
}

TEST(FirstCall, ListsTheKeys) {
  FakeGateway gateway;
  v1::GetApiKeysResponse keys;
  keys.add_api_keys()->set_name("CI");
  keys.add_api_keys()->set_name("Backup");
  gateway.Answer(keys);
  const Finished finished = RunFirstCall(gateway.target());
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.output, "CI\nBackup\n");
}

TEST(FirstCall, SaysWhyItFailed) {
  FakeGateway gateway;
  gateway.FailNext(StatusOf(GatewayError(grpc::StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED",
                                         "The portal does not accept the credential.")));
  const Finished finished = RunFirstCall(gateway.target());
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.output, "UNAUTHENTICATED: The portal does not accept the credential.\n");
}

}  // namespace
}  // namespace docspace::apikeys
