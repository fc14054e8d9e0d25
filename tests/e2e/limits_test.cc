// Concurrent calls up to the gateway's limits and beyond them.
#include <gmock/gmock.h>

#include <deque>

#include "tests/e2e/end_to_end.h"
#include "tests/emulator/test_connection.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/grpc_behaviour.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using grpc::StatusCode;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kPath = "/docspace.apikeys.v1.ApiKeys/GetApiKeys";
constexpr const char* kEmptyList = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}";

using LimitsTest = EndToEndTest;

TEST_F(LimitsTest, ListsTenThousandKeys) {
  constexpr int kKeys = 10'000;
  portal().SeedKeys(Role::kOwner, kKeys, "Ключ ");
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  const auto own_stub = ApiKeys::NewStub(gateway().NewChannel(arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.AddMetadata("apikeybearer", portal().user(Role::kOwner).api_key);
  GetApiKeysResponse response;
  const grpc::Status status = own_stub->GetApiKeys(&context, {}, &response);
  Check(CallResultOf(status, context));
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.api_keys_size(), kKeys + 4);
  EXPECT_EQ(response.api_keys(0).name(), "Ключ 10000");
  EXPECT_EQ(response.api_keys(kKeys - 1).name(), "Ключ 1");
  EXPECT_EQ(response.count(), 1);
  EXPECT_FALSE(response.has_total());
}

// One call, with everything that must live until it ends.
struct Self {
  grpc::ClientContext context;
  GetApiKeyRequest request;
  GetApiKeyResponse response;
  std::promise<grpc::Status> status;
};

TEST_F(LimitsTest, AnswersAThousandCallsAtOnceEachToItsCaller) {
  constexpr std::size_t kCalls = 1000;
  constexpr Role kCallers[] = {Role::kOwner, Role::kDocSpaceAdmin, Role::kRoomAdmin, Role::kUser};
  std::deque<Self> calls(kCalls);
  for (std::size_t i = 0; i < kCalls; ++i) {
    Self& self = calls[i];
    self.context.set_deadline(std::chrono::system_clock::now() + kPatience);
    self.context.AddMetadata("apikeybearer", portal().user(kCallers[i % 4]).api_key);
    stub().async()->GetApiKey(
        &self.context, &self.request, &self.response,
        [&self](const grpc::Status& status) { self.status.set_value(status); });
  }
  for (std::size_t i = 0; i < kCalls; ++i) {
    const grpc::Status status = calls[i].status.get_future().get();
    Check(CallResultOf(status, calls[i].context));
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(calls[i].response.api_key().id(), portal().user(kCallers[i % 4]).api_key_id);
  }
  EXPECT_EQ(portal().request_count(), kCalls);
}

TEST_F(LimitsTest, G7_G13_AMessageBeyondTheLimitIsRefusedByGrpc) {
  CreateApiKeyRequest request;
  request.set_name(std::string(64 * 1024, 'n'));
  const auto answer = Call(request, ApiKeyOf(Role::kOwner));
  EXPECT_EQ(answer.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(portal().request_count(), 0U);
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
}

TEST_F(LimitsTest, G7_WhatIsNoMessageOrNoMethodIsRefusedByGrpc) {
  const auto channel = gateway().NewChannel();
  const auto code = [&channel](const std::string& method, const std::string& request) {
    return CallUntyped(channel, method, request).status.error_code();
  };
  EXPECT_EQ(code("/grpc.health.v1.Health/Check", "\xff\xff garbage"), StatusCode::INTERNAL);
  // The message of a call without a credential is not read.
  EXPECT_EQ(code(kPath, "\xff\xff garbage"), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("/docspace.apikeys.v1.ApiKeys/Other", ""), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(code("/docspace.apikeys.v1.ApiKeys/", ""), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(code("/docspace.apikeys.v2.ApiKeys/GetApiKeys", ""), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(code("/GetApiKeys", ""), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(portal().request_count(), 0U);
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
}

TEST_F(LimitsTest, G7_WhatIsNoHttp2IsClosed) {
  const auto port = static_cast<std::uint16_t>(gateway().gateway().port());
  for (const std::string& octets :
       {emulator::Get("/api/2.0/keys", "Authorization: Bearer planted\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(506, 'x'),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(1'000, '\xff'),
        std::string(1'000, '\0')}) {
    emulator::TestConnection connection(port);
    connection.Send(octets);
    connection.ReadToEnd();
  }
  EXPECT_EQ(portal().request_count(), 0U);
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
}

// A call in raw bytes, whose DATA frame contradicts the length in gRPC's prefix.
TEST_F(LimitsTest, G7_AMessageWhoseLengthIsALieReachesNoPortal) {
  const auto port = static_cast<std::uint16_t>(gateway().gateway().port());
  const std::string head = RawHttp2Client::Head(
      1, kPath, {{"apikeybearer", portal().user(Role::kOwner).api_key}, {"grpc-timeout", "500m"}});
  for (const std::string& body :
       {std::string(), std::string("\0", 1), std::string("\0\0\0\x01\0", 5) + "cut",
        std::string("\0\xff\xff\xff\xff", 5), std::string("\x01\0\0\0\x03", 5) + "zip"}) {
    RawHttp2Client client(port);
    client.Send(head + Frame(FrameType::kData, kEndStream, 1, body));
    EXPECT_TRUE(client.WaitForEnd(1));
  }
  EXPECT_EQ(portal().request_count(), 0U);
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
}

TEST_F(LimitsTest, G7_BinaryMetadataThatIsNoBase64EndsThatConnectionAtMost) {
  const auto port = static_cast<std::uint16_t>(gateway().gateway().port());
  RawHttp2Client bystander(port);
  const RawHttp2Client::Headers credential = {
      {"apikeybearer", portal().user(Role::kOwner).api_key}};
  ASSERT_TRUE(bystander.WaitForEnd(bystander.Call(kPath, credential)));
  for (const std::string value : {"$$$", "a", "AAAA=AAA", "\xff\xfe"}) {
    RawHttp2Client client(port);
    client.Call(kPath, {{"x-trace-bin", value}});
    EXPECT_EQ(client.WaitForPong(), !kMalformedEntryEndsConnection) << value;
  }
  EXPECT_EQ(portal().request_count(), 1U);
  EXPECT_TRUE(bystander.WaitForEnd(bystander.Call(kPath, credential)));
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_EQ(portal().request_count(), 3U);
}

TEST_F(LimitsTest, G7_ANameThatIsNotUtf8NeverReachesThePortal) {
  CreateApiKeyRequest request;
  request.set_name("\xff\xfe");
  EXPECT_EQ(Call(request, ApiKeyOf(Role::kOwner)).status.error_code(), StatusCode::INTERNAL);
  EXPECT_EQ(portal().request_count(), 0U);
}

TEST_F(LimitsTest, G9_MetadataBeyondTheLimitIsRefusedHereToo) {
  // gRPC enforces its own limit only if the client acknowledges SETTINGS, which this one never
  // does.
  RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
  const RawHttp2Client::Headers headers = {{"apikeybearer", portal().user(Role::kOwner).api_key},
                                           {"x-padding", std::string(60'000, 'p')}};
  EXPECT_TRUE(client.WaitForEnd(client.Call(kPath, headers)));
  EXPECT_EQ(portal().request_count(), 0U);
  EXPECT_THAT(gateway().log().RpcLines(), SizeIs(1));
  EXPECT_TRUE(gateway().log().WaitFor("REQUEST_TOO_LARGE"));
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
}

class SilentCallersTest : public EndToEndTest {
  void Configure(Config& config) override {
    config.limits.handshake_timeout = std::chrono::milliseconds(300);
  }
};

TEST_F(SilentCallersTest, G8_ConnectionsThatSayNothingOrTooLittleAreClosed) {
  constexpr int kEach = 50;
  const auto port = static_cast<std::uint16_t>(gateway().gateway().port());
  const auto call = [this] { return Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok(); };
  // On a busy machine even a caller's own handshake may take too long.
  EXPECT_TRUE(WaitUntil(call));
  std::deque<emulator::TestConnection> silent;
  for (const std::string_view beginning :
       {"", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
    for (int i = 0; i < kEach; ++i) silent.emplace_back(port).Send(beginning);
  }
  EXPECT_TRUE(call());
  for (emulator::TestConnection& connection : silent) connection.ReadToEnd();
  EXPECT_TRUE(call());
}

// The limit that applies to calls in flight.
enum class Bound { kNumber, kMemory };

class OverloadTest : public EndToEndTest, public ::testing::WithParamInterface<Bound> {
 protected:
  static constexpr std::size_t kLimit = 4;

  void Configure(Config& config) override {
    upstream_.Always(Script().ReadRequest());
    config.portal.origin.port = upstream_.port();
    if (GetParam() == Bound::kNumber) {
      config.limits.max_in_flight = kLimit;
    } else {
      // The half of a minimum is added for the messages of the requests.
      config.limits.max_buffered_bytes =
          kLimit * MemoryBudget::kMinimumPerCall + MemoryBudget::kMinimumPerCall / 2;
    }
  }

  ScriptedUpstream upstream_;
};

INSTANTIATE_TEST_SUITE_P(By, OverloadTest, ::testing::Values(Bound::kNumber, Bound::kMemory),
                         [](const auto& bound) {
                           return bound.param == Bound::kNumber ? "Number" : "Memory";
                         });

TEST_P(OverloadTest, ACallTooManyIsRefusedAtOnceUntilAnotherEnds) {
  std::vector<std::unique_ptr<Pending>> pending;
  for (std::size_t i = 0; i < kLimit; ++i) {
    pending.push_back(Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)));
  }
  ASSERT_TRUE(WaitUntil([this] { return upstream_.requests() == kLimit; }));
  for (const Rpc rpc : kRpcs) {
    const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
    EXPECT_THAT(outcome, IsError(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"));
    ASSERT_THAT(outcome, HasDetail<google::rpc::RetryInfo>());
    EXPECT_EQ(outcome.trailer("grpc-retry-pushback-ms"), "1000");
  }
  EXPECT_EQ(upstream_.requests(), kLimit);
  for (auto& call : pending) call->Cancel();
  for (auto& call : pending) {
    EXPECT_EQ(call->Wait().status.error_code(), StatusCode::CANCELLED);
  }
  upstream_.Always(Script().ReadRequest().Send(kEmptyList));
  EXPECT_TRUE(WaitUntil([this] { return Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok(); }));
}

TEST_P(OverloadTest, G9_AClientThatMindsNoLimitIsHeldToThisOne) {
  constexpr std::size_t kStreams = 2000;
  RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
  const RawHttp2Client::Headers headers = {{"apikeybearer", portal().user(Role::kOwner).api_key}};
  for (std::size_t sent = 0; sent < kStreams;) {
    // Calls that the gateway has not yet read count for another limit, that of begun calls. Newer
    // gRPC refuses those beyond its limit of streams itself.
    for (int i = 0; i < 200; ++i, ++sent) client.Call(kPath, headers);
    ASSERT_TRUE(client.WaitForEnds(sent - kLimit));
  }
  ASSERT_TRUE(WaitUntil([this] { return upstream_.requests() == kLimit; }));
  EXPECT_EQ(upstream_.requests(), kLimit);
  for (const auto& line : gateway().log().RpcLines()) {
    EXPECT_EQ(line.at("reason"), "GATEWAY_OVERLOADED");
  }
}

// One credential with more calls than its share, and other credentials.
class ShareTest : public EndToEndTest {
 protected:
  static constexpr std::size_t kLimit = 20;

  void Configure(Config& config) override {
    // The portal reads requests and sends no response.
    upstream_.Always(Script().ReadRequest());
    config.portal.origin.port = upstream_.port();
    config.limits.max_in_flight = kLimit;
    config.limits.max_writes_per_credential = 2;
  }

  // Starts calls of `role`, until `requests` have reached the portal.
  void Take(Rpc rpc, Role role, std::size_t requests) {
    while (upstream_.requests() < requests) {
      const std::size_t before = upstream_.requests();
      pending_.push_back(Start(rpc, ApiKeyOf(role)));
      ASSERT_TRUE(WaitUntil([&] { return upstream_.requests() > before; }));
    }
  }

  // Returns the limit that refused the call, and checks how the call may be retried.
  std::string LimitOf(const CallResult& outcome) {
    EXPECT_THAT(outcome, IsError(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"));
    EXPECT_THAT(outcome, HasDetail<google::rpc::RetryInfo>());
    const std::string limit = outcome.metadata("limit");
    EXPECT_THAT(outcome.status.error_message(), HasSubstr(limit));
    return limit;
  }

  ScriptedUpstream upstream_;
  std::vector<std::unique_ptr<Pending>> pending_;
};

TEST_F(ShareTest, G15_ACredentialThatHoldsAllKeepsNobodyOut) {
  Take(Rpc::kGetApiKeys, Role::kOwner, kLimit);
  EXPECT_EQ(LimitOf(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner))), "--max-in-flight");
  Take(Rpc::kGetApiKeys, Role::kUser, kLimit + 1);
  const CallResult again = Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  EXPECT_EQ(LimitOf(again), "--max-in-flight");
  EXPECT_THAT(again.status.error_message(), HasSubstr("half of all calls"));
  // The same credential counts as one in every form.
  EXPECT_EQ(LimitOf(Call(Rpc::kGetApiKeys, BearerOf(portal().user(Role::kOwner).api_key))),
            "--max-in-flight");
  EXPECT_EQ(upstream_.requests(), kLimit + 1);
}

TEST_F(ShareTest, G15_WritesOfACredentialHaveALimitThatOthersDoNotShare) {
  Take(Rpc::kDeleteApiKey, Role::kOwner, 2);
  EXPECT_EQ(LimitOf(Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner))),
            "--max-writes-per-credential");
  Take(Rpc::kGetApiKeys, Role::kOwner, 3);
  Take(Rpc::kCreateApiKey, Role::kUser, 4);
}

// Large responses and a small memory budget.
class MemoryTest : public EndToEndTest {
 protected:
  static constexpr std::size_t kBudget = std::size_t{4} * 1024 * 1024;
  static constexpr std::size_t kLarge = std::size_t{512} * 1024;

  void Configure(Config& config) override {
    upstream_.Always(Script().ReadRequest().Send(kEmptyList).Repeat());
    config.portal.origin.port = upstream_.port();
    config.limits.max_buffered_bytes = kBudget;
    config.limits.max_request_bytes = std::size_t{1024} * 1024;
  }

  // Returns a script that sends a key with a name of `size` bytes and waits for the signal `go`
  // before the last ones.
  static Script LargeAnswer(std::size_t size, const std::string& go = "go") {
    const std::string front = R"({"response":[{"name":")";
    const std::string back = R"("}]})";
    return Script()
        .ReadRequest()
        .WaitFor("answer")
        .Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk(front) +
              Chunk(std::string(size, 'x')))
        .WaitFor(go)
        .Send(Chunk(back) + Chunk(""));
  }

  static std::string Chunk(const std::string& data) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    return size + data + "\r\n";
  }

  std::ptrdiff_t Refused() {
    const auto lines = gateway().log().RpcLines();
    return std::count_if(lines.begin(), lines.end(),
                         [](const auto& line) { return line.at("code") == "RESOURCE_EXHAUSTED"; });
  }

  bool WaitUntilNothingIsHeld() {
    return WaitUntil([this] { return gateway().gateway().buffered_bytes() == 0; });
  }

  ScriptedUpstream upstream_;
};

// Only lists can be long.
TEST_F(MemoryTest, R8_OtherAnswersThanListsAreCutAtOneMiB) {
  const std::string answer = R"({"response":{"name":")" + std::string(1024 * 1024, 'x') + R"("}})";
  upstream_.Next(Script().ReadRequest().Send(
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(answer.size()) + "\r\n\r\n" + answer));
  const CallResult outcome = Call(Rpc::kGetApiKey, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(outcome, IsError(StatusCode::INTERNAL, "UPSTREAM_MALFORMED"));
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
}

TEST_F(MemoryTest, S1_LargeAnswersAtOnceStayWithinTheBudgetAndLeaveRoomForSmallOnes) {
  constexpr std::size_t kCalls = 24;
  // Each response holds its bytes until its signal.
  constexpr std::size_t kHeldAtMost = kBudget / kLarge;
  std::vector<std::unique_ptr<Pending>> large;
  for (std::size_t i = 0; i < kCalls; ++i) {
    upstream_.Next(LargeAnswer(kLarge, "go " + std::to_string(i)));
    large.push_back(Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)));
    ASSERT_TRUE(WaitUntil([&] { return upstream_.requests() == i + 1; }));
  }
  upstream_.Signal("answer");
  ASSERT_TRUE(WaitUntil([this] { return Refused() >= std::ptrdiff_t{kCalls - kHeldAtMost}; }));
  EXPECT_LE(gateway().gateway().buffered_bytes(), kBudget);
  for (int i = 0; i < 10; ++i) {
    for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kGetAllPermissions}) {
      const CallResult small = Call(rpc, ApiKeyOf(Role::kOwner));
      EXPECT_TRUE(small.ok()) << small;
    }
  }

  // They end one after another, because responses that the caller has not read have a smaller
  // limit.
  for (std::size_t i = 0; i < kCalls; ++i) {
    upstream_.Signal("go " + std::to_string(i));
    const CallResult outcome = large[i]->Wait();
    if (outcome.ok()) continue;
    EXPECT_THAT(outcome, IsError(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"));
    EXPECT_THAT(outcome, HasDetail<google::rpc::RetryInfo>());
  }
  EXPECT_TRUE(WaitUntilNothingIsHeld());
}

TEST_F(MemoryTest, ALargeAnswerIsTakenWhereThereIsRoom) {
  upstream_.Signal("answer");
  upstream_.Signal("go");
  upstream_.Next(LargeAnswer(kLarge));
  const auto answer = Call(GetApiKeysRequest(), ApiKeyOf(Role::kOwner));
  ASSERT_TRUE(answer.ok()) << answer;
  EXPECT_EQ(answer.response.api_keys(0).name().size(), kLarge);
  EXPECT_TRUE(WaitUntilNothingIsHeld());
}

class LittleMemoryTest : public MemoryTest {
 protected:
  void Configure(Config& config) override {
    MemoryTest::Configure(config);
    config.limits.max_buffered_bytes = kLarge;
  }
};

TEST_F(LittleMemoryTest, AWriteWhoseAnswerFindsNoRoomIsOfUnknownOutcome) {
  upstream_.Signal("answer");
  upstream_.Signal("go");
  upstream_.Next(LargeAnswer(kLarge));
  const CallResult outcome = Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(outcome, IsError(StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"));
  EXPECT_THAT(outcome, ::testing::Not(HasDetail<google::rpc::RetryInfo>()));
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_EQ(upstream_.requests(), 1U);
  EXPECT_TRUE(WaitUntilNothingIsHeld());
}

TEST_F(MemoryTest, AnAnswerIsNotDecodedWithoutRoomForItsMessage) {
  // The body takes half of the budget, and the message may be as large. A call may have three
  // quarters.
  std::string list = "{}";
  while (list.size() < kBudget / 2) list.append(",{}");
  const std::string body = "{\"response\":[" + list + "]}";
  upstream_.Next(Script().ReadRequest().Send(
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  const CallResult outcome = Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(outcome, IsError(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"));
  EXPECT_TRUE(WaitUntilNothingIsHeld());
}

TEST_F(MemoryTest, ARequestCountsToo) {
  CreateApiKeyRequest request;
  for (std::size_t i = 0; i < 100'000; ++i) request.add_permissions("");
  const CallResult outcome = Call(request, ApiKeyOf(Role::kOwner));
  EXPECT_THAT(outcome, IsError(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"));
  EXPECT_EQ(upstream_.requests(), 0U);
  EXPECT_TRUE(WaitUntilNothingIsHeld());
}

}  // namespace
}  // namespace docspace::gateway::testkit
