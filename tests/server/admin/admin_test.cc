// The operators' pages after calls through a real gateway.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "tests/emulator/emulator.h"
#include "tests/emulator/test_connection.h"
#include "tests/testkit/call.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/otlp_receiver.h"
#include "tests/testkit/reserved_port.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/temporary_file.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of RPCs.
using emulator::Role;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class AdminTest : public ::testing::Test {
 protected:
  void Serve(
      const std::string& portal, const std::function<void(Config&)>& configure = [](auto&) {}) {
    Config config = testkit::TestConfig(portal);
    config.admin.listen = "127.0.0.1:0";
    configure(config);
    gateway_.emplace(config);
    stub_ = ApiKeys::NewStub(gateway_->NewChannel());
  }

  // Each of `headers` ends in a line break.
  std::string Ask(const std::string& method, const std::string& target,
                  const std::string& headers = "") {
    const std::string address = gateway_->gateway().admin_address();
    const int port = std::stoi(address.substr(address.rfind(':') + 1));
    return emulator::Exchange(
        static_cast<std::uint16_t>(port),
        method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }
  std::string Get(const std::string& target, const std::string& headers = "") {
    const std::string answer = Ask("GET", target, headers);
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  // Returns the sum of all samples with these labels, as in /status.json. For a histogram it is the
  // number of observations.
  double Value(const std::string& name, const std::map<std::string, std::string>& labels = {}) {
    const auto status = boost::json::parse(Get("/status.json")).as_object();
    const auto& metrics = status.at("metrics").as_object();
    double sum = 0;
    if (!metrics.contains(name)) return -1;
    for (const auto& sample : metrics.at(name).as_array()) {
      bool matches = true;
      for (const auto& [label, value] : labels) {
        const auto* found = sample.at("labels").as_object().if_contains(label);
        matches = matches && found != nullptr && *found == value.c_str();
      }
      if (!matches) continue;
      const auto& values = sample.as_object();
      sum += (values.contains("count") ? values.at("count") : values.at("value")).as_double();
    }
    return sum;
  }

  testkit::CallResult List(const std::string& api_key) {
    return testkit::Call(*stub_, &ApiKeys::Stub::GetApiKeys, GetApiKeysRequest(), api_key);
  }
  testkit::CallResult Self(const std::string& api_key) {
    return testkit::Call(*stub_, &ApiKeys::Stub::GetApiKey, GetApiKeyRequest(), api_key);
  }

  std::optional<testkit::GatewayUnderTest> gateway_;
  std::unique_ptr<ApiKeys::Stub> stub_;
};

TEST_F(AdminTest, CountsWhatWasCalled) {
  const auto portal = emulator::Emulator::Start();
  const std::string key = portal->user(Role::kOwner).api_key;
  Serve(portal->url());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(List(key).ok());
  portal->FailNext({.status = 500, .body = emulator::Fault::Body::kErrorJson});
  ASSERT_FALSE(Self(key).ok());
  ASSERT_FALSE(Self("sk-" + std::string(64, '0')).ok());
  ASSERT_FALSE(Self("\"").ok());

  EXPECT_EQ(Value("grpc_server_started_total"), 6);
  EXPECT_EQ(Value("grpc_server_started_total", {{"grpc_method", "GetApiKeys"}}), 3);
  const auto handled = [this](const char* method, const char* code, const char* reason) {
    return Value("grpc_server_handled_total", {{"grpc_service", "docspace.apikeys.v1.ApiKeys"},
                                               {"grpc_method", method},
                                               {"grpc_code", code},
                                               {"reason", reason},
                                               {"portal", "default"}});
  };
  EXPECT_EQ(Value("grpc_server_handled_total"), 6);
  EXPECT_EQ(handled("GetApiKeys", "OK", ""), 3);
  EXPECT_EQ(handled("GetApiKey", "INTERNAL", "UPSTREAM_ERROR"), 1);
  EXPECT_EQ(handled("GetApiKey", "UNAUTHENTICATED", "UNAUTHENTICATED"), 1);
  EXPECT_EQ(handled("GetApiKey", "INVALID_ARGUMENT", "CREDENTIALS_INVALID"), 1);
  EXPECT_EQ(Value("grpc_server_handling_seconds", {{"grpc_method", "GetApiKey"}}), 3);
  // The malformed credential never reached the portal.
  EXPECT_EQ(Value("docspace_upstream_request_seconds", {{"grpc_method", "GetApiKey"}}), 2);
  EXPECT_EQ(Value("docspace_upstream_responses_total", {{"http_status", "200"}}), 3);
  EXPECT_EQ(Value("docspace_upstream_responses_total", {{"http_status", "500"}}), 1);
  EXPECT_EQ(Value("docspace_upstream_responses_total", {{"http_status", "401"}}), 1);
  EXPECT_GT(Value("docspace_response_bytes_total"), 100);
  EXPECT_EQ(Value("docspace_pool_connections_created_total") +
                Value("docspace_pool_connections_reused_total"),
            5);
  EXPECT_EQ(Value("docspace_pool_connections", {{"state", "open"}}),
            Value("docspace_pool_connections", {{"state", "idle"}}));
  EXPECT_TRUE(testkit::WaitUntil([this] { return Value("docspace_calls_in_flight") == 0; }));
  EXPECT_EQ(Value("docspace_gateway_ready"), 1);
  EXPECT_GT(Value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(Value("process_open_fds"), 3);
}

TEST_F(AdminTest, OffersTheTraceOfACallInTheFormatOfOpenMetrics) {
  const auto portal = emulator::Emulator::Start();
  const std::string key = portal->user(Role::kOwner).api_key;
  const testkit::OtlpReceiver receiver;
  Serve(portal->url(), [&receiver](Config& config) {
    config.tracing.collector.host = "127.0.0.1";
    config.tracing.collector.port = static_cast<std::uint16_t>(receiver.port());
    config.tracing.sample_ratio = 0;
  });
  const auto metrics = [this] {
    return Get("/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
  };
  ASSERT_TRUE(List(key).ok());
  EXPECT_THAT(metrics(), EndsWith("\n# EOF\n"));
  EXPECT_THAT(metrics(), Not(HasSubstr("trace_id"))) << "the call was not sampled";

  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  grpc::ClientContext context;
  context.AddMetadata("apikeybearer", key);
  context.AddMetadata("traceparent", "00-" + trace + "-00f067aa0ba902b7-01");
  GetApiKeysResponse response;
  ASSERT_TRUE(stub_->GetApiKeys(&context, {}, &response).ok());
  EXPECT_THAT(metrics(), HasSubstr(" # {trace_id=\"" + trace + "\"} "));
  EXPECT_THAT(Ask("GET", "/metrics", "Accept: application/openmetrics-text\r\n"),
              HasSubstr("Content-Type: application/openmetrics-text; version=1.0.0; "
                        "charset=utf-8\r\n"));
  // The older format has no exemplars.
  EXPECT_THAT(Get("/metrics"), Not(HasSubstr(trace)));
}

TEST_F(AdminTest, TellsWhenTheFirstRevocationListExpires) {
  const auto portal = emulator::Emulator::Start();
  const testkit::CertificateAuthority authority;
  const testkit::Certificate certificate = authority.Issue("127.0.0.1");
  const testkit::TemporaryFile chain(certificate.CertificatePem());
  const testkit::TemporaryFile key(certificate.KeyPem());
  const testkit::TemporaryFile lists(authority.RevocationList({}, std::chrono::hours(24)));
  Serve(portal->url(), [&](Config& config) {
    config.tls.certificates.certificate_file = chain.path();
    config.tls.certificates.private_key_file = key.path();
    config.tls.certificates.ca_file = authority.file();
    config.tls.certificates.revocation_file = lists.path();
  });
  const double in_a_day = Value("docspace_revocation_list_expiry_timestamp_seconds");
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(in_a_day, now + 20 * 3600);
  EXPECT_LT(in_a_day, now + 25 * 3600);
}

TEST_F(AdminTest, TellsTheLastErrorsButNoCredentialAndNothingThePortalSaid) {
  const auto portal = emulator::Emulator::Start();
  const std::string key = portal->user(Role::kOwner).api_key;
  Serve(portal->url());
  portal->FailNext(
      {.status = 403, .body = emulator::Fault::Body::kErrorJson, .text = "planted-echo"});
  ASSERT_FALSE(List(key).ok());
  const std::string wrong = "sk-" + std::string(64, '7');
  ASSERT_FALSE(List(wrong).ok());

  const auto status = boost::json::parse(Get("/status.json")).as_object();
  const auto& errors = status.at("errors").as_array();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].at("reason"), "UNAUTHENTICATED");
  EXPECT_EQ(errors[1].at("reason"), "ACCESS_DENIED");
  EXPECT_EQ(errors[1].at("method"), "GetApiKeys");
  EXPECT_EQ(errors[1].at("code"), "PERMISSION_DENIED");
  EXPECT_EQ(errors[1].at("http_status"), 403.0);
  EXPECT_EQ(errors[1].at("request_id"), gateway_->log().RpcLines().at(0).at("request_id"));
  for (const char* page : {"/metrics", "/status.json", "/"}) {
    const std::string text = Get(page);
    for (const std::string& secret : {key, wrong, std::string("planted-echo")}) {
      EXPECT_THAT(text, Not(HasSubstr(secret))) << page;
    }
  }
}

TEST_F(AdminTest, CountsRetriesAndBreakersOfAPortalThatIsDown) {
  const testkit::ReservedPort nobody;
  Serve("http://" + nobody.address(), [](Config& config) { config.threads = 1; });
  for (int i = 0; i < 10; ++i) ASSERT_FALSE(List("sk-" + std::string(64, '0')).ok());
  EXPECT_EQ(Value("docspace_circuit_breakers_open"), 1);
  EXPECT_GE(Value("docspace_circuit_breakers_opened_total"), 1);
  EXPECT_GE(Value("docspace_pool_connect_failures_total"), 5);
  EXPECT_GE(Value("docspace_upstream_retries_total", {{"cause", "unsent"}}), 1);
  EXPECT_LT(Value("docspace_retry_budget_available"), 3);
  EXPECT_EQ(Value("grpc_server_handled_total", {{"reason", "UPSTREAM_UNREACHABLE"}}), 10);
}

TEST_F(AdminTest, CountsWhatIsShedByWhatWasFull) {
  testkit::ScriptedUpstream portal;
  portal.Always(testkit::Script().ReadRequest().WaitFor("go"));
  Serve("http://127.0.0.1:" + std::to_string(portal.port()),
        [](Config& config) { config.limits.max_in_flight = 1; });
  grpc::ClientContext context;
  context.AddMetadata("apikeybearer", "sk-" + std::string(64, '0'));
  std::thread waiting([&] {
    GetApiKeysResponse response;
    stub_->GetApiKeys(&context, {}, &response);
  });
  EXPECT_TRUE(portal.WaitForConnections(1));
  EXPECT_EQ(Value("docspace_calls_in_flight"), 1);
  EXPECT_GE(Value("docspace_buffered_bytes"), 64 * 1024);
  EXPECT_FALSE(List("sk-" + std::string(64, '0')).ok());
  EXPECT_EQ(Value("docspace_calls_shed_total", {{"cause", "in_flight"}}), 1);
  EXPECT_EQ(Value("docspace_calls_shed_total", {{"cause", "memory"}}), 0);
  EXPECT_EQ(Value("docspace_calls_in_flight_limit"), 1);
  context.TryCancel();
  waiting.join();
}

TEST_F(AdminTest, ExportsTheMetricsThatAreAgreed) {
  const auto portal = emulator::Emulator::Start();
  Serve(portal->url());
  ASSERT_TRUE(List(portal->user(Role::kOwner).api_key).ok());
  std::set<std::string> exported;
  std::istringstream text(Get("/metrics"));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# TYPE ")) exported.insert(line.substr(7));
  }
  // The list with which the alerts and the dashboard are compared.
  std::ifstream file("deploy/metrics.txt");
  std::set<std::string> agreed;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::string type;
    words >> name >> type;
    if (!name.starts_with("#")) agreed.insert(name + " " + type);
  }
  EXPECT_EQ(exported, agreed);
}

TEST_F(AdminTest, CountsEachPortalByItsName) {
  const auto first = emulator::Emulator::Start();
  const auto second = emulator::Emulator::Start();
  Serve(first->url(), [&second](Config& config) {
    config.portal.named["second"] = http::ParseOrigin(second->url()).value();
    // One loop, because each loop has its own connections, and gRPC passes a call to another loop
    // if the loop of the caller's connection has not requested its next call yet.
    config.threads = 1;
  });
  for (const char* name : {"second", "second", "unknown"}) {
    grpc::ClientContext context;
    context.AddMetadata("apikeybearer", second->user(Role::kOwner).api_key);
    context.AddMetadata("x-docspace-portal", name);
    GetApiKeysResponse response;
    stub_->GetApiKeys(&context, {}, &response);
  }
  ASSERT_TRUE(List(first->user(Role::kOwner).api_key).ok());
  const auto handled = [this](const char* code, const char* portal) {
    return Value("grpc_server_handled_total", {{"grpc_code", code}, {"portal", portal}});
  };
  EXPECT_EQ(handled("OK", "default"), 1);
  EXPECT_EQ(handled("OK", "second"), 2);
  EXPECT_EQ(Value("grpc_server_handled_total", {{"reason", "PORTAL_UNKNOWN"}, {"portal", ""}}), 1);
  EXPECT_EQ(Value("docspace_pool_connections_created_total", {{"portal", "second"}}), 1);
}

TEST_F(AdminTest, ShowsTheConfigurationInForce) {
  Config config = testkit::TestConfig("http://127.0.0.1:1");
  config.admin.listen = "127.0.0.1:0";
  gateway_.emplace(config, Gateway::Surroundings{.printed_config = "caller-max-streams: \"7\"\n"});
  EXPECT_EQ(Get("/config"), "caller-max-streams: \"7\"\n");
}

TEST_F(AdminTest, IsNotReadyWhileItDrains) {
  testkit::ScriptedUpstream portal;
  portal.Always(testkit::Script().ReadRequest().WaitFor("go").Close());
  Serve("http://127.0.0.1:" + std::to_string(portal.port()),
        [](Config& config) { config.drain.grace = std::chrono::minutes(1); });
  EXPECT_THAT(Ask("GET", "/readyz"), HasSubstr(" 200 "));
  std::thread call([this] { List("sk-" + std::string(64, '0')); });
  EXPECT_TRUE(portal.WaitForConnections(1));
  std::thread drain([this] { gateway_->gateway().Drain(); });
  EXPECT_TRUE(gateway_->log().WaitFor("no further calls"));
  EXPECT_THAT(Ask("GET", "/readyz"), HasSubstr(" 503 "));
  EXPECT_THAT(Ask("GET", "/healthz"), HasSubstr(" 200 "));
  EXPECT_EQ(Value("docspace_gateway_ready"), 0);
  portal.Signal("go");
  call.join();
  drain.join();
}

TEST_F(AdminTest, TellsWhenTheCertificateExpires) {
  const testkit::CertificateAuthority authority;
  const testkit::Certificate certificate = authority.Issue("localhost");
  const testkit::TemporaryFile chain(certificate.CertificatePem());
  const testkit::TemporaryFile key(certificate.KeyPem());
  Serve("http://127.0.0.1:1", [&](Config& config) {
    config.tls.certificates.certificate_file = chain.path();
    config.tls.certificates.private_key_file = key.path();
  });
  const std::string metrics = Get("/metrics");
  EXPECT_THAT(metrics,
              HasSubstr("docspace_certificate_expiry_timestamp_seconds{use=\"callers\"} 1"));
  EXPECT_THAT(metrics, Not(HasSubstr("use=\"portal\"")));
  EXPECT_THAT(metrics, Not(HasSubstr("BEGIN")));
}

TEST_F(AdminTest, SetsTheLogLevel) {
  const auto portal = emulator::Emulator::Start();
  const std::string key = portal->user(Role::kOwner).api_key;
  Serve(portal->url());
  EXPECT_THAT(Ask("PUT", "/log-level?level=off"), HasSubstr(" 200 "));
  ASSERT_TRUE(List(key).ok());
  EXPECT_THAT(Ask("PUT", "/log-level?level=loud"), HasSubstr(" 400 "));
  EXPECT_THAT(Ask("PUT", "/log-level?level=info"), HasSubstr(" 200 "));
  ASSERT_TRUE(Self(key).ok());
  gateway_->Stop();
  ASSERT_EQ(gateway_->log().RpcLines().size(), 1U);
  EXPECT_EQ(gateway_->log().RpcLines()[0].at("method"), "GetApiKey");
}

TEST(AdminStartTest, AnAddressInUseIsToldByTheSetting) {
  const auto portal = emulator::Emulator::Start();
  Config config = testkit::TestConfig(portal->url());
  config.admin.listen = "127.0.0.1:" + std::to_string(portal->port());
  const testkit::KeptLog log;
  const auto gateway = Gateway::Start(config, log.logger());
  EXPECT_TRUE(absl::IsUnavailable(gateway.status()));
  EXPECT_THAT(std::string(gateway.status().message()), HasSubstr("--admin-listen"));
}

}  // namespace
}  // namespace docspace::gateway
