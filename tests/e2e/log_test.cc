// The content of a call's log line.
#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/end_to_end.h"

namespace docspace::gateway::testkit {
namespace {

namespace json = boost::json;

class LogTest : public EndToEndTest {
 protected:
  // Waits for the log line of the only call and returns it.
  json::object Line() {
    gateway().Stop();
    const auto lines = gateway().log().RpcLines();
    EXPECT_EQ(lines.size(), 1U);
    return lines.at(0);
  }
};

TEST_F(LogTest, OfASuccess) {
  EXPECT_TRUE(Call(Rpc::kCreateApiKey,
                   {{"apikeybearer", portal().user(Role::kOwner).api_key},
                    {"x-request-id", "id-1"},
                    {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}})
                  .ok());
  const json::object line = Line();
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("method"), "CreateApiKey");
  EXPECT_EQ(line.at("code"), "OK");
  EXPECT_FALSE(line.contains("reason"));
  EXPECT_EQ(line.at("http_status"), 200);
  EXPECT_EQ(line.at("request_id"), "id-1");
  EXPECT_EQ(line.at("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(line.at("span_id"), "00f067aa0ba902b7");
  EXPECT_EQ(line.at("request_bytes"), 9);  // "Created" with its tag and length.
  EXPECT_GT(line.at("response_bytes").to_number<int>(), 100);
  EXPECT_GT(line.at("upstream_ms").to_number<double>(), 0);
  EXPECT_GE(line.at("duration_ms").to_number<double>(), line.at("upstream_ms").to_number<double>());
}

TEST_F(LogTest, OfAFailureOfThePortal) {
  portal().FailNext({.status = 500, .body = emulator::Fault::Body::kErrorJson});
  Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  const json::object line = Line();
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("code"), "INTERNAL");
  EXPECT_EQ(line.at("reason"), "UPSTREAM_ERROR");
  EXPECT_EQ(line.at("http_status"), 500);
}

TEST_F(LogTest, OfACallThatNeverReachedThePortal) {
  Call(Rpc::kGetApiKeys, {});
  const json::object line = Line();
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("code"), "UNAUTHENTICATED");
  EXPECT_EQ(line.at("reason"), "CREDENTIALS_MISSING");
  EXPECT_FALSE(line.contains("http_status"));
}

TEST_F(LogTest, AtDebugOfEachTry) {
  gateway().log().logger()->set_level(spdlog::level::debug);
  portal().FailNext({.body = emulator::Fault::Body::kGenuine,
                     .delivery = {.drop = emulator::Delivery::Drop::kClose}});
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  const json::object last = Line();
  std::vector<json::object> tries;
  for (const std::string& line : gateway().log().Lines()) {
    json::object object = json::parse(line).as_object();
    if (object.at("event") == "try") tries.push_back(std::move(object));
  }
  ASSERT_EQ(tries.size(), 2U);
  for (const json::object& attempt : tries) {
    EXPECT_EQ(attempt.at("level"), "debug");
    EXPECT_EQ(attempt.at("method"), "GetApiKeys");
    EXPECT_EQ(attempt.at("request_id"), last.at("request_id"));
  }
  EXPECT_EQ(tries[0].at("try"), 1);
  EXPECT_EQ(tries[0].at("failure"), "no response came");
  EXPECT_FALSE(tries[0].contains("http_status"));
  EXPECT_EQ(tries[1].at("try"), 2);
  EXPECT_EQ(tries[1].at("http_status"), 200);
  EXPECT_EQ(tries[1].at("reused_connection"), false);
}

TEST_F(LogTest, G17_NamesWhoCallsAndTheKeyOfAWrite) {
  const std::string id = KeyId();
  EXPECT_TRUE(Call(Rpc::kDeleteApiKey, ApiKeyOf(Role::kOwner)).ok());
  gateway().Stop();
  const json::object line = gateway().log().RpcLines().back();
  EXPECT_EQ(line.at("method"), "DeleteApiKey");
  EXPECT_EQ(line.at("portal"), "default");
  EXPECT_THAT(std::string(line.at("peer").as_string()),
              ::testing::MatchesRegex("127.0.0.1:[0-9]+"));
  EXPECT_THAT(std::string(line.at("key_id").as_string()), ::testing::SizeIs(36));
  EXPECT_FALSE(line.contains("certificate"));
}

TEST_F(LogTest, G17_NamesTheKeyThatWasCreated) {
  apikeys::v1::CreateApiKeyRequest request;
  request.set_name("Created");
  const auto created = GatewayFixture::Call(request, ApiKeyOf(Role::kOwner));
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(Line().at("key_id").as_string(), created.response.api_key().id().c_str());
}

TEST_F(LogTest, G17_OfAReadThereIsNoKey) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_FALSE(Line().contains("key_id"));
}

class LogWithoutPeersTest : public LogTest {
  void Configure(Config& config) override { config.log.peers = false; }
};

TEST_F(LogWithoutPeersTest, G17_NamesNoAddress) {
  EXPECT_TRUE(Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner)).ok());
  const json::object line = Line();
  EXPECT_FALSE(line.contains("peer"));
  EXPECT_TRUE(line.contains("key_id"));
}

TEST_F(LogTest, NeverHoldsWhatThePortalEchoes) {
  const std::string key = portal().user(Role::kOwner).api_key;
  portal().FailNext(
      {.status = 403, .body = emulator::Fault::Body::kErrorJson, .text = "planted-echo of yours"});
  Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  gateway().Stop();
  for (const std::string& line : gateway().log().Lines()) {
    EXPECT_EQ(line.find("planted-echo"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
