// Several portals behind one gateway: how a caller selects one, and how failures of one portal
// leave the others unaffected.
#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/error_matchers.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::testkit {
namespace {

using emulator::Emulator;
using grpc::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;

class PortalsTest : public EndToEndTest {
 protected:
  PortalsTest() : acme_(Emulator::Start({})) {
    stuck_.Always(Script().ReadRequest().WaitFor("never"));
    other_.Always(Script()
                      .ReadRequest()
                      .Send("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}")
                      .Repeat());
    for (const emulator::SeededUser& user : acme_->users()) ForbidInOutput(user.api_key);
  }

  static http::Origin At(std::uint16_t port) {
    return http::ParseOrigin("http://127.0.0.1:" + std::to_string(port)).value();
  }

  void Configure(Config& config) override {
    config.portal.named["acme"] = http::ParseOrigin(acme_->url()).value();
    config.portal.named["stuck"] = At(stuck_.port());
    config.portal.named["other"] = At(other_.port());
    config.portal.named["other"].host_header = "docs.other.example:8080";
    config.portal.named["down"] = At(1);
    config.limits.max_in_flight = 1;
  }

  // Returns the metadata that names `portal`, with a credential of the default portal's owner.
  Metadata Naming(const std::string& portal) {
    Metadata metadata = ApiKeyOf(Role::kOwner);
    metadata.emplace_back("x-docspace-portal", portal);
    return metadata;
  }
  Metadata OfAcme(const std::string& portal) {
    return {{"apikeybearer", acme_->user(Role::kOwner).api_key}, {"x-docspace-portal", portal}};
  }

  const std::unique_ptr<Emulator> acme_;
  ScriptedUpstream stuck_;
  ScriptedUpstream other_;
};

TEST_F(PortalsTest, ACallChoosesByName) {
  EXPECT_TRUE(Call(Rpc::kGetApiKey, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_TRUE(Call(Rpc::kGetApiKey, Naming("default")).ok());
  EXPECT_TRUE(Call(Rpc::kGetApiKey, OfAcme("acme")).ok());
  // Each portal has its own keys.
  EXPECT_EQ(Call(Rpc::kGetApiKey, OfAcme("default")).status.error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Call(Rpc::kGetApiKey, Naming("acme")).status.error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(PortalsTest, RefusesWhatIsNotInItsTable) {
  for (const char* name : {"", "unknown", "Acme", "acme ", "http://127.0.0.1:1", "acme,default"}) {
    const auto answer = Call(Rpc::kGetApiKey, OfAcme(name));
    EXPECT_THAT(answer, IsError(StatusCode::INVALID_ARGUMENT, "PORTAL_UNKNOWN")) << name;
  }
  Metadata both = OfAcme("acme");
  both.emplace_back("x-docspace-portal", "default");
  EXPECT_THAT(Call(Rpc::kGetApiKey, both), IsError(StatusCode::INVALID_ARGUMENT, "PORTAL_UNKNOWN"));
  both.pop_back();
  both.emplace_back("x-docspace-portal", "acme");
  EXPECT_TRUE(Call(Rpc::kGetApiKey, both).ok());
}

TEST_F(PortalsTest, TheNameStaysHereAndTheHostHeaderIsTheConfiguredOne) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, Naming("other")).ok());
  EXPECT_THAT(other_.received(0), HasSubstr("\r\nHost: docs.other.example:8080\r\n"));
  EXPECT_THAT(other_.received(0), Not(HasSubstr("portal:")));
}

TEST_F(PortalsTest, OneThatIsStuckOrDownTakesNothingFromTheOthers) {
  const auto pending = Start(Rpc::kGetApiKey, Naming("stuck"));
  ASSERT_TRUE(stuck_.WaitForConnections(1));
  ASSERT_TRUE(stuck_.WaitForOctets(0, "GET "));
  EXPECT_THAT(Call(Rpc::kGetApiKey, Naming("stuck")),
              IsError(StatusCode::RESOURCE_EXHAUSTED, "GATEWAY_OVERLOADED"));
  // Enough failures to open the portal's circuit.
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Call(Rpc::kGetApiKey, Naming("down")),
                IsError(StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"));
  }
  EXPECT_TRUE(Call(Rpc::kGetApiKey, OfAcme("acme")).ok());
  EXPECT_TRUE(Call(Rpc::kGetApiKey, ApiKeyOf(Role::kOwner)).ok());
  pending->Cancel();
  pending->Wait();
}

class NoDefaultPortalTest : public PortalsTest {
 protected:
  void Configure(Config& config) override {
    PortalsTest::Configure(config);
    config.portal.origin = {};
  }
};

TEST_F(NoDefaultPortalTest, ACallMustChoose) {
  EXPECT_THAT(Call(Rpc::kGetApiKey, ApiKeyOf(Role::kOwner)),
              IsError(StatusCode::INVALID_ARGUMENT, "PORTAL_UNKNOWN"));
  EXPECT_THAT(Call(Rpc::kGetApiKey, Naming("default")),
              IsError(StatusCode::INVALID_ARGUMENT, "PORTAL_UNKNOWN"));
  EXPECT_TRUE(Call(Rpc::kGetApiKey, OfAcme("acme")).ok());
}

}  // namespace
}  // namespace docspace::gateway::testkit
