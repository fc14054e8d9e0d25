// Callers that compress messages: every server of the gateway refuses compression, so that
// decompressed messages cannot fill its memory.
#include <gmock/gmock.h>
#include <grpc/compression.h>

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
using apikeys::v1::CreateApiKeyRequest;
using emulator::Role;
using grpc::StatusCode;
using ::testing::HasSubstr;

constexpr std::size_t kMessage = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kMostKib = std::size_t{16} * 1024;

class CompressionTest : public ::testing::TestWithParam<grpc_compression_algorithm> {
 protected:
  static grpc::ChannelArguments Compressing() {
    grpc::ChannelArguments arguments;
    arguments.SetCompressionAlgorithm(GetParam());
    return arguments;
  }

  const std::unique_ptr<emulator::Emulator> portal_ = emulator::Emulator::Start();
  const ReservedPort health_;
  const ReservedPort channelz_;
  GatewayProcess gateway_{
      portal_->url(),
      {"--health-listen=" + health_.address(), "--channelz-listen=" + channelz_.address()}};
};

INSTANTIATE_TEST_SUITE_P(By, CompressionTest,
                         ::testing::Values(GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE),
                         [](const auto& test) {
                           return test.param == GRPC_COMPRESS_GZIP ? "Gzip" : "Deflate";
                         });

TEST_P(CompressionTest, G12_IsTakenByNoServerAndCostsNothing) {
  const auto callers = gateway_.NewChannel(Compressing());
  CreateApiKeyRequest request;
  request.set_name(std::string(kMessage, 'a'));
  const CallResult outcome = Call(*ApiKeys::NewStub(callers), &ApiKeys::Stub::CreateApiKey, request,
                                  portal_->user(Role::kOwner).api_key);
  EXPECT_EQ(outcome.status.error_code(), StatusCode::UNIMPLEMENTED) << outcome;
  const std::string message(kMessage, 'a');
  for (const auto& [channel, method] :
       {std::pair(callers, "/grpc.health.v1.Health/Check"),
        std::pair(callers, "/grpc.health.v1.Health/Watch"),
        std::pair(callers, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
        std::pair(callers, "/unknown/Method"),
        std::pair(NewChannelTo(health_.address(), Compressing()), "/grpc.health.v1.Health/Check"),
        std::pair(NewChannelTo(channelz_.address(), Compressing()),
                  "/grpc.channelz.v1.Channelz/GetServers")}) {
    EXPECT_EQ(CallUntyped(channel, method, message).status.error_code(), StatusCode::UNIMPLEMENTED)
        << method;
  }
  EXPECT_EQ(portal_->request_count(), 0U);
  if (kMemoryIsItsOwn) {
    EXPECT_LE(gateway_.peak_resident_kib(), 3 * kMostKib);
  }
  EXPECT_TRUE(Call(*ApiKeys::NewStub(gateway_.NewChannel()), &ApiKeys::Stub::GetApiKey, {},
                   portal_->user(Role::kOwner).api_key)
                  .ok());
}

TEST_P(CompressionTest, G12_CallersAreToldThatIdentityAloneIsTaken) {
  RawHttp2Client client(gateway_.port());
  ASSERT_TRUE(client.WaitForEnd(client.Call("/grpc.health.v1.Health/Check", {})));
  EXPECT_THAT(client.received(), HasSubstr("identity"));
  EXPECT_EQ(client.received().find("gzip"), std::string::npos);
  EXPECT_EQ(client.received().find("deflate"), std::string::npos);
}

// Compression of the whole stream, which earlier versions of gRPC supported.
TEST_P(CompressionTest, G12_ACompressedStreamIsNotDecompressed) {
  RawHttp2Client client(gateway_.port());
  const std::uint32_t stream =
      client.Call("/docspace.apikeys.v1.ApiKeys/GetApiKey",
                  {{"apikeybearer", portal_->user(Role::kOwner).api_key},
                   {"content-encoding", GetParam() == GRPC_COMPRESS_GZIP ? "gzip" : "deflate"}},
                  "\x1f\x8b\x08");
  EXPECT_TRUE(client.WaitForEnd(stream));
  EXPECT_EQ(portal_->request_count(), 0U);
}

}  // namespace
}  // namespace docspace::gateway::testkit
