// The callers of unread_answers_test over TLS, for which gRPC encrypts data that it cannot send
// yet.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/emulator/emulator.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/grpc_behaviour.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/temporary_file.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using emulator::Role;

constexpr const char* kGet = "/docspace.apikeys.v1.ApiKeys/GetApiKey";
constexpr const char* kList = "/docspace.apikeys.v1.ApiKeys/GetApiKeys";
constexpr const char* kCreate = "/docspace.apikeys.v1.ApiKeys/CreateApiKey";

class UnreadAnswersTlsTest : public ::testing::Test {
 protected:
  UnreadAnswersTlsTest() {
    // OpenSSL may write to a connection that the gateway has closed.
    std::signal(SIGPIPE, SIG_IGN);
  }

  void Start(std::vector<std::string> flags) {
    flags.push_back("--threads=1");
    flags.push_back("--caller-tls-certificate-file=" + certificate_file_.path());
    flags.push_back("--caller-tls-private-key-file=" + key_file_.path());
    gateway_ = std::make_unique<GatewayProcess>(portal_->url(), flags);
  }

  // Connects a client to the gateway. If it `takes_nothing` it has no window for responses.
  struct Caller : RawHttp2Client {
    Caller(const GatewayProcess& gateway, bool takes_nothing)
        : RawHttp2Client(gateway.port(), takes_nothing, Transport::kTls) {
      if (takes_nothing) Send(Frame(FrameType::kSettings, 0, 0, Setting(kInitialWindowSize, 0)));
    }
  };

  RawHttp2Client::Headers Credential() {
    return {{"apikeybearer", portal_->user(Role::kOwner).api_key}};
  }

  // Returns whether another caller is served.
  bool IsServed() {
    const auto before = portal_->request_count();
    Caller other(*gateway_, /*takes_nothing=*/false);
    return other.WaitForEnd(other.Call(kGet, Credential())) && portal_->request_count() > before;
  }

  // Returns the number of calls that have ended with `code`, according to the gateway's log.
  std::ptrdiff_t Finished(const std::string& code) const {
    const std::string member = R"("code":")" + code + '"';
    return std::ranges::count_if(gateway_->Lines(), [&member](const std::string& line) {
      return line.find(member) != std::string::npos;
    });
  }

  const std::unique_ptr<emulator::Emulator> portal_ = emulator::Emulator::Start();
  const CertificateAuthority authority_;
  const Certificate certificate_ = authority_.Issue("localhost");
  const TemporaryFile certificate_file_{certificate_.CertificatePem()};
  const TemporaryFile key_file_{certificate_.KeyPem()};
  std::unique_ptr<GatewayProcess> gateway_;
};

TEST_F(UnreadAnswersTlsTest, G20_S12_PlacesAreFreeOnceCallsAreAnsweredAndADrainEnds) {
  constexpr std::size_t kPlaces = 4;
  Start({"--max-in-flight=4", "--drain-delay=0", "--drain-grace=1s"});
  portal_->SeedKeys(Role::kOwner, 1000, "Key ");
  std::deque<Caller> callers;
  const std::size_t sent = portal_->request_count();
  std::ptrdiff_t answered = 0;
  for (int i = 0; i < 3; ++i) {
    Caller& caller = callers.emplace_back(*gateway_, /*takes_nothing=*/true);
    for (std::size_t j = 0; j < 2 * kPlaces; ++j) {
      caller.Call(kList, Credential());
      ++answered;
      ASSERT_TRUE(WaitUntil([&] { return Finished("OK") >= answered; }));
    }
  }
  EXPECT_EQ(portal_->request_count() - sent, 6 * kPlaces);
  for (std::size_t i = 0; i < 5 * kPlaces; ++i) EXPECT_TRUE(IsServed());
  gateway_->Signal(SIGTERM);
  EXPECT_EQ(gateway_->Wait(), 0);
}

TEST_F(UnreadAnswersTlsTest, G21_AConnectionThatBeginsTooManyCallsIsCutAndNoOther) {
  Start({});
  Caller bystander(*gateway_, /*takes_nothing=*/false);
  Caller culprit(*gateway_, /*takes_nothing=*/false);
  // 32 MiB at 16 KiB each are 2,000 calls.
  constexpr std::size_t kCalls = 2500;
  for (std::uint32_t i = 0; i < kCalls; ++i) {
    if (!culprit.Send(RawHttp2Client::Head(2 * i + 1, kGet, Credential()))) break;
  }
  // gRPC may let only a thousand of them begin, the default of --caller-max-streams.
  if (kRefusesSurplusStreams) {
    EXPECT_TRUE(culprit.WaitForEnds(kCalls - 1000));
  } else {
    EXPECT_TRUE(culprit.IsCut());
  }
  EXPECT_TRUE(bystander.WaitForEnd(bystander.Call(kGet, Credential())));
  EXPECT_TRUE(IsServed());
}

TEST_F(UnreadAnswersTlsTest, G22_ARefusedCallHoldsItsRequestNoLonger) {
  Start({});
  ASSERT_TRUE(IsServed());
  const std::size_t before = gateway_->resident_kib();
  Caller caller(*gateway_, /*takes_nothing=*/true);
  // Field 1, the name, with 60,000 letters: 24 MB for all calls.
  const std::string message = std::string("\x0a\xe0\xd4\x03", 4) + std::string(60'000, 'n');
  for (std::ptrdiff_t sent = 0; sent < 400;) {
    // Otherwise the measurement would include calls that the gateway has not yet read.
    for (int i = 0; i < 10; ++i, ++sent) caller.Call(kCreate, {}, message);
    ASSERT_TRUE(WaitUntil([&] { return Finished("UNAUTHENTICATED") >= sent; }));
  }
  EXPECT_TRUE(IsServed());
  if (kMemoryIsItsOwn) {
    EXPECT_LE(gateway_->peak_resident_kib(), before + 16 * 1024);
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
