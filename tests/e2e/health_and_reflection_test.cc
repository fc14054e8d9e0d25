// The standard gRPC services, tested with messages in wire format.
#include <gmock/gmock.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "tests/e2e/end_to_end.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

// HealthCheckResponse{status: …}.
const std::string kServing("\x08\x01", 2);
const std::string kNotServing("\x08\x02", 2);
// HealthCheckRequest{service: "docspace.apikeys.v1.ApiKeys"}.
const std::string kOfApiKeys =
    "\x0a\x1b"
    "docspace.apikeys.v1.ApiKeys";

using HealthTest = EndToEndTest;

TEST_F(HealthTest, IsServing) {
  const auto channel = gateway().NewChannel();
  EXPECT_EQ(CallUntyped(channel, "/grpc.health.v1.Health/Check", "").response, kServing);
  EXPECT_EQ(CallUntyped(channel, "/grpc.health.v1.Health/Check", kOfApiKeys).response, kServing);
}

TEST_F(HealthTest, WatchersLearnOfADrain) {
  // The drain ends watches soon after the last call has ended.
  portal().FailNext({.delivery = {.delay = std::chrono::hours(1)}});
  const auto last_call = Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  ASSERT_TRUE(WaitUntil([this] { return portal().request_count() == 1; }));
  UntypedStream watch(gateway().NewChannel(), "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(watch.Write(""));
  EXPECT_THAT(watch.Read(), Optional(kServing));
  std::thread drain([this] { gateway().gateway().Drain(); });
  EXPECT_THAT(watch.Read(), Optional(kNotServing));
  last_call->Cancel();
  drain.join();
}

// Returns a message whose field `number`, below 16, is a string of `size` bytes.
std::string MessageOf(int number, std::size_t size) {
  std::string message(1, static_cast<char>(number << 3 | 2));
  message += static_cast<char>(size % 128 + 128);
  message += static_cast<char>(size / 128);
  return message + std::string(size, 's');
}

constexpr std::size_t kBelowLimit = 4096 - 3;

TEST_F(HealthTest, G13_TakesRequestsOfFourKibibytesAndNoMore) {
  const auto channel = gateway().NewChannel();
  const auto code = [&](std::size_t size) {
    return CallUntyped(channel, "/grpc.health.v1.Health/Check", MessageOf(1, size))
        .status.error_code();
  };
  EXPECT_EQ(code(kBelowLimit), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(code(kBelowLimit + 1), grpc::StatusCode::RESOURCE_EXHAUSTED);
  UntypedStream watch(channel, "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(watch.Write(MessageOf(1, kBelowLimit + 1)));
  EXPECT_EQ(watch.Read(), std::nullopt);
}

// Each version of the service, by the full name of its only method.
constexpr const char* kV1 = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr const char* kV1Alpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
constexpr const char* kVersions[] = {kV1, kV1Alpha};

using ReflectionTest = EndToEndTest;

TEST_F(ReflectionTest, G13_TakesRequestsOfFourKibibytesAndNoMore) {
  for (const char* version : kVersions) {
    UntypedStream reflection(gateway().NewChannel(), version);
    ASSERT_TRUE(reflection.Write(MessageOf(4, kBelowLimit))) << version;
    EXPECT_NE(reflection.Read(), std::nullopt) << version;
    ASSERT_TRUE(reflection.Write(MessageOf(4, kBelowLimit + 1))) << version;
    EXPECT_EQ(reflection.Read(), std::nullopt) << version;
  }
}

TEST_F(ReflectionTest, ListsTheServices) {
  for (const char* version : kVersions) {
    UntypedStream reflection(gateway().NewChannel(), version);
    ASSERT_TRUE(reflection.Write("\x3a\x01*"));  // list_services
    const auto services = reflection.Read();
    for (const char* name :
         {"docspace.apikeys.v1.ApiKeys", "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}) {
      EXPECT_THAT(services, Optional(HasSubstr(name))) << version;
    }
  }
}

TEST_F(ReflectionTest, DescribesTheApi) {
  for (const char* version : kVersions) {
    UntypedStream reflection(gateway().NewChannel(), version);
    // file_containing_symbol
    ASSERT_TRUE(
        reflection.Write("\x22\x1b"
                         "docspace.apikeys.v1.ApiKeys"));
    const auto file = reflection.Read();
    EXPECT_THAT(file, Optional(HasSubstr("CreateApiKeyRequest"))) << version;
    EXPECT_THAT(file, Optional(HasSubstr("expires_in_days"))) << version;
    // The name in JSON.
    EXPECT_THAT(file, Optional(HasSubstr("expiresInDays"))) << version;
  }
}

// The messages that a client generates from the proto of v1.
TEST_F(ReflectionTest, AnswersAClientOfVersionOne) {
  namespace v1 = grpc::reflection::v1;
  const auto stub = v1::ServerReflection::NewStub(gateway().NewChannel());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  v1::ServerReflectionRequest request;
  request.set_host("a.example");
  request.set_file_containing_symbol(v1::ServerReflection::service_full_name());
  ASSERT_TRUE(stream->Write(request));
  v1::ServerReflectionResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.valid_host(), "a.example");
  EXPECT_EQ(response.original_request().file_containing_symbol(), request.file_containing_symbol());
  ASSERT_EQ(response.file_descriptor_response().file_descriptor_proto_size(), 1);
  EXPECT_THAT(response.file_descriptor_response().file_descriptor_proto(0),
              HasSubstr("grpc/reflection/v1/reflection.proto"));
  request.set_file_containing_symbol("unknown");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(stream->WritesDone());
  EXPECT_TRUE(stream->Finish().ok());
}

// A gateway with --allowed-callers; this caller has no certificate.
class ReflectionForSomeTest : public EndToEndTest {
  void Configure(Config& config) override { config.tls.allowed_callers = {"a.example"}; }
};

TEST_F(ReflectionForSomeTest, G19_IsForThoseWhoMayCall) {
  for (const char* version : kVersions) {
    UntypedStream reflection(gateway().NewChannel(), version);
    reflection.Write("\x3a\x01*");
    EXPECT_FALSE(reflection.Read()) << version;
  }
  EXPECT_EQ(CallUntyped(gateway().NewChannel(), "/grpc.health.v1.Health/Check", "").response,
            kServing);
}

class ReflectionOffTest : public EndToEndTest {
  void Configure(Config& config) override { config.listen.reflection = false; }
};

TEST_F(ReflectionOffTest, G19_IsNotServedWhereItIsOff) {
  for (const char* version : kVersions) {
    const auto outcome = CallUntyped(gateway().NewChannel(), version, "\x3a\x01*");
    EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << version;
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
