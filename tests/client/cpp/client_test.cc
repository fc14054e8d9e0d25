#include "client/cpp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/client/cpp/certificate.h"
#include "tests/client/cpp/fake_gateway.h"
#include "tests/client/cpp/fake_time.h"
#include "tests/testkit/reserved_port.h"

namespace docspace::apikeys {
namespace {

using grpc::StatusCode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ClientTest : public testing::Test {
 protected:
  Client Connect(ClientOptions options = {}) { return Connect(ApiKey(), std::move(options)); }

  Client Connect(const Result<Credential>& credential, ClientOptions options = {}) {
    options.timer = time_.Timer();
    return *Client::Connect(gateway_.target(), Plaintext{}, *credential, std::move(options));
  }

  static Result<Credential> ApiKey() { return Credential::ApiKey("sk-0123456789"); }

  static grpc::Status Unavailable() {
    return StatusOf(GatewayError(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", "down"));
  }

  FakeTime time_;
  FakeGateway gateway_;
};

struct CredentialRow {
  Result<Credential> credential;
  std::string name;
  std::string value;
};

TEST_F(ClientTest, SendsEachCredentialAsOneMetadataEntry) {
  const CredentialRow kRows[] = {
      {Credential::Basic("me@example.com", "pass word"), "authorization",
       "Basic bWVAZXhhbXBsZS5jb206cGFzcyB3b3Jk"},
      {Credential::Basic("a", "b"), "authorization", "Basic YTpi"},
      {Credential::Basic("a", "bc"), "authorization", "Basic YTpiYw=="},
      {Credential::Basic("a", "bcd"), "authorization", "Basic YTpiY2Q="},
      {Credential::Basic("a", "ÿÿ"), "authorization", "Basic YTrDv8O/"},
      {Credential::Bearer("eyJ.a.b"), "authorization", "Bearer eyJ.a.b"},
      {Credential::OAuth2("oauth"), "authorization", "Bearer oauth"},
      {Credential::OpenId("openid"), "authorization", "Bearer openid"},
      {Credential::ApiKey("sk-42"), "apikeybearer", "sk-42"},
      {Credential::SessionCookie("session"), "asc_auth_key", "session"},
  };
  for (const CredentialRow& row : kRows) {
    ASSERT_TRUE(Connect(row.credential).GetApiKeys({}).ok());
    const ReceivedCall call = gateway_.calls().back();
    for (const char* name : {"authorization", "apikeybearer", "asc_auth_key", "cookie"}) {
      const std::vector<std::string> expected(row.name == name ? 1 : 0, row.value);
      EXPECT_EQ(call.Values(name), expected) << row.value << " in " << name;
    }
  }
}

TEST_F(ClientTest, MakesAllSixCalls) {
  v1::CreateApiKeyResponse created;
  created.mutable_api_key()->set_key("sk-new");
  gateway_.Answer(created);
  v1::DeleteApiKeyResponse deleted;
  deleted.set_deleted(true);
  gateway_.Answer(deleted);
  v1::GetAllPermissionsResponse permissions;
  permissions.add_permissions("files:read");
  gateway_.Answer(permissions);
  v1::GetApiKeyResponse self;
  self.mutable_api_key()->set_id("self");
  gateway_.Answer(self);
  v1::GetApiKeysResponse keys;
  keys.add_api_keys()->set_id("first");
  gateway_.Answer(keys);
  v1::UpdateApiKeyResponse updated;
  updated.set_updated(true);
  gateway_.Answer(updated);
  const Client client = Connect();

  EXPECT_EQ(client.CreateApiKey({})->api_key().key(), "sk-new");
  EXPECT_TRUE(client.DeleteApiKey({})->deleted());
  EXPECT_EQ(client.GetAllPermissions({})->permissions(0), "files:read");
  EXPECT_EQ(client.GetApiKey({})->api_key().id(), "self");
  EXPECT_EQ(client.GetApiKeys({})->api_keys(0).id(), "first");
  EXPECT_TRUE(client.UpdateApiKey({})->updated());

  std::vector<std::string> rpcs;
  for (const ReceivedCall& call : gateway_.calls()) rpcs.push_back(call.rpc);
  EXPECT_THAT(rpcs, ElementsAre("CreateApiKey", "DeleteApiKey", "GetAllPermissions", "GetApiKey",
                                "GetApiKeys", "UpdateApiKey"));
}

TEST_F(ClientTest, KeepsUnsetFieldsUnset) {
  v1::UpdateApiKeyRequest request;
  request.set_key_id("id");
  ASSERT_TRUE(Connect().UpdateApiKey(request).ok());
  EXPECT_EQ(gateway_.calls().back().request, "key_id: \"id\"");
  request.set_is_active(false);
  ASSERT_TRUE(Connect().UpdateApiKey(request).ok());
  EXPECT_EQ(gateway_.calls().back().request, "key_id: \"id\" is_active: false");
}

TEST_F(ClientTest, TakesAListLargerThanWhatGrpcTakesByDefault) {
  v1::GetApiKeysResponse keys;
  for (int i = 0; i < 10'000; ++i) keys.add_api_keys()->set_name(std::string(600, 'n'));
  gateway_.Answer(keys);
  const auto response = Connect().GetApiKeys({});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->api_keys_size(), 10'000);
}

TEST_F(ClientTest, PassesMetadataOfTheCall) {
  const auto response = Connect().GetApiKeys({}, {.metadata = {{"x-request-id", "r-1"}}});
  ASSERT_TRUE(response.ok());
  EXPECT_THAT(gateway_.call().Values("x-request-id"), ElementsAre("r-1"));
}

TEST_F(ClientTest, SendsMetadataOfTheClientWithEveryCall) {
  ClientOptions options;
  options.metadata = {{"x-docspace-portal", "acme"}};
  const Client client = Connect(ApiKey(), options);
  ASSERT_TRUE(client.GetApiKeys({}).ok());
  ASSERT_TRUE(client.GetApiKey({}, {.metadata = {{"x-request-id", "r-1"}}}).ok());
  for (const ReceivedCall& call : gateway_.calls()) {
    EXPECT_THAT(call.Values("x-docspace-portal"), ElementsAre("acme"));
  }
  EXPECT_THAT(gateway_.calls().back().Values("x-request-id"), ElementsAre("r-1"));
}

TEST_F(ClientTest, RefusesMetadataThatCannotBeSent) {
  const std::pair<std::string, std::string> kRefused[] = {
      {"x-request-id", "a\r\nb"}, {"x request", "a"}, {"X-Upper", "a"}, {"x-bin", "a"}, {"", "a"}};
  for (const auto& entry : kRefused) {
    const auto response = Connect().GetApiKeys({}, {.metadata = {entry}});
    ASSERT_FALSE(response.ok()) << entry.first;
    EXPECT_EQ(response.error().code, StatusCode::INVALID_ARGUMENT);
  }
  EXPECT_THAT(gateway_.calls(), IsEmpty());
}

TEST_F(ClientTest, DecodesTheErrorOfACall) {
  ApiKeysError sent = GatewayError(StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", "no good");
  sent.field_violations = {{"name", "The Name field is required."}};
  sent.metadata = {{"http_status", "400"}, {"request_id", "r-1"}};
  gateway_.FailNext(StatusOf(sent), "r-2");
  const auto response = Connect().CreateApiKey({});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(response.error().reason, "INVALID_REQUEST");
  EXPECT_EQ(response.error().http_status, 400);
  EXPECT_EQ(response.error().request_id, "r-1");
  EXPECT_EQ(response.error().field_violations.at(0).field, "name");
}

TEST_F(ClientTest, TakesTheRequestIdOfTheTrailersWhereTheDetailsHaveNone) {
  gateway_.FailNext({StatusCode::INTERNAL, "oops"}, "r-2");
  EXPECT_EQ(Connect().GetApiKeys({}).error().request_id, "r-2");
}

TEST_F(ClientTest, SendsAWriteOnceAndSaysThatItIsSafeToRetry) {
  gateway_.FailNext(Unavailable());
  const auto response = Connect().CreateApiKey({});
  EXPECT_TRUE(response.error().IsSafeToRetry());
  EXPECT_EQ(gateway_.calls().size(), 1U);
  EXPECT_THAT(time_.sleeps, IsEmpty());
}

TEST_F(ClientTest, RetriesAReadWithBackOff) {
  gateway_.FailNext(Unavailable());
  gateway_.FailNext(Unavailable());
  EXPECT_TRUE(Connect().GetApiKeys({}).ok());
  EXPECT_EQ(gateway_.calls().size(), 3U);
  EXPECT_THAT(time_.sleeps, ElementsAre(milliseconds(100), milliseconds(200)));
}

TEST_F(ClientTest, SendsTheCredentialWithEveryTry) {
  gateway_.FailNext(Unavailable());
  EXPECT_TRUE(Connect().GetApiKeys({}).ok());
  ASSERT_EQ(gateway_.calls().size(), 2U);
  EXPECT_THAT(gateway_.calls()[1].Values("apikeybearer"), ElementsAre("sk-0123456789"));
}

TEST_F(ClientTest, RetriesOnlyReadsWhenTheGatewayIsLost) {
  const grpc::Status lost(StatusCode::UNAVAILABLE, "Socket closed");
  gateway_.FailNext(lost);
  EXPECT_TRUE(Connect().GetApiKeys({}).ok());
  EXPECT_EQ(gateway_.calls().size(), 2U);
  gateway_.FailNext(lost);
  EXPECT_EQ(Connect().UpdateApiKey({}).error().code, StatusCode::UNAVAILABLE);
  gateway_.FailNext(lost);
  EXPECT_EQ(Connect().DeleteApiKey({}).error().code, StatusCode::UNAVAILABLE);
  gateway_.FailNext(lost);
  EXPECT_EQ(Connect().CreateApiKey({}).error().code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(gateway_.calls().size(), 5U);
}

TEST_F(ClientTest, NeverRepeatsAWriteOfUnknownOutcome) {
  gateway_.FailNext(StatusOf(GatewayError(StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN", "?")));
  EXPECT_EQ(Connect().CreateApiKey({}).error().reason, "WRITE_OUTCOME_UNKNOWN");
  EXPECT_EQ(gateway_.calls().size(), 1U);
  EXPECT_THAT(time_.sleeps, IsEmpty());
}

TEST_F(ClientTest, GivesUpAfterTheLastTry) {
  for (int i = 0; i < 3; ++i) gateway_.FailNext(Unavailable());
  const auto response = Connect({.retry = {.max_attempts = 3}}).GetApiKeys({});
  EXPECT_EQ(response.error().reason, "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(gateway_.calls().size(), 3U);
}

TEST_F(ClientTest, WaitsAsLongAsTheGatewaySaysIfThatFitsIntoTheDeadline) {
  ApiKeysError down = GatewayError(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", "down");
  down.retry_delay = seconds(4);
  gateway_.FailNext(StatusOf(down));
  EXPECT_TRUE(Connect().GetApiKeys({}).ok());
  EXPECT_THAT(time_.sleeps, ElementsAre(milliseconds(4100)));

  gateway_.FailNext(StatusOf(down));
  const auto response = Connect().GetApiKeys({}, {.timeout = seconds(4)});
  EXPECT_EQ(response.error().reason, "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(time_.sleeps.size(), 1U);
}

TEST_F(ClientTest, GivesEveryTryWhatIsLeftOfTheDeadline) {
  ApiKeysError down = GatewayError(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", "down");
  down.retry_delay = seconds(600);
  gateway_.FailNext(StatusOf(down));
  ASSERT_TRUE(Connect({.timeout = seconds(1000)}).GetApiKeys({}).ok());
  const std::vector<ReceivedCall> calls = gateway_.calls();
  ASSERT_EQ(calls.size(), 2U);
  // gRPC sends a timeout of three digits, rounded up.
  const auto now = std::chrono::system_clock::now();
  EXPECT_GT(calls[0].deadline - now, seconds(900));
  EXPECT_LE(calls[0].deadline - now, seconds(1010));
  EXPECT_GT(calls[1].deadline - now, seconds(300));
  EXPECT_LE(calls[1].deadline - now, seconds(404));
}

TEST_F(ClientTest, PutsADeadlineOnEveryCall) {
  ASSERT_TRUE(Connect().GetApiKeys({}).ok());
  EXPECT_LE(gateway_.call().deadline - std::chrono::system_clock::now(), seconds(31));
}

TEST_F(ClientTest, EndsACallAtItsDeadline) {
  gateway_.StallNext();
  const auto response = Connect().GetApiKeys({}, {.timeout = milliseconds(50)});
  EXPECT_EQ(response.error().code, StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(time_.sleeps, IsEmpty());
}

TEST_F(ClientTest, TakesATimeoutWithoutEnd) {
  EXPECT_TRUE(Connect({.timeout = std::chrono::nanoseconds::max()}).GetApiKeys({}).ok());
}

TEST(ClientInPlaintext, ReachesAnotherMachineOnlyIfThatIsAllowed) {
  const auto credential = Credential::ApiKey("sk-planted");
  const auto refused = Client::Connect("192.0.2.1:50051", Plaintext{}, *credential);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(refused.error().message, HasSubstr("plaintext"));
  EXPECT_TRUE(
      Client::Connect("192.0.2.1:50051", Plaintext{.allow_remote_plaintext = true}, *credential)
          .ok());
  EXPECT_TRUE(Client::Connect("192.0.2.1:50051", Tls{}, *credential).ok());
}

TEST_F(ClientTest, SendsPlaintextForThisMachineThroughNoProxy) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto answer = Connect().GetApiKeys({});
  ::unsetenv("http_proxy");
  EXPECT_TRUE(answer.ok());
}

TEST(ClientOverTls, GoesThroughTheProxyThatItIsGiven) {
  const Certificate certificate = MakeCertificate("IP:127.0.0.1");
  const FakeGateway gateway(ServerTls(certificate));
  const Tls tls{.ca_pem = certificate.certificate_pem};
  FakeTime time;
  const auto connect = [&](Proxy proxy) {
    return Client::Connect(gateway.target(), tls, *Credential::ApiKey("sk-1"),
                           {.timer = time.Timer(), .proxy = std::move(proxy)});
  };
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_FALSE(connect(std::nullopt)->GetApiKeys({}).ok());
  EXPECT_TRUE(connect(Secret())->GetApiKeys({}).ok());
  ::unsetenv("http_proxy");
  EXPECT_FALSE(connect(Secret("http://127.0.0.1:1"))->GetApiKeys({}).ok());
  EXPECT_TRUE(connect(std::nullopt)->GetApiKeys({}).ok());
}

TEST(ClientWithoutGateway, SaysUnavailableAfterItsRetries) {
  const gateway::testkit::ReservedPort nobody;
  FakeTime time;
  const Client client = *Client::Connect(nobody.address(), Plaintext{}, *Credential::ApiKey("sk-1"),
                                         {.timer = time.Timer()});
  EXPECT_EQ(client.GetApiKeys({}).error().code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(time.sleeps.size(), 3U);
  EXPECT_EQ(client.CreateApiKey({}).error().code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(time.sleeps.size(), 3U);
}

TEST(ClientOverTls, RefusesAGatewayThatSpeaksNone) {
  FakeTime time;
  const FakeGateway gateway;
  const Client client = *Client::Connect(gateway.target(), Tls{}, *Credential::ApiKey("sk-1"),
                                         {.timer = time.Timer()});
  EXPECT_EQ(client.GetApiKeys({}).error().code, StatusCode::UNAVAILABLE);
  EXPECT_THAT(gateway.calls(), IsEmpty());
}

StatusCode CodeOverTls(const FakeGateway& gateway, const Tls& tls) {
  FakeTime time;
  const Client client =
      *Client::Connect(gateway.target(), tls, *Credential::ApiKey("sk-1"), {.timer = time.Timer()});
  const auto response = client.GetApiKeys({});
  return response.ok() ? StatusCode::OK : response.error().code;
}

TEST(ClientOverTls, TakesOnlyAGatewayThatItsAuthorityVouchesFor) {
  const Certificate certificate = MakeCertificate("IP:127.0.0.1");
  const FakeGateway gateway(ServerTls(certificate));
  EXPECT_EQ(CodeOverTls(gateway, {.ca_pem = certificate.certificate_pem}), StatusCode::OK);
  EXPECT_EQ(CodeOverTls(gateway, {.ca_pem = MakeCertificate("IP:127.0.0.1").certificate_pem}),
            StatusCode::UNAVAILABLE);
  EXPECT_EQ(CodeOverTls(gateway, {}), StatusCode::UNAVAILABLE);
  EXPECT_EQ(gateway.calls().size(), 1U);
}

TEST(ClientOverTls, ShowsItsCertificateToAGatewayThatAsksForOne) {
  const Certificate server = MakeCertificate("IP:127.0.0.1");
  const Certificate ours = MakeCertificate("DNS:client.example.com");
  const Certificate other = MakeCertificate("DNS:client.example.com");
  const FakeGateway gateway(ServerTls(server, ours.certificate_pem));
  EXPECT_EQ(CodeOverTls(gateway, {.ca_pem = server.certificate_pem,
                                  .certificate_pem = ours.certificate_pem,
                                  .private_key_pem = Secret(ours.private_key_pem)}),
            StatusCode::OK);
  EXPECT_EQ(CodeOverTls(gateway, {.ca_pem = server.certificate_pem,
                                  .certificate_pem = other.certificate_pem,
                                  .private_key_pem = Secret(other.private_key_pem)}),
            StatusCode::UNAVAILABLE);
  EXPECT_EQ(CodeOverTls(gateway, {.ca_pem = server.certificate_pem}), StatusCode::UNAVAILABLE);
  EXPECT_EQ(gateway.calls().size(), 1U);
}

TEST(ClientOverTls, RefusesACertificateOfAnotherHost) {
  const Certificate certificate = MakeCertificate("DNS:other.example.com");
  const FakeGateway gateway(ServerTls(certificate));
  EXPECT_EQ(CodeOverTls(gateway, {.ca_pem = certificate.certificate_pem}), StatusCode::UNAVAILABLE);
  EXPECT_THAT(gateway.calls(), IsEmpty());
}

TEST(RetryTimer, JittersBetweenNothingAndOne) {
  const RetryTimer timer = RetryTimer::System();
  double least = 1;
  double most = 0;
  for (int i = 0; i < 1000; ++i) {
    const double jitter = timer.jitter();
    least = std::min(least, jitter);
    most = std::max(most, jitter);
  }
  EXPECT_GE(least, 0.0);
  EXPECT_LT(least, 0.2);
  EXPECT_GT(most, 0.8);
  EXPECT_LT(most, 1.0);
}

}  // namespace
}  // namespace docspace::apikeys
