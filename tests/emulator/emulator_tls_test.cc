// The emulator with HTTPS and a certificate that the test creates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "tests/emulator/emulator.h"
#include "tests/emulator/test_connection.h"

namespace docspace::emulator {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

File Open(const std::string& path) { return {std::fopen(path.c_str(), "w"), &std::fclose}; }

class EmulatorTlsTest : public ::testing::Test {
 protected:
  EmulatorTlsTest() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    PEM_write_PrivateKey(Open(key_).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    PEM_write_X509(Open(certificate_).get(), certificate.get());
  }
  ~EmulatorTlsTest() override {
    std::remove(key_.c_str());
    std::remove(certificate_.c_str());
  }

  std::unique_ptr<Emulator> StartWithTls() const {
    return Emulator::Start({.http = {.tls_certificate = certificate_, .tls_key = key_}});
  }

  // Returns the bytes that a client receives, and sets `end` to how the connection ended.
  std::string Exchange(const Emulator& emulator, boost::system::error_code& end) {
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), emulator.port()});
    stream.handshake(asio::ssl::stream_base::client);
    asio::write(stream, asio::buffer(Get("/api/2.0/keys", "Connection: close\r\nAuthorization: " +
                                                              emulator.user(Role::kOwner).Basic() +
                                                              "\r\n")));
    std::string answer;
    asio::read(stream, asio::dynamic_buffer(answer), end);
    return answer;
  }

  const std::string key_ = testing::TempDir() + "/emulator_key.pem";
  const std::string certificate_ = testing::TempDir() + "/emulator_certificate.pem";
};

TEST_F(EmulatorTlsTest, ServesHttpsAndSaysGoodbye) {
  const auto emulator = StartWithTls();
  EXPECT_THAT(emulator->url(), StartsWith("https://127.0.0.1:"));
  boost::system::error_code end;
  const std::string answer = Exchange(*emulator, end);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"("href":"https://portal.example/api/2.0/keys")"));
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(EmulatorTlsTest, TruncatesWithoutAGoodbye) {
  const auto emulator = StartWithTls();
  emulator->FailNext({.body = Fault::Body::kGenuine, .delivery = {.truncate_after = 10}});
  boost::system::error_code end;
  EXPECT_THAT(Exchange(*emulator, end), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(end, asio::ssl::error::stream_truncated);
}

TEST_F(EmulatorTlsTest, OutlivesAClientThatSpeaksPlainHttp) {
  const auto emulator = StartWithTls();
  EXPECT_THAT(docspace::emulator::Exchange(emulator->port(), Get("/", "")),
              ::testing::Not(HasSubstr("200")));
  boost::system::error_code end;
  EXPECT_THAT(Exchange(*emulator, end), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(EmulatorTlsTest, RefusesAKeyThatIsNone) {
  EXPECT_THROW(
      Emulator::Start({.http = {.tls_certificate = certificate_, .tls_key = certificate_}}),
      boost::system::system_error);
}

}  // namespace
}  // namespace docspace::emulator
