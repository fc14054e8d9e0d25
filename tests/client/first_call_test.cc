#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/client/fake_gateway.h"

namespace docspace::apikeys {
namespace {

struct Finished {
  int status;
  std::string output;
};

Finished RunFirstCall(const std::string& target) {
  const std::string command =
      "DOCSPACE_API_KEY=sk-0123 client/example/first_call " + target + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  std::string output;
  std::array<char, 256> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  return {::pclose(pipe), output};
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
  EXPECT_NE(finished.status, 0);
  EXPECT_EQ(finished.output, "UNAUTHENTICATED: The portal does not accept the credential.\n");
}

}  // namespace
}  // namespace docspace::apikeys
