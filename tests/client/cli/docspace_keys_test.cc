#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/client/cpp/certificate.h"
#include "tests/client/cpp/fake_gateway.h"
#include "tests/client/cpp/program.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::apikeys::cli {
namespace {

using gateway::testkit::TemporaryFile;

Finished RunDocspaceKeys(const std::string& environment, const std::string& arguments) {
  return RunProgram(environment + " client/cli/docspace-keys " + arguments + " 2>&1");
}

TEST(DocspaceKeys, ReadsItsEnvironmentAndWritesPlainTextIntoAPipe) {
  FakeGateway gateway;
  v1::GetApiKeysResponse keys;
  keys.add_api_keys()->set_name("CI");
  gateway.Answer(keys);
  const Finished finished =
      RunDocspaceKeys("DOCSPACE_BASIC=me:planted DOCSPACE_KEYS_TARGET=" + gateway.target(),
                      "list --plaintext --fields name");
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.output, "NAME\nCI\n");
}

TEST(DocspaceKeys, ReadsACredentialFromAFileDescriptor) {
  const FakeGateway gateway;
  const TemporaryFile key("sk-1\n");
  const Finished finished =
      RunDocspaceKeys("", "permissions --plaintext --target " + gateway.target() +
                              " --credential-fd 7 --credential-scheme api-key 7<" + key.path());
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.output, "");
  EXPECT_EQ(gateway.call().Values("apikeybearer"), std::vector<std::string>{"sk-1"});
}

TEST(DocspaceKeys, ShowsACertificateToAGatewayThatAsksForOne) {
  const Certificate server = MakeCertificate("IP:127.0.0.1");
  const Certificate ours = MakeCertificate("DNS:client.example.com");
  FakeGateway gateway(ServerTls(server, ours.certificate_pem));
  const TemporaryFile authority(server.certificate_pem);
  const TemporaryFile certificate(ours.certificate_pem);
  const TemporaryFile key(ours.private_key_pem);
  const std::string arguments =
      "permissions --target " + gateway.target() + " --ca-file " + authority.path();
  EXPECT_EQ(RunDocspaceKeys("DOCSPACE_API_KEY=sk-1", arguments + " --certificate-file " +
                                                         certificate.path() +
                                                         " --private-key-file " + key.path())
                .status,
            0);
  EXPECT_EQ(RunDocspaceKeys("DOCSPACE_API_KEY=sk-1", arguments).status, 8);
}

TEST(DocspaceKeys, EndsWithTheCodeOfTheFailureAndWithoutTheChatterOfLibraries) {
  const FakeGateway speaks_no_tls;
  const Finished finished = RunDocspaceKeys(
      "DOCSPACE_API_KEY=sk-planted",
      "create --name CI --permission files:read --target " + speaks_no_tls.target());
  // gRPC does not report whether the gateway received the call.
  EXPECT_EQ(finished.status, 9);
  EXPECT_TRUE(finished.output.starts_with("error: ")) << finished.output;
  EXPECT_EQ(finished.output.find("planted"), std::string::npos);
}

TEST(DocspaceKeys, IgnoresATraceThatWouldShowCredentials) {
  const FakeGateway gateway;
  const Finished finished =
      RunDocspaceKeys("GRPC_TRACE=all GRPC_VERBOSITY=debug DOCSPACE_API_KEY=sk-planted",
                      "list --plaintext --target " + gateway.target());
  EXPECT_EQ(finished.status, 0);
  EXPECT_NE(finished.output.find("GRPC_TRACE is ignored"), std::string::npos);
  EXPECT_EQ(finished.output.find("planted"), std::string::npos) << finished.output;
}

// The proxy refuses connections, so a call through it fails and the error names it. Only the proxy
// could resolve the name of the gateway.
TEST(DocspaceKeys, G18_FollowsNoProxyAsCurlDoes) {
  const std::string environment =
      "DOCSPACE_API_KEY=sk-1 https_proxy=http://me:planted@127.0.0.1:1 ";
  const std::string arguments = "list --timeout 5 --target gateway.invalid:1";
  const auto through_proxy = [&](const std::string& variables) {
    const Finished finished = RunDocspaceKeys(environment + variables, arguments);
    EXPECT_EQ(finished.status, 8) << finished.output;
    EXPECT_EQ(finished.output.find("planted"), std::string::npos) << finished.output;
    return finished.output.find("the proxy of https_proxy (127.0.0.1:1)") != std::string::npos;
  };
  EXPECT_TRUE(through_proxy(""));
  EXPECT_TRUE(through_proxy("no_proxy=teway.invalid"));
  EXPECT_FALSE(through_proxy("no_proxy=.invalid"));
  EXPECT_FALSE(through_proxy("NO_PROXY='*'"));
}

TEST(DocspaceKeys, TellsTheIdOfAKeyWhoseAnswerCannotBeWritten) {
  FakeGateway gateway;
  v1::CreateApiKeyResponse created;
  created.mutable_api_key()->set_id("3fa85f64");
  created.mutable_api_key()->set_key("sk-planted");
  gateway.Answer(created);
  int without_reader[2];
  ASSERT_EQ(pipe(without_reader), 0);
  close(without_reader[0]);
  for (const std::string& nowhere :
       {std::string("/dev/full"), "&" + std::to_string(without_reader[1])}) {
    // Other shells do not support descriptors of two digits.
    const Finished finished = RunProgram(
        "DOCSPACE_API_KEY=sk-1 bash -c 'client/cli/docspace-keys --plaintext --target " +
        gateway.target() + " create --name CI --permission files:read 2>&1 >" + nowhere + "'");
    EXPECT_EQ(finished.status, 1) << nowhere;
    EXPECT_NE(finished.output.find("the key 3fa85f64 exists"), std::string::npos)
        << finished.output;
    EXPECT_EQ(finished.output.find("planted"), std::string::npos);
  }
  close(without_reader[1]);
}

TEST(DocspaceKeys, SaysWhenItIsUsedWrongly) {
  const Finished finished = RunDocspaceKeys("", "");
  EXPECT_EQ(finished.status, 2);
  EXPECT_TRUE(finished.output.starts_with("usage error: ")) << finished.output;
}

}  // namespace
}  // namespace docspace::apikeys::cli
