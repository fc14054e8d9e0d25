// The callers of unread_answers_test, over TLS, where gRPC encrypts what it cannot send yet.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/emulator/emulator.h"
#include "tests/testing/certificates.h"
#include "tests/testing/gateway_process.h"
#include "tests/testing/raw_http2_client.h"
#include "tests/testing/temporary_file.h"
#include "tests/testing/wait_until.h"

namespace docspace::gateway::testing {
namespace {

using emulator::Role;

constexpr const char* kGet = "/docspace.apikeys.v1.ApiKeys/GetApiKey";
constexpr const char* kList = "/docspace.apikeys.v1.ApiKeys/GetApiKeys";
constexpr const char* kCreate = "/docspace.apikeys.v1.ApiKeys/CreateApiKey";

#ifdef DOCSPACE_SANITIZER
constexpr bool kMemoryIsItsOwn = false;  // The sanitizer keeps what was freed.
#else
constexpr bool kMemoryIsItsOwn = true;
#endif

struct FreeSsl {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// An HTTP/2 client over TLS that verifies nothing and acknowledges no setting. It reads only in
// WaitForEnd and IsCut.
class TlsHttp2Client {
 public:
  // With a window of 0 for responses if `takes_nothing`.
  TlsHttp2Client(std::uint16_t port, bool takes_nothing) {
    constexpr int kLittle = 4096;
    if (takes_nothing) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kLittle, sizeof kLittle);
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    SSL_set_fd(ssl_.get(), socket_);
    constexpr unsigned char kH2[] = {2, 'h', '2'};
    SSL_set_alpn_protos(ssl_.get(), kH2, sizeof kH2);
    EXPECT_EQ(SSL_connect(ssl_.get()), 1);
    Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
         Frame(FrameType::kSettings, 0, 0,
               takes_nothing ? Setting(kInitialWindowSize, 0) : std::string()));
  }
  ~TlsHttp2Client() { close(socket_); }
  TlsHttp2Client(const TlsHttp2Client&) = delete;
  TlsHttp2Client& operator=(const TlsHttp2Client&) = delete;

  bool Send(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  // Returns the stream.
  std::uint32_t Call(std::string_view path, const RawHttp2Client::Headers& metadata,
                     std::string_view message = "") {
    const std::uint32_t stream = next_stream_;
    next_stream_ += 2;
    std::string body(1, '\0');
    for (int i = 3; i >= 0; --i) body += static_cast<char>(message.size() >> (8 * i));
    body += message;
    std::string bytes = RawHttp2Client::Head(stream, path, metadata);
    constexpr std::size_t kFrame = 16'000;
    for (std::size_t at = 0; at < body.size(); at += kFrame) {
      const std::uint8_t flags = at + kFrame >= body.size() ? kEndStream : 0;
      bytes += Frame(FrameType::kData, flags, stream, std::string_view(body).substr(at, kFrame));
    }
    Send(bytes);
    return stream;
  }

  // Until the gateway has ended the stream; false if it ends the connection instead.
  bool WaitForEnd(std::uint32_t stream) {
    while (!ended_.contains(stream)) {
      if (!ReceiveFrame()) return false;
    }
    return true;
  }

  // Until the gateway ends the connection; false if it sends nothing for half a minute.
  bool IsCut() {
    while (ReceiveFrame()) {
    }
    return errno != EAGAIN;
  }

 private:
  bool Receive(std::size_t size, std::string& bytes) {
    bytes.resize(size);
    for (std::size_t received = 0; received < size;) {
      errno = 0;
      const int more =
          SSL_read(ssl_.get(), bytes.data() + received, static_cast<int>(size - received));
      if (more <= 0) return false;
      received += static_cast<std::size_t>(more);
    }
    return true;
  }

  bool ReceiveFrame() {
    std::string head;
    std::string payload;
    if (!Receive(9, head)) return false;
    const auto byte = [&head](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(head[i]));
    };
    if (!Receive(byte(0) << 16 | byte(1) << 8 | byte(2), payload)) return false;
    const auto type = static_cast<FrameType>(byte(3));
    if (type == FrameType::kResetStream ||
        (type == FrameType::kHeaders && (byte(4) & kEndStream) != 0)) {
      ended_.insert(byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8));
    }
    return true;
  }

  const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  const std::unique_ptr<SSL_CTX, FreeSsl> context_{SSL_CTX_new(TLS_client_method())};
  const std::unique_ptr<SSL, FreeSsl> ssl_{SSL_new(context_.get())};
  std::uint32_t next_stream_ = 1;
  std::set<std::uint32_t> ended_;
};

class UnreadAnswersTlsTest : public ::testing::Test {
 protected:
  UnreadAnswersTlsTest() {
    // As others do, OpenSSL writes to a connection that the gateway may have cut.
    std::signal(SIGPIPE, SIG_IGN);
  }

  void Start(std::vector<std::string> flags) {
    flags.push_back("--threads=1");
    flags.push_back("--caller-tls-certificate-file=" + certificate_file_.path());
    flags.push_back("--caller-tls-private-key-file=" + key_file_.path());
    gateway_ = std::make_unique<GatewayProcess>(portal_->url(), flags);
  }

  RawHttp2Client::Headers Credential() {
    return {{"apikeybearer", portal_->user(Role::kOwner).api_key}};
  }

  // Whether another caller is served.
  bool IsServed() {
    const auto before = portal_->request_count();
    TlsHttp2Client other(gateway_->port(), /*takes_nothing=*/false);
    return other.WaitForEnd(other.Call(kGet, Credential())) && portal_->request_count() > before;
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
  std::deque<TlsHttp2Client> callers;
  const std::size_t sent = portal_->request_count();
  const auto finished = [this] {
    const std::vector<std::string> lines = gateway_->Lines();
    return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return line.find(R"("code":"OK")") != std::string::npos;
    });
  };
  std::ptrdiff_t answered = 0;
  for (int i = 0; i < 3; ++i) {
    TlsHttp2Client& caller = callers.emplace_back(gateway_->port(), /*takes_nothing=*/true);
    for (std::size_t j = 0; j < 2 * kPlaces; ++j) {
      caller.Call(kList, Credential());
      ++answered;
      ASSERT_TRUE(WaitUntil([&] { return finished() >= answered; }));
    }
  }
  EXPECT_EQ(portal_->request_count() - sent, 6 * kPlaces);
  for (std::size_t i = 0; i < 5 * kPlaces; ++i) EXPECT_TRUE(IsServed());
  gateway_->Signal(SIGTERM);
  EXPECT_EQ(gateway_->Wait(), 0);
}

TEST_F(UnreadAnswersTlsTest, G21_AConnectionThatBeginsTooManyCallsIsCutAndNoOther) {
  Start({});
  TlsHttp2Client bystander(gateway_->port(), /*takes_nothing=*/false);
  TlsHttp2Client culprit(gateway_->port(), /*takes_nothing=*/false);
  // 32 MiB at 16 KiB each are 2,000 calls.
  for (std::uint32_t i = 0; i < 2500; ++i) {
    if (!culprit.Send(RawHttp2Client::Head(2 * i + 1, kGet, Credential()))) break;
  }
  EXPECT_TRUE(culprit.IsCut());
  EXPECT_TRUE(bystander.WaitForEnd(bystander.Call(kGet, Credential())));
  EXPECT_TRUE(IsServed());
}

TEST_F(UnreadAnswersTlsTest, G22_ARefusedCallHoldsItsRequestNoLonger) {
  Start({});
  ASSERT_TRUE(IsServed());
  const std::size_t before = gateway_->resident_kib();
  TlsHttp2Client caller(gateway_->port(), /*takes_nothing=*/true);
  // Field 1, the name, with 60,000 letters: 24 MB for all calls.
  const std::string message = std::string("\x0a\xe0\xd4\x03", 4) + std::string(60'000, 'n');
  for (int i = 0; i < 400; ++i) caller.Call(kCreate, {}, message);
  EXPECT_TRUE(IsServed());
  if (kMemoryIsItsOwn) {
    EXPECT_LE(gateway_->peak_resident_kib(), before + 16 * 1024);
  }
}

}  // namespace
}  // namespace docspace::gateway::testing
