// Callers that do not read their responses, and callers that do not finish their requests. They
// must not occupy places or memory that others need.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

constexpr const char* kGet = "/docspace.apikeys.v1.ApiKeys/GetApiKey";
constexpr const char* kList = "/docspace.apikeys.v1.ApiKeys/GetApiKeys";
constexpr const char* kCreate = "/docspace.apikeys.v1.ApiKeys/CreateApiKey";
constexpr std::uint32_t kAnyWindow = 0x7fff'0000;

// Returns a serialised CreateApiKeyRequest with a name of `size` bytes.
std::string CreationOf(std::size_t size) {
  apikeys::v1::CreateApiKeyRequest request;
  request.set_name(std::string(size, 'n'));
  return request.SerializeAsString();
}

// The reason for which responses do not reach the caller.
enum class Stall { kSocket, kWindow };

// A connection that reads no response.
class Unreading {
 public:
  Unreading(std::uint16_t port, Stall stall) : client_(port, /*buffers_little=*/true) {
    const bool is_full = stall == Stall::kSocket;
    client_.Send(
        Frame(FrameType::kSettings, 0, 0, Setting(kInitialWindowSize, is_full ? kAnyWindow : 0)));
    if (is_full) client_.Send(WindowUpdate(0, kAnyWindow));
  }

  RawHttp2Client& client() { return client_; }

 private:
  RawHttp2Client client_;
};

class UnreadAnswersTest : public EndToEndTest, public ::testing::WithParamInterface<Stall> {
 protected:
  static constexpr std::size_t kPlaces = 4;

  void Configure(Config& config) override { config.limits.max_in_flight = kPlaces; }

  std::uint16_t port() { return static_cast<std::uint16_t>(gateway().gateway().port()); }
};

INSTANTIATE_TEST_SUITE_P(By, UnreadAnswersTest, ::testing::Values(Stall::kSocket, Stall::kWindow),
                         [](const auto& test) {
                           return test.param == Stall::kSocket ? "FullSocket" : "WindowOfZero";
                         });

TEST_P(UnreadAnswersTest, G20_TheirPlacesAndMemoryAreFreeOnceTheyAreAnswered) {
  portal().SeedKeys(Role::kOwner, 1000, "Key ");
  std::deque<Unreading> callers;
  std::size_t answered = 0;
  for (int i = 0; i < 3; ++i) {
    Unreading& caller = callers.emplace_back(port(), GetParam());
    for (std::size_t j = 0; j < 2 * kPlaces; ++j) {
      caller.client().Call(kList, {{"apikeybearer", portal().user(Role::kOwner).api_key}});
      ++answered;
      ASSERT_TRUE(WaitUntil([&] { return gateway().log().Lines().size() >= answered; }));
    }
  }
  for (const auto& line : gateway().log().RpcLines()) EXPECT_EQ(line.at("code"), "OK");
  EXPECT_TRUE(WaitUntil([this] { return gateway().gateway().buffered_bytes() == 0; }));
  for (std::size_t i = 0; i < 5 * kPlaces; ++i) {
    const CallResult outcome = Call(Rpc::kGetApiKey, ApiKeyOf(Role::kOwner));
    EXPECT_TRUE(outcome.ok()) << outcome;
  }
}

// The gateway is a process of its own, which ends by its drain.
TEST_P(UnreadAnswersTest, G20_S12_ADrainEndsAllTheSame) {
  GatewayProcess process(portal().url(), {"--drain-delay=0", "--drain-grace=1s"});
  portal().SeedKeys(Role::kOwner, 1000, "Key ");
  const auto requests = portal().request_count();
  std::deque<Unreading> callers;
  constexpr std::size_t kCalls = 24;
  for (int i = 0; i < 3; ++i) {
    Unreading& caller = callers.emplace_back(process.port(), GetParam());
    for (std::size_t j = 0; j < kCalls / 3; ++j) {
      caller.client().Call(kList, {{"apikeybearer", portal().user(Role::kOwner).api_key}});
    }
  }
  ASSERT_TRUE(WaitUntil([&] { return portal().request_count() >= requests + kCalls; }));
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0);
}

TEST_P(UnreadAnswersTest, G22_ARefusedCallHoldsItsRequestNoLonger) {
  GatewayProcess process(portal().url(), {});
  Unreading caller(process.port(), GetParam());
  RawHttp2Client& client = caller.client();
  ASSERT_TRUE(CallUntyped(process.NewChannel(), "/grpc.health.v1.Health/Check", "").ok());
  const std::size_t before = process.resident_kib();
  // Calls without a credential, and with one that no portal accepts: their messages are never read.
  constexpr int kCalls = 400;
  const std::string message = CreationOf(60'000);
  for (int i = 0; i < kCalls; ++i) {
    client.Call(kCreate, {}, message);
    if (i % 32 == 31) client.Send(WindowUpdate(0, 1));
  }
  EXPECT_TRUE(CallUntyped(process.NewChannel(), "/grpc.health.v1.Health/Check", "").ok());
  // 24 MB have arrived.
  if (kMemoryIsItsOwn) {
    EXPECT_LE(process.peak_resident_kib(), before + 64 * 1024);
  }
}

class AbandonedAnswersTest : public UnreadAnswersTest {
  void Configure(Config& config) override {
    config.limits.request_timeout = std::chrono::milliseconds(500);
  }
};

INSTANTIATE_TEST_SUITE_P(By, AbandonedAnswersTest, ::testing::Values(Stall::kWindow),
                         [](const auto&) { return "WindowOfZero"; });

TEST_P(AbandonedAnswersTest, G20_AnAnswerThatIsNotTakenInTimeIsGivenUp) {
  Unreading caller(port(), GetParam());
  const std::uint32_t stream =
      caller.client().Call(kGet, {{"apikeybearer", portal().user(Role::kOwner).api_key}});
  // The stream ends by RST_STREAM, because trailers cannot overtake the message.
  EXPECT_TRUE(caller.client().WaitForEnd(stream));
}

class UnreadMemoryTest : public UnreadAnswersTest {
 protected:
  static constexpr std::size_t kMostBytes = std::size_t{1024} * 1024;

  void Configure(Config& config) override {
    config.threads = 1;
    // Unread responses may take a quarter.
    config.limits.max_buffered_bytes = 4 * kMostBytes;
  }

  // Sends a call, whose response the caller does not read, and waits until it has been answered.
  std::uint32_t CallUnread(Unreading& caller) {
    const std::size_t answered = gateway().log().Lines().size();
    const std::uint32_t stream =
        caller.client().Call(kGet, {{"apikeybearer", portal().user(Role::kOwner).api_key}});
    EXPECT_TRUE(WaitUntil([&] { return gateway().log().Lines().size() > answered; }));
    return stream;
  }
};

INSTANTIATE_TEST_SUITE_P(By, UnreadMemoryTest, ::testing::Values(Stall::kWindow),
                         [](const auto&) { return "WindowOfZero"; });

TEST_P(UnreadMemoryTest, G20_TheConnectionThatHoldsTheMostMakesRoom) {
  Unreading bystander(port(), GetParam());
  const std::uint32_t oldest = CallUnread(bystander);
  // gRPC holds at least 16 KiB for a call.
  constexpr std::size_t kTooMany = 2 * kMostBytes / (16 * 1024);
  std::deque<Unreading> hoarders;
  for (int i = 0; i < 2; ++i) {
    Unreading& hoarder = hoarders.emplace_back(port(), GetParam());
    for (std::size_t j = 0; j < kTooMany / 2; ++j) CallUnread(hoarder);
  }
  // The first call of each was given up.
  for (Unreading& hoarder : hoarders) EXPECT_TRUE(hoarder.client().WaitForEnd(1));
  bystander.client().Send(WindowUpdate(oldest, 65'535));
  EXPECT_TRUE(bystander.client().WaitForEnd(oldest));
  EXPECT_THAT(bystander.client().received(), ::testing::HasSubstr(portal().user(Role::kOwner).id));
}

class UnreadMemoryOfLoopsTest : public UnreadMemoryTest {
  void Configure(Config& config) override {
    UnreadMemoryTest::Configure(config);
    config.threads = 4;
  }
};

INSTANTIATE_TEST_SUITE_P(By, UnreadMemoryOfLoopsTest, ::testing::Values(Stall::kWindow),
                         [](const auto&) { return "WindowOfZero"; });

TEST_P(UnreadMemoryOfLoopsTest, G20_ALoopMayUseWhatTheOthersLeave) {
  // A third of the limit, which is more than the part of one loop.
  constexpr std::size_t kThird = kMostBytes / (3 * 17 * 1024);
  Unreading patient(port(), GetParam());
  std::vector<std::uint32_t> streams;
  for (std::size_t i = 0; i < kThird; ++i) streams.push_back(CallUnread(patient));
  // The limit of all loops is exceeded by another connection, which is on another loop.
  Unreading hoarder(port(), GetParam());
  for (std::size_t i = 0; i < 3 * kThird; ++i) CallUnread(hoarder);
  EXPECT_TRUE(hoarder.client().WaitForEnd(1));
  for (const std::uint32_t stream : streams) {
    patient.client().Send(WindowUpdate(stream, 65'535));
    EXPECT_TRUE(patient.client().WaitForEnd(stream));
  }
  const std::string& id = portal().user(Role::kOwner).id;
  const std::string received = patient.client().received();
  std::size_t responses = 0;
  for (auto at = received.find(id); at != std::string::npos; at = received.find(id, at + 1)) {
    ++responses;
  }
  EXPECT_EQ(responses, streams.size());
}

// Calls that send their headers and nothing else.
class BegunCallsTest : public EndToEndTest {
 protected:
  static constexpr std::size_t kStreams = 100;
  static constexpr std::size_t kWaiting = 50;
  // The approximate size that is counted for a call with few headers.
  static constexpr std::size_t kBytesOfCall = 17 * 1024;

  void Configure(Config& config) override {
    config.limits.max_streams = kStreams;
    config.limits.max_waiting_bytes = kWaiting * kBytesOfCall;
    config.threads = 1;
  }

  std::uint16_t port() { return static_cast<std::uint16_t>(gateway().gateway().port()); }
  RawHttp2Client::Headers Credential() {
    return {{"apikeybearer", portal().user(Role::kOwner).api_key}};
  }
};

TEST_F(BegunCallsTest, G21_TheConnectionsThatBeginTheMostAreEndedAndOthersAreServed) {
  constexpr std::uint32_t kOfEach = kWaiting / 2 - 5;
  // The caller that begins a call before all others holds less than each of them.
  RawHttp2Client bystander(port());
  bystander.Send(RawHttp2Client::Head(1, kGet, Credential()));
  ASSERT_TRUE(bystander.WaitForPong());
  std::deque<RawHttp2Client> clients;
  for (int i = 0; i < 5; ++i) {
    RawHttp2Client& client = clients.emplace_back(port());
    for (std::uint32_t j = 0; j < kOfEach; ++j) {
      client.Send(RawHttp2Client::Head(2 * j + 1, kGet, Credential()));
    }
    ASSERT_TRUE(client.WaitForPong());
  }
  // Half of them exceed the limit. Each connection loses its oldest calls, and still works.
  for (RawHttp2Client& client : clients) {
    EXPECT_TRUE(client.WaitForEnd(1));
    EXPECT_TRUE(client.WaitForPong());
  }
  EXPECT_TRUE(Call(Rpc::kGetApiKey, ApiKeyOf(Role::kOwner)).ok());
  constexpr std::uint32_t kYoungest = 2 * (kOfEach - 1) + 1;
  for (auto& [client, stream] :
       {std::pair<RawHttp2Client&, std::uint32_t>(bystander, 1),
        std::pair<RawHttp2Client&, std::uint32_t>(clients.back(), kYoungest)}) {
    client.Send(Frame(FrameType::kData, kEndStream, stream, std::string(5, '\0')));
    EXPECT_TRUE(client.WaitForEnd(stream));
  }
  EXPECT_EQ(portal().request_count(), 3U);
}

TEST_F(BegunCallsTest, G21_AConnectionThatBeginsTooManyIsCutAndNoOther) {
  RawHttp2Client bystander(port());
  ASSERT_TRUE(bystander.WaitForPong());
  for (const char* path : {kGet, "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"}) {
    RawHttp2Client client(port());
    for (std::uint32_t i = 0; i < 2 * kWaiting; ++i) {
      client.Send(RawHttp2Client::Head(2 * i + 1, path, Credential()));
    }
    // gRPC responds to a ping that arrives before the connection is closed.
    EXPECT_TRUE(WaitUntil([&client] { return !client.WaitForPong(); })) << path;
    EXPECT_TRUE(Call(Rpc::kGetApiKey, ApiKeyOf(Role::kOwner)).ok()) << path;
  }
  EXPECT_TRUE(bystander.WaitForPong());
}

TEST_F(BegunCallsTest, G21_CallsOfNoMethodLeaveNothingBehind) {
  RawHttp2Client client(port());
  constexpr std::uint32_t kCalls = 50 * kStreams;
  for (std::uint32_t i = 0; i < kCalls; ++i) {
    client.Send(RawHttp2Client::Head(2 * i + 1, "/unknown/Method", {}));
    if (i % kStreams == 0) {
      ASSERT_TRUE(client.WaitForEnd(2 * i + 1));
    }
  }
  EXPECT_TRUE(client.WaitForEnd(2 * kCalls - 1));
}

class LateMessagesTest : public BegunCallsTest {
  void Configure(Config& config) override {
    BegunCallsTest::Configure(config);
    config.limits.message_timeout = std::chrono::milliseconds(200);
  }
};

TEST_F(LateMessagesTest, G21_ACallWhoseMessageDoesNotComeIsEnded) {
  for (const char* path : {kGet, "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"}) {
    RawHttp2Client client(port());
    client.Send(RawHttp2Client::Head(1, path, Credential()));
    EXPECT_TRUE(client.WaitForEnd(1)) << path;
    // A partial message does not change that.
    client.Send(RawHttp2Client::Head(3, path, Credential()) +
                Frame(FrameType::kData, 0, 3, std::string("\0\0\0\x10\0half", 9)));
    EXPECT_TRUE(client.WaitForEnd(3)) << path;
  }
  EXPECT_EQ(portal().request_count(), 0U);
}

TEST_F(BegunCallsTest, G21_StreamsThatNeverEndAreLimitedInNumber) {
  const auto channel = gateway().NewChannel();
  std::deque<UntypedStream> streams;
  const char* const kV1 = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const char* const kV1Alpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  for (std::size_t i = 0; i < 32; ++i) {
    UntypedStream& stream = streams.emplace_back(channel, i % 2 == 0 ? kV1 : kV1Alpha);
    ASSERT_TRUE(stream.Write("\x3a\x01*"));
    ASSERT_TRUE(stream.Read());
  }
  UntypedStream surplus(channel, kV1);
  surplus.Write("\x3a\x01*");
  EXPECT_FALSE(surplus.Read());
  streams.pop_back();
  EXPECT_TRUE(WaitUntil([&] {
    UntypedStream next(channel, kV1);
    return next.Write("\x3a\x01*") && next.Read().has_value();
  }));
}

}  // namespace
}  // namespace docspace::gateway::testkit
