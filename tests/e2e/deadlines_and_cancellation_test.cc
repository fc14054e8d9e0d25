// When a call ends before the portal has answered.
#include <gmock/gmock.h>

#include <vector>

#include "tests/e2e/end_to_end.h"
#include "tests/testing/raw_http2_client.h"
#include "tests/testing/scripted_upstream.h"
#include "tests/testing/wait_until.h"

namespace docspace::gateway::testing {
namespace {

using grpc::StatusCode;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPath = "/docspace.apikeys.v1.ApiKeys/GetApiKeys";
constexpr const char* kHead = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";

// The portal is a script here, which by default reads requests and says nothing.
class PatienceTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    upstream_.Always(Script().ReadRequest());
    config.portal.port = upstream_.port();
    config.request_timeout = timeout_;
  }

  Outcome CallWithin(Rpc rpc, milliseconds timeout) {
    return Start(rpc, ApiKeyOf(Role::kOwner), timeout)->Wait();
  }

  ScriptedUpstream upstream_;
  std::chrono::milliseconds timeout_ = kPatience;
};

TEST_F(PatienceTest, TheCallersDeadlineEndsTheExchange) {
  for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
    const std::size_t connection = upstream_.connections();
    EXPECT_EQ(CallWithin(rpc, milliseconds(500)).status.error_code(),
              StatusCode::DEADLINE_EXCEEDED);
    EXPECT_TRUE(upstream_.WaitForOctets(connection, "\r\n\r\n"));
    EXPECT_TRUE(upstream_.WaitForEnd(connection));
  }
}

TEST_F(PatienceTest, ADeadlineThatPassedReachesNoPortal) {
  RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
  for (const char* timeout : {"0n", "0m", "0S"}) {
    client.WaitForEnd(client.Call(
        kPath, {{"apikeybearer", portal().user(Role::kOwner).api_key}, {"grpc-timeout", timeout}}));
  }
  gateway().Stop();
  EXPECT_EQ(upstream_.requests(), 0U);
  for (const auto& line : gateway().log().RpcLines()) {
    EXPECT_EQ(line.at("code"), "DEADLINE_EXCEEDED");
  }
}

class GatewaysPatienceTest : public PatienceTest {
 protected:
  GatewaysPatienceTest() { timeout_ = milliseconds(500); }
};

TEST_F(GatewaysPatienceTest, BoundsACallThatHasALongerDeadline) {
  const Outcome read = CallWithin(Rpc::kGetApiKeys, kPatience);
  EXPECT_EQ(read.status.error_code(), StatusCode::DEADLINE_EXCEEDED) << read;
  EXPECT_EQ(read.reason(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(read.metadata("write_sent"), "");
  const Outcome write = CallWithin(Rpc::kCreateApiKey, kPatience);
  EXPECT_EQ(write.status.error_code(), StatusCode::DEADLINE_EXCEEDED) << write;
  EXPECT_EQ(write.metadata("write_sent"), "true");
  EXPECT_THAT(write.status.error_message(), HasSubstr("may or may not"));
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_TRUE(upstream_.WaitForEnd(1));
}

TEST_F(GatewaysPatienceTest, BoundsACallThatHasNoDeadline) {
  RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
  EXPECT_TRUE(client.WaitForEnd(
      client.Call(kPath, {{"apikeybearer", portal().user(Role::kOwner).api_key}})));
  EXPECT_TRUE(gateway().log().WaitFor("DEADLINE_EXCEEDED"));
}

TEST_F(PatienceTest, CancellingEndsTheExchange) {
  for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
    const std::size_t connection = upstream_.connections();
    const auto call = Start(rpc, ApiKeyOf(Role::kOwner));
    ASSERT_TRUE(upstream_.WaitForConnections(connection + 1));
    ASSERT_TRUE(upstream_.WaitForOctets(connection, "\r\n\r\n"));
    call->Cancel();
    EXPECT_EQ(call->Wait().status.error_code(), StatusCode::CANCELLED);
    EXPECT_TRUE(upstream_.WaitForEnd(connection));
  }
  gateway().Stop();
  EXPECT_THAT(gateway().log().RpcLines(), SizeIs(2));
  for (const auto& line : gateway().log().RpcLines()) EXPECT_EQ(line.at("code"), "CANCELLED");
}

TEST_F(PatienceTest, CancellingWhileTheAnswerComesEndsTheExchange) {
  upstream_.Next(Script().ReadRequest().Send(kHead).Signal("half"));
  const auto call = Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  ASSERT_TRUE(upstream_.WaitForSignal("half"));
  call->Cancel();
  EXPECT_EQ(call->Wait().status.error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
}

class FewConnectionsTest : public PatienceTest {
 protected:
  static constexpr std::size_t kConnections = 16;

  void Configure(Config& config) override {
    PatienceTest::Configure(config);
    config.pool.max_connections = kConnections;
    config.max_streams = 2000;
  }
};

TEST_F(FewConnectionsTest, ACallThatWaitsForAConnectionCanBeCancelled) {
  std::vector<std::unique_ptr<Pending>> busy;
  for (std::size_t i = 0; i < kConnections; ++i) {
    busy.push_back(Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)));
  }
  ASSERT_TRUE(WaitUntil([this] { return upstream_.requests() == kConnections; }));
  EXPECT_EQ(CallWithin(Rpc::kGetApiKeys, milliseconds(500)).status.error_code(),
            StatusCode::DEADLINE_EXCEEDED);
  const Outcome write = CallWithin(Rpc::kCreateApiKey, milliseconds(500));
  EXPECT_EQ(write.status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(upstream_.requests(), kConnections);
}

TEST_F(FewConnectionsTest, AClientThatVanishesTakesItsThousandCallsAlong) {
  constexpr std::size_t kCalls = 1000;
  {
    RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
    const RawHttp2Client::Headers headers = {{"apikeybearer", portal().user(Role::kOwner).api_key}};
    for (std::size_t i = 0; i < kCalls; ++i) client.Call(kPath, headers);
    // Answered at once, when all those before it have arrived.
    ASSERT_TRUE(client.WaitForEnd(client.Call(kPath, {})));
    ASSERT_TRUE(WaitUntil([this] { return upstream_.requests() == kConnections; }));
  }
  EXPECT_TRUE(WaitUntil([this] { return gateway().log().Lines().size() == kCalls + 1; }));
  const auto lines = gateway().log().RpcLines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) { return line.at("code") == "CANCELLED"; }),
            kCalls);
  for (std::size_t i = 0; i < upstream_.connections(); ++i) EXPECT_TRUE(upstream_.WaitForEnd(i));

  upstream_.Always(Script().ReadRequest().Send(
      "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}"));
  EXPECT_TRUE(CallWithin(Rpc::kGetApiKeys, kPatience).ok());
}

// Every moment at which a caller may give up: many calls, each cancelled after a time of its own.
class CancellationTest : public EndToEndTest {};

TEST_F(CancellationTest, LeavesOneLineForEachCallWheneverItComes) {
  constexpr int kCalls = 300;
  RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
  const RawHttp2Client::Headers headers = {{"apikeybearer", portal().user(Role::kOwner).api_key}};
  for (int i = 0; i < kCalls; ++i) {
    const std::uint32_t stream = client.Call(kPath, headers);
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(i * 7);
    while (std::chrono::steady_clock::now() < until) continue;
    client.Reset(stream);
  }
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  gateway().Stop();
  for (const auto& line : gateway().log().RpcLines()) {
    EXPECT_TRUE(line.at("code") == "OK" || line.at("code") == "CANCELLED") << line;
  }
}

}  // namespace
}  // namespace docspace::gateway::testing
