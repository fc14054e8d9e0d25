// The results of health probes while portals become available and fail.
#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/testkit/channel.h"
#include "tests/testkit/descriptor_leak_check.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/reserved_port.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::testkit {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class ReadinessTest : public ::testing::Test {
 protected:
  // Configures two portals at ports on which nothing listens yet.
  ReadinessTest() {
    config_ = TestConfig("http://" + first_.address());
    config_.portal.named["second"] = http::ParseOrigin("http://" + second_.address()).value();
    config_.listen.readiness_needs_portal = true;
    config_.listen.health = "127.0.0.1:0";
  }

  void Serve() {
    gateway_.emplace(config_);
    health_ = Health::NewStub(
        NewChannelTo("127.0.0.1:" + std::to_string(gateway_->gateway().health_port()), {}));
  }

  HealthCheckResponse::ServingStatus Ask(Health::Stub& stub, const std::string& service) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = stub.Check(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
      return HealthCheckResponse::SERVICE_UNKNOWN;
    }
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  }
  HealthCheckResponse::ServingStatus Ask(const std::string& service) {
    return Ask(*health_, service);
  }

  // A health watch, which is notified of each change at once.
  struct Watch {
    Watch(Health::Stub& stub, const std::string& service) {
      HealthCheckRequest request;
      request.set_service(service);
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
      reader = stub.Watch(&context, request);
    }
    ~Watch() { context.TryCancel(); }
    HealthCheckResponse::ServingStatus Next() {
      HealthCheckResponse response;
      return reader->Read(&response) ? response.status() : HealthCheckResponse::UNKNOWN;
    }
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader;
  };

  const DescriptorLeakCheck descriptors_;
  const ReservedPort first_;
  const ReservedPort second_;
  Config config_;
  std::optional<GatewayUnderTest> gateway_;
  std::unique_ptr<Health::Stub> health_;
};

TEST_F(ReadinessTest, IsReadyOnceOnePortalIsReachedAndStaysSo) {
  Serve();
  Watch watch(*health_, "readiness");
  EXPECT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Ask("liveness"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask("docspace.apikeys.v1.ApiKeys"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask("another"), HealthCheckResponse::SERVICE_UNKNOWN);
  {
    ScriptedUpstream portal(second_.port());
    portal.Always(Script());
    EXPECT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  }
  // The portal has stopped, and a call fails because of it.
  EXPECT_EQ(Ask("readiness"), HealthCheckResponse::SERVING);
}

TEST_F(ReadinessTest, DoesNotLookForPortalsWhereThatIsOff) {
  config_.listen.readiness_needs_portal = false;
  Serve();
  EXPECT_EQ(Ask("readiness"), HealthCheckResponse::SERVING);
}

TEST_F(ReadinessTest, BothPortsSayTheSameAndADrainEndsAllButLiveness) {
  config_.drain.delay = std::chrono::milliseconds(200);
  Serve();
  const auto main_health = Health::NewStub(gateway_->NewChannel());
  EXPECT_EQ(Ask(*main_health, "readiness"), HealthCheckResponse::NOT_SERVING);
  Watch watch(*health_, "");
  EXPECT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  std::thread drain([this] { gateway_->gateway().Drain(); });
  EXPECT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Ask("liveness"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask("readiness"), HealthCheckResponse::NOT_SERVING);
  drain.join();
  // For probes that continue until the process has ended.
  EXPECT_EQ(Ask("liveness"), HealthCheckResponse::SERVING);
}

TEST_F(ReadinessTest, TheHealthPortServesNothingElse) {
  Serve();
  const auto stub = apikeys::v1::ApiKeys::NewStub(
      NewChannelTo("127.0.0.1:" + std::to_string(gateway_->gateway().health_port()), {}));
  grpc::ClientContext context;
  apikeys::v1::GetApiKeysResponse response;
  EXPECT_EQ(stub->GetApiKeys(&context, {}, &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(ReadinessTest, AHealthPortThatIsTakenIsNamed) {
  const ScriptedUpstream taken;
  config_.listen.health = "127.0.0.1:" + std::to_string(taken.port());
  const KeptLog log;
  const auto gateway = Gateway::Start(config_, log.logger());
  EXPECT_THAT(std::string(gateway.status().message()), ::testing::HasSubstr("--health-listen"));
}

}  // namespace
}  // namespace docspace::gateway::testkit
