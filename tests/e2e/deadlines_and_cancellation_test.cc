// Calls that end before the portal has responded.
#include <gmock/gmock.h>

#include <vector>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/descriptor_leak_check.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using grpc::StatusCode;
using std::chrono::milliseconds;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPath = "/docspace.apikeys.v1.ApiKeys/GetApiKeys";
constexpr const char* kEmptyList = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}";
constexpr const char* kHead = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";

// The portal follows a script, which by default reads requests and sends nothing.
class PatienceTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    upstream_.Always(Script().ReadRequest());
    config.portal.origin.port = upstream_.port();
    config.limits.request_timeout = timeout_;
  }

  CallResult CallWithin(Rpc rpc, milliseconds timeout) {
    return Start(rpc, ApiKeyOf(Role::kOwner), timeout)->Wait();
  }

  // Expects that every connection to the portal has been closed.
  void ExpectNoConnection() {
    for (std::size_t i = 0; i < upstream_.connections(); ++i) EXPECT_TRUE(upstream_.WaitForEnd(i));
  }

  ScriptedUpstream upstream_;
  std::chrono::milliseconds timeout_ = kPatience;
};

TEST_F(PatienceTest, G1_TheCallersDeadlineEndsTheExchange) {
  for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
    const std::size_t before = upstream_.requests();
    // On a busy machine the deadline may pass before the request is sent.
    EXPECT_TRUE(WaitUntil([&] {
      EXPECT_EQ(CallWithin(rpc, milliseconds(500)).status.error_code(),
                StatusCode::DEADLINE_EXCEEDED);
      return upstream_.requests() > before;
    }));
    ExpectNoConnection();
  }
}

TEST_F(PatienceTest, G1_ADeadlineThatPassedReachesNoPortal) {
  for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
    EXPECT_EQ(CallWithin(rpc, milliseconds(-1)).status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  }
  // gRPC's own client would end such a call by itself; this client does not.
  for (const char* timeout : {"0n", "0m", "0S"}) {
    RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
    EXPECT_TRUE(
        client.WaitForEnd(client.Call(kPath, {{"apikeybearer", portal().user(Role::kOwner).api_key},
                                              {"grpc-timeout", timeout}})));
    EXPECT_THAT(client.received(), HasSubstr(std::string("grpc-status\x01") + "4"));
  }
  gateway().Stop();
  EXPECT_EQ(upstream_.requests(), 0U);
  for (const auto& line : gateway().log().RpcLines()) {
    // gRPC may deliver the call only when the gateway stops.
    EXPECT_THAT(std::string(line.at("code").as_string()),
                AnyOf("DEADLINE_EXCEEDED", "UNAVAILABLE"));
  }
}

TEST_F(PatienceTest, G1_AMillisecondEndsTheCallWhereverItIs) {
  for (int i = 0; i < 200; ++i) {
    const CallResult outcome =
        CallWithin(i % 2 == 0 ? Rpc::kGetApiKeys : Rpc::kCreateApiKey, milliseconds(1));
    EXPECT_EQ(outcome.status.error_code(), StatusCode::DEADLINE_EXCEEDED) << outcome;
  }
  const std::size_t ended = gateway().log().RpcLines().size();
  gateway().Stop();
  std::size_t at = 0;
  for (const auto& line : gateway().log().RpcLines()) {
    const std::string code(line.at("code").as_string());
    // gRPC's client resets the stream when the deadline passes by its own clock.
    if (at++ < ended) {
      EXPECT_THAT(code, AnyOf("DEADLINE_EXCEEDED", "CANCELLED")) << line;
    } else {
      // The deadline has passed by the client's clock, but not by the gateway's, which has stopped
      // since.
      EXPECT_THAT(code, AnyOf("DEADLINE_EXCEEDED", "CANCELLED", "UNAVAILABLE", "UNKNOWN")) << line;
    }
  }
  ExpectNoConnection();
}

// Go sends the first two for its longest duration. The others are the largest values that fit in
// the header.
TEST_F(PatienceTest, G14_TheLongestDeadlinesAreOnesThatTheGatewayBounds) {
  upstream_.Always(Script().ReadRequest().Send(kEmptyList).Repeat());
  std::size_t served = upstream_.requests();
  for (const char* timeout : {"2562047H", "2562048H", "5124095H", "5124096H", "99999999H",
                              "99999999M", "99999999S", "99999999m"}) {
    RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
    EXPECT_TRUE(
        client.WaitForEnd(client.Call(kPath, {{"apikeybearer", portal().user(Role::kOwner).api_key},
                                              {"grpc-timeout", timeout}})));
    EXPECT_EQ(upstream_.requests(), ++served) << timeout;
  }
  ASSERT_TRUE(WaitUntil([&] { return gateway().log().RpcLines().size() == served; }));
  for (const auto& line : gateway().log().RpcLines()) EXPECT_EQ(line.at("code"), "OK") << line;
}

class GatewaysPatienceTest : public PatienceTest {
 protected:
  GatewaysPatienceTest() { timeout_ = milliseconds(500); }
};

TEST_F(GatewaysPatienceTest, G1_BoundsACallThatHasALongerDeadline) {
  const CallResult read = CallWithin(Rpc::kGetApiKeys, kPatience);
  EXPECT_THAT(read, IsError(StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"));
  EXPECT_EQ(read.metadata("write_sent"), "");
  CallResult write;
  // On a busy machine the time may be over before the request is sent.
  EXPECT_TRUE(WaitUntil([&] {
    write = CallWithin(Rpc::kCreateApiKey, kPatience);
    EXPECT_EQ(write.status.error_code(), StatusCode::DEADLINE_EXCEEDED) << write;
    return write.metadata("write_sent") == "true";
  }));
  EXPECT_THAT(write.status.error_message(), HasSubstr("may or may not"));
  const auto lines = gateway().log().RpcLines();
  EXPECT_FALSE(lines.front().contains("write_sent"));
  EXPECT_EQ(lines.back().at("write_sent"), true);
  ExpectNoConnection();
}

TEST_F(GatewaysPatienceTest, G1_BoundsACallThatHasNoDeadline) {
  grpc::ClientContext context;
  context.AddMetadata("apikeybearer", portal().user(Role::kOwner).api_key);
  apikeys::v1::GetApiKeysResponse response;
  const grpc::Status status = stub().GetApiKeys(&context, {}, &response);
  const CallResult outcome = CallResultOf(status, context);
  Check(outcome);
  EXPECT_THAT(outcome, IsError(StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"));
  ExpectNoConnection();
}

// The portal of this fixture never completes the TLS handshake, so that no request is sent.
class HandshakeTest : public PatienceTest {
 protected:
  void Configure(Config& config) override {
    PatienceTest::Configure(config);
    config.portal.origin.tls = true;
    config.portal.connect.timeout = kPatience;
  }
};

TEST_F(HandshakeTest, G2_CancellingBeforeTheRequestIsSentClosesTheConnection) {
  for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
    const std::size_t connection = upstream_.connections();
    const auto call = Start(rpc, ApiKeyOf(Role::kOwner));
    ASSERT_TRUE(upstream_.WaitForOctets(connection, "\x16\x03"));
    call->Cancel();
    EXPECT_EQ(call->Wait().status.error_code(), StatusCode::CANCELLED);
    EXPECT_TRUE(upstream_.WaitForEnd(connection));
    EXPECT_TRUE(WaitUntil([&] { return gateway().log().Lines().size() == connection + 1; }));
  }
  for (const auto& line : gateway().log().RpcLines()) {
    EXPECT_EQ(line.at("code"), "CANCELLED");
    const bool is_write = line.at("method") != "GetApiKeys";
    EXPECT_EQ(line.contains("write_sent"), is_write);
    EXPECT_TRUE(!is_write || line.at("write_sent") == false);
  }
}

TEST_F(PatienceTest, G2_CancellingBeforeTheCallReachesNoOne) {
  grpc::ClientContext context;
  context.AddMetadata("apikeybearer", portal().user(Role::kOwner).api_key);
  context.TryCancel();
  apikeys::v1::GetApiKeysResponse response;
  EXPECT_EQ(stub().GetApiKeys(&context, {}, &response).error_code(), StatusCode::CANCELLED);
  gateway().Stop();
  EXPECT_EQ(upstream_.connections(), 0U);
}

TEST_F(PatienceTest, G2_CancellingWhileThePortalIsSilentEndsTheExchange) {
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

TEST_F(PatienceTest, G2_CancellingWhileTheAnswerComesEndsTheExchange) {
  upstream_.Next(Script().ReadRequest().Send(kHead).Signal("half"));
  const auto call = Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  ASSERT_TRUE(upstream_.WaitForSignal("half"));
  call->Cancel();
  EXPECT_EQ(call->Wait().status.error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(upstream_.WaitForEnd(0));
  EXPECT_TRUE(gateway().log().WaitFor("CANCELLED"));
}

// The whole response is in flight. The result is either the cancellation or the complete response,
// whichever comes first.
TEST_F(PatienceTest, G2_CancellingWhileTheAnswerIsDecodedFinishesOnce) {
  constexpr std::size_t kCalls = 20;
  std::string keys;
  for (int i = 0; i < 20'000; ++i) keys += R"({"name":"Key","permissions":["files:read"]},)";
  const std::string body = R"({"response":[)" + keys + R"({"name":"Last"}]})";
  upstream_.Always(Script()
                       .ReadRequest()
                       .Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                             "\r\n\r\n" + body)
                       .Signal("sent")
                       .Repeat());
  for (std::size_t i = 0; i < kCalls; ++i) {
    const auto call = Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
    ASSERT_TRUE(upstream_.WaitForSignal("sent"));
    upstream_.Forget("sent");
    call->Cancel();
    const StatusCode code = call->Wait().status.error_code();
    EXPECT_TRUE(code == StatusCode::OK || code == StatusCode::CANCELLED) << code;
    EXPECT_TRUE(WaitUntil([&] { return gateway().log().Lines().size() == i + 1; }));
  }
}

class FewConnectionsTest : public PatienceTest {
 protected:
  static constexpr std::size_t kConnections = 100;

  void Configure(Config& config) override {
    PatienceTest::Configure(config);
    // One event loop, because the limits are divided among the loops.
    config.threads = 1;
    config.portal.pool.max_connections = kConnections;
    config.limits.max_streams = 2000;
    config.limits.max_in_flight = 1001;
  }
};

TEST_F(FewConnectionsTest, G2_ACallThatWaitsForAConnectionCanBeCancelled) {
  std::vector<std::unique_ptr<Pending>> busy;
  for (std::size_t i = 0; i < kConnections; ++i) {
    busy.push_back(Start(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)));
  }
  ASSERT_TRUE(WaitUntil([this] { return upstream_.requests() == kConnections; }));
  EXPECT_EQ(CallWithin(Rpc::kGetApiKeys, milliseconds(500)).status.error_code(),
            StatusCode::DEADLINE_EXCEEDED);
  const CallResult write = CallWithin(Rpc::kCreateApiKey, milliseconds(500));
  EXPECT_EQ(write.status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  const auto call = Start(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner));
  call->Cancel();
  EXPECT_EQ(call->Wait().status.error_code(), StatusCode::CANCELLED);
  EXPECT_EQ(upstream_.requests(), kConnections);
}

TEST_F(FewConnectionsTest, G3_AClientThatVanishesTakesItsThousandCallsAlong) {
  constexpr std::size_t kCalls = 1000;
  const auto port = static_cast<std::uint16_t>(gateway().gateway().port());
  const RawHttp2Client::Headers headers = {{"apikeybearer", portal().user(Role::kOwner).api_key}};
  EXPECT_THAT(Call(Rpc::kGetApiKeys, {}),
              IsError(StatusCode::UNAUTHENTICATED, "CREDENTIALS_MISSING"));
  const DescriptorLeakCheck descriptors;
  // There is room for the calls of one client only. The calls of the second client show that
  // nothing of the first is left.
  for (const bool with_goodbye : {true, false}) {
    const std::size_t lines_before = gateway().log().Lines().size();
    const std::size_t connections_before = upstream_.connections();
    RawHttp2Client client(port);
    for (std::size_t i = 0; i < kCalls; ++i) client.Call(kPath, headers);
    // This call is refused at once, after all calls before it have arrived.
    ASSERT_TRUE(client.WaitForEnd(client.Call(kPath, {})));
    ASSERT_TRUE(upstream_.WaitForConnections(connections_before + kConnections));
    for (std::size_t i = connections_before; i < upstream_.connections(); ++i) {
      ASSERT_TRUE(upstream_.WaitForOctets(i, "\r\n\r\n"));
    }
    client.HangUp(with_goodbye);
    EXPECT_TRUE(
        WaitUntil([&] { return gateway().log().Lines().size() == lines_before + kCalls + 1; }));
    ExpectNoConnection();
  }
  const auto lines = gateway().log().RpcLines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) { return line.at("code") == "CANCELLED"; }),
            2 * kCalls);

  upstream_.Always(Script().ReadRequest().Send(
      "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"response\":[]}"));
  EXPECT_TRUE(CallWithin(Rpc::kGetApiKeys, kPatience).ok());
}

}  // namespace
}  // namespace docspace::gateway::testkit
