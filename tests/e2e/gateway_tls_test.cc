// Callers that connect with TLS, and certificates that are replaced while the gateway runs.
#include <gmock/gmock.h>
#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/cpp/channel.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/grpc_behaviour.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/temporary_file.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::v1::ApiKeys;
using grpc::StatusCode;
using ::testing::HasSubstr;

class GatewayTlsTest : public ::testing::Test {
 protected:
  GatewayTlsTest() {
    upstream_.Always(Script()
                         .ReadRequest()
                         .Send("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}")
                         .Repeat());
    config_ = TestConfig("http://127.0.0.1:" + std::to_string(upstream_.port()));
    config_.tls.certificates.certificate_file = chain_.path();
    config_.tls.certificates.private_key_file = key_.path();
    config_.tls.refresh = std::chrono::milliseconds(5);
  }

  void Serve() { gateway_.emplace(config_); }

  // Returns the error with which the gateway refuses to start.
  std::string Complaint() {
    const KeptLog log;
    const auto gateway = Gateway::Start(config_, log.logger());
    EXPECT_EQ(gateway.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(gateway.status().message());
  }

  struct Reply {
    StatusCode code;
    // The certificate that the gateway presented, in PEM.
    std::string certificate;
  };

  // Makes one call over a new connection.
  Reply Call(const apikeys::Transport& transport) {
    const auto stub =
        ApiKeys::NewStub(*apikeys::MakeChannel(gateway_->gateway().address(), transport));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    context.AddMetadata("apikeybearer", "sk-1");
    apikeys::v1::GetApiKeysResponse response;
    const grpc::Status status = stub->GetApiKeys(&context, {}, &response);
    Reply reply{.code = status.error_code(), .certificate = ""};
    if (!status.ok()) return reply;
    for (const auto& shown :
         context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME)) {
      reply.certificate.assign(shown.data(), shown.size());
    }
    return reply;
  }
  Reply Call() { return Call(Trusting()); }

  apikeys::Tls Trusting() const { return {.ca_pem = authority_.Pem()}; }
  apikeys::Tls Showing(const Certificate& certificate) const {
    return {.ca_pem = authority_.Pem(),
            .certificate_pem = certificate.CertificatePem(),
            .private_key_pem = apikeys::Secret(certificate.KeyPem())};
  }

  const CertificateAuthority authority_;
  const Certificate old_ = authority_.Issue("127.0.0.1");
  const Certificate new_ = authority_.Issue("127.0.0.1");
  TemporaryFile chain_{old_.CertificatePem()};
  TemporaryFile key_{old_.KeyPem()};
  ScriptedUpstream upstream_;
  Config config_;
  std::optional<GatewayUnderTest> gateway_;
};

TEST_F(GatewayTlsTest, ServesCallersWhoTrustItsAuthority) {
  Serve();
  const Reply reply = Call();
  EXPECT_EQ(reply.code, StatusCode::OK);
  EXPECT_EQ(reply.certificate, old_.CertificatePem());
  EXPECT_EQ(Call(apikeys::Tls{.ca_pem = CertificateAuthority().Pem()}).code,
            StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(apikeys::Plaintext{}).code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(upstream_.requests(), 1U);
}

TEST_F(GatewayTlsTest, WithoutACertificateServesPlaintext) {
  config_.tls.certificates.certificate_file.clear();
  config_.tls.certificates.private_key_file.clear();
  Serve();
  EXPECT_EQ(Call(apikeys::Plaintext{}).code, StatusCode::OK);
  EXPECT_EQ(Call().code, StatusCode::UNAVAILABLE);
}

TEST_F(GatewayTlsTest, DoesNotStartWithWhatCannotBeUsedAndNamesTheSetting) {
  key_.Replace(new_.KeyPem());
  EXPECT_EQ(Complaint(),
            "--caller-tls-private-key-file does not go with --caller-tls-certificate-file, whose "
            "first certificate is of CN=127.0.0.1");
  key_.Replace("rubbish");
  EXPECT_THAT(Complaint(), HasSubstr("--caller-tls-private-key-file names"));
  chain_.Replace("rubbish");
  EXPECT_THAT(Complaint(), HasSubstr("--caller-tls-certificate-file names"));
  config_.tls.certificates.ca_file = "/nowhere";
  EXPECT_THAT(Complaint(), HasSubstr("--caller-tls-client-ca-file names"));
  config_.tls.certificates = Config().tls.certificates;
  config_.portal.certificates.ca_file = chain_.path();
  EXPECT_THAT(Complaint(), HasSubstr("--portal-ca-file names"));
}

TEST_F(GatewayTlsTest, S5_ACertificateThatIsReplacedIsShownToNewConnections) {
  Serve();
  EXPECT_EQ(Call().certificate, old_.CertificatePem());
  chain_.Replace(new_.CertificatePem());
  key_.Replace(new_.KeyPem());
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
  const Reply reply = Call();
  EXPECT_EQ(reply.code, StatusCode::OK);
  EXPECT_EQ(reply.certificate, new_.CertificatePem());
}

TEST_F(GatewayTlsTest, S5_AConnectionOutlivesTheCertificateItWasMadeWith) {
  Serve();
  const auto channel = *apikeys::MakeChannel(gateway_->gateway().address(), Trusting());
  const auto stub = ApiKeys::NewStub(channel);
  for (const bool replaced : {false, true}) {
    grpc::ClientContext context;
    context.AddMetadata("apikeybearer", "sk-1");
    apikeys::v1::GetApiKeysResponse response;
    EXPECT_TRUE(stub->GetApiKeys(&context, {}, &response).ok());
    if (replaced) break;
    chain_.Replace(new_.CertificatePem());
    key_.Replace(new_.KeyPem());
    ASSERT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
  }
}

TEST_F(GatewayTlsTest, S5_NoCallFailsWhileCertificatesAreReplacedUnderLoad) {
  Serve();
  std::atomic<bool> replaced = false;
  std::atomic<std::size_t> calls = 0;
  std::atomic<std::size_t> failures = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!replaced) {
        ++calls;
        if (Call().code != StatusCode::OK) ++failures;
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    const Certificate next = authority_.Issue("127.0.0.1");
    const std::size_t before = calls;
    // For a moment the certificate and the key do not match.
    chain_.Replace(next.CertificatePem());
    key_.Replace(next.KeyPem());
    EXPECT_TRUE(
        WaitUntil([&] { return Call().certificate == next.CertificatePem() && calls > before; }));
  }
  replaced = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(failures, 0U);
  EXPECT_GE(calls, 10U);
}

TEST_F(GatewayTlsTest, S5_RubbishKeepsTheOldCertificateAndIsLogged) {
  Serve();
  chain_.Replace("rubbish");
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_rejected"));
  EXPECT_TRUE(gateway_->log().WaitFor("--caller-tls-certificate-file names a file"));
  const Reply reply = Call();
  EXPECT_EQ(reply.code, StatusCode::OK);
  EXPECT_EQ(reply.certificate, old_.CertificatePem());
}

TEST_F(GatewayTlsTest, S5_AKeyOfAnotherCertificateKeepsTheOldOneAndIsLogged) {
  Serve();
  key_.Replace(new_.KeyPem());
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_rejected"));
  EXPECT_TRUE(gateway_->log().WaitFor("--caller-tls-private-key-file does not go with"));
  const Reply reply = Call();
  EXPECT_EQ(reply.code, StatusCode::OK);
  EXPECT_EQ(reply.certificate, old_.CertificatePem());
}

TEST_F(GatewayTlsTest, WithClientAuthoritiesServesOnlyWhomTheyVouchFor) {
  const CertificateAuthority callers;
  config_.tls.certificates.ca_file = callers.file();
  Serve();
  EXPECT_EQ(Call(Showing(callers.Issue("caller.example"))).code, StatusCode::OK);
  EXPECT_EQ(Call().code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(Showing(authority_.Issue("caller.example"))).code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(Showing(callers.IssueExpired("caller.example"))).code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(upstream_.requests(), 1U);
}

TEST_F(GatewayTlsTest, S5_ClientAuthoritiesThatAreReplacedAreThoseOfNewConnections) {
  const CertificateAuthority before;
  const CertificateAuthority after;
  TemporaryFile trusted(before.Pem());
  config_.tls.certificates.ca_file = trusted.path();
  Serve();
  const auto old_caller = Showing(before.Issue("caller.example"));
  const auto new_caller = Showing(after.Issue("caller.example"));
  EXPECT_EQ(Call(old_caller).code, StatusCode::OK);
  EXPECT_EQ(Call(new_caller).code, StatusCode::UNAVAILABLE);
  trusted.Replace(after.Pem());
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
  EXPECT_EQ(Call(new_caller).code, StatusCode::OK);
  EXPECT_EQ(Call(old_caller).code, StatusCode::UNAVAILABLE);
  trusted.Replace("rubbish");
  ASSERT_TRUE(gateway_->log().WaitFor("--caller-tls-client-ca-file names a file"));
  EXPECT_EQ(Call(new_caller).code, StatusCode::OK);
  EXPECT_EQ(Call(old_caller).code, StatusCode::UNAVAILABLE);
}

// Returns OpenSSL's reason for which a handshake with that version of TLS fails, or 0 if it
// succeeds.
int Handshake(int port, int version) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  // OpenSSL itself refuses to offer TLS 1.1 otherwise.
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof kHttp2);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("nothing listens");
  }
  const std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(context.get()), SSL_free);
  SSL_set_fd(tls.get(), connection);
  ERR_clear_error();
  const bool done = SSL_connect(tls.get()) == 1;
  const int reason = done ? 0 : ERR_GET_REASON(ERR_peek_error());
  close(connection);
  return reason;
}

TEST_F(GatewayTlsTest, SpeaksNoTlsBelow12) {
  Serve();
  const int port = gateway_->gateway().port();
  EXPECT_EQ(Handshake(port, TLS1_3_VERSION), 0);
  EXPECT_EQ(Handshake(port, TLS1_2_VERSION), 0);
  // gRPC closes the connection without an alert.
  EXPECT_EQ(Handshake(port, TLS1_1_VERSION), SSL_R_UNEXPECTED_EOF_WHILE_READING);
  EXPECT_EQ(Handshake(port, TLS1_VERSION), SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

TEST_F(GatewayTlsTest, AnOptionalCertificateMayBeMissingAndMayNotBeWrong) {
  config_.tls.certificates.ca_file = authority_.file();
  config_.tls.callers_need_certificate = false;
  Serve();
  EXPECT_EQ(Call().code, StatusCode::OK);
  EXPECT_EQ(Call(Showing(authority_.Issue("jobs.example"))).code, StatusCode::OK);
  EXPECT_EQ(Call(Showing(CertificateAuthority().Issue("jobs.example"))).code,
            StatusCode::UNAVAILABLE);
}

class RevocationTest : public GatewayTlsTest {
 protected:
  RevocationTest() {
    config_.tls.certificates.ca_file = authority_.file();
    config_.tls.certificates.revocation_file = lists_.path();
  }

  // Makes a call over `channel`, and returns its status.
  static grpc::Status CallOver(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    context.AddMetadata("apikeybearer", "sk-1");
    apikeys::v1::GetApiKeysResponse response;
    return ApiKeys::NewStub(channel)->GetApiKeys(&context, {}, &response);
  }
  std::shared_ptr<grpc::Channel> ChannelOf(const Certificate& caller) {
    return *apikeys::MakeChannel(gateway_->gateway().address(), Showing(caller));
  }

  const Certificate first_ = authority_.Issue("first.example");
  const Certificate second_ = authority_.Issue("second.example");
  TemporaryFile lists_{authority_.RevocationList({first_})};
};

TEST_F(RevocationTest, G25_ARevokedCallerIsRefusedAndLogged) {
  Serve();
  EXPECT_EQ(CallOver(ChannelOf(second_)).error_code(), StatusCode::OK);
  const grpc::Status refused = CallOver(ChannelOf(first_));
  EXPECT_EQ(refused.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(refused.error_message(), HasSubstr("has been revoked"));
  EXPECT_EQ(upstream_.requests(), 1U);
  gateway_->Stop();
  const auto lines = gateway_->log().RpcLines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_FALSE(lines[0].contains("refusal"));
  EXPECT_EQ(lines[1].at("reason"), "CALLER_NOT_ALLOWED");
  EXPECT_EQ(lines[1].at("refusal"), "the certificate shown to the gateway has been revoked");
  EXPECT_EQ(lines[1].at("certificate"), "first.example");
  EXPECT_THAT(std::string(lines[1].at("peer").as_string()), HasSubstr("127.0.0.1:"));
}

TEST_F(RevocationTest, S5_AListThatIsReplacedCountsForOpenConnectionsToo) {
  Serve();
  const auto first = ChannelOf(first_);
  const auto second = ChannelOf(second_);
  EXPECT_EQ(CallOver(first).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(CallOver(second).error_code(), StatusCode::OK);
  lists_.Replace(authority_.RevocationList({second_}));
  ASSERT_TRUE(gateway_->log().WaitFor("certificates_loaded"));
  EXPECT_EQ(CallOver(first).error_code(), StatusCode::OK);
  EXPECT_EQ(CallOver(second).error_code(), StatusCode::PERMISSION_DENIED);
}

TEST_F(RevocationTest, S5_ARubbishListKeepsTheOldOneAndIsLogged) {
  Serve();
  lists_.Replace("rubbish");
  ASSERT_TRUE(gateway_->log().WaitFor("--caller-tls-client-crl-file names a file without"));
  EXPECT_EQ(CallOver(ChannelOf(first_)).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(CallOver(ChannelOf(second_)).error_code(), StatusCode::OK);
  lists_.Replace(CertificateAuthority().RevocationList({second_}));
  ASSERT_TRUE(gateway_->log().WaitFor("that no authority of callers has signed"));
  EXPECT_EQ(CallOver(ChannelOf(second_)).error_code(), StatusCode::OK);
}

TEST_F(RevocationTest, G25_AnExpiredListRefusesEveryoneAndIsLogged) {
  lists_.Replace(authority_.RevocationList({}, std::chrono::seconds(-1)));
  Serve();
  EXPECT_TRUE(gateway_->log().WaitFor("that has expired"));
  const grpc::Status refused = CallOver(ChannelOf(second_));
  EXPECT_EQ(refused.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(refused.error_message(), HasSubstr("CRL has expired"));
}

TEST_F(RevocationTest, DoesNotStartWithAWrongList) {
  lists_.Replace("rubbish");
  EXPECT_EQ(Complaint(),
            "--caller-tls-client-crl-file names a file without a revocation list in PEM");
  lists_.Replace(CertificateAuthority().RevocationList({}));
  EXPECT_THAT(Complaint(), HasSubstr("--caller-tls-client-crl-file has a list of CN=Root"));
}

TEST_F(GatewayTlsTest, G17_TheLogSaysWhyTlsRefusesACallerAndWhoItIs) {
  config_.tls.certificates.ca_file = authority_.file();
  Serve();
  const auto refuses = [this](const apikeys::Tls& transport, const std::string& why) {
    EXPECT_EQ(Call(transport).code, StatusCode::UNAVAILABLE);
    EXPECT_TRUE(gateway_->log().WaitFor(R"("event":"caller_refused","message":")" + why +
                                        R"(","peer":"127.0.0.1:)"))
        << why;
  };
  refuses(Showing(authority_.IssueExpired("a.example")), "certificate has expired");
  refuses(Showing(CertificateAuthority().Issue("a.example")), "certificate signature failure");
  refuses(Trusting(), "no certificate was presented");
  EXPECT_EQ(Call(Showing(authority_.Issue("a.example"))).code, StatusCode::OK);
}

TEST_F(GatewayTlsTest, G17_TheLogNamesNoPeerIfItShouldNot) {
  config_.tls.certificates.ca_file = authority_.file();
  config_.log.peers = false;
  Serve();
  EXPECT_EQ(Call().code, StatusCode::UNAVAILABLE);
  EXPECT_TRUE(gateway_->log().WaitFor(
      R"("event":"caller_refused","message":"no certificate was presented"})"));
}

// The caller uses an existing connection, and one that resumes its TLS session.
TEST_F(GatewayTlsTest, G25_ACertificateThatExpiresMeanwhileIsRefused) {
  config_.tls.certificates.ca_file = authority_.file();
  Serve();
  const std::string address = gateway_->gateway().address();
  using Sessions = std::unique_ptr<grpc_ssl_session_cache, void (*)(grpc_ssl_session_cache*)>;
  const auto new_channel = [&](const Certificate& certificate, const Sessions& sessions) {
    grpc::ChannelArguments arguments;
    const grpc_arg cache = grpc_ssl_session_cache_create_channel_arg(sessions.get());
    arguments.SetPointerWithVtable(cache.key, cache.value.pointer.p, cache.value.pointer.vtable);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(
        address,
        grpc::SslCredentials({.pem_root_certs = authority_.Pem(),
                              .pem_private_key = certificate.KeyPem(),
                              .pem_cert_chain = certificate.CertificatePem()}),
        arguments);
  };
  const auto call = [](const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    context.AddMetadata("apikeybearer", "sk-1");
    apikeys::v1::GetApiKeysResponse response;
    const grpc::Status status = ApiKeys::NewStub(channel)->GetApiKeys(&context, {}, &response);
    bool is_resumed = false;
    for (const auto& reused :
         context.auth_context()->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY)) {
      is_resumed = reused == "true";
    }
    return std::pair(status.error_code(), is_resumed);
  };

  // The lifetime grows until it suffices for two calls, however busy the machine is.
  for (std::chrono::seconds lifetime(2);; lifetime *= 2) {
    const Certificate certificate = authority_.IssueFor("DNS:jobs.example", lifetime);
    const auto expiry = std::chrono::system_clock::now() + lifetime;
    // A session of an earlier certificate would present that one.
    const Sessions sessions(grpc_ssl_session_cache_create_lru(1), grpc_ssl_session_cache_destroy);
    const auto kept = new_channel(certificate, sessions);
    if (call(kept).first != StatusCode::OK) continue;
    const auto [code, was_resumed] = call(new_channel(certificate, sessions));
    if (code != StatusCode::OK) continue;
    EXPECT_EQ(was_resumed, kClientResumesSessions);
    std::this_thread::sleep_until(expiry + std::chrono::seconds(1));
    EXPECT_EQ(call(kept).first, StatusCode::PERMISSION_DENIED);
    const auto [late_code, is_resumed] = call(new_channel(certificate, sessions));
    EXPECT_EQ(is_resumed, was_resumed);
    // A whole handshake refuses the certificate itself.
    EXPECT_EQ(late_code, is_resumed ? StatusCode::PERMISSION_DENIED : StatusCode::UNAVAILABLE);
    break;
  }
}

TEST_F(GatewayTlsTest, G25_OnlyANameOfItsKindCounts) {
  config_.tls.certificates.ca_file = authority_.file();
  config_.tls.allowed_callers = {"spiffe://example.org/team/*", "reports.example"};
  Serve();
  const auto call_as = [this](const char* names) {
    return Call(Showing(authority_.IssueFor(names))).code;
  };
  EXPECT_EQ(call_as("URI:spiffe://example.org/team/a"), StatusCode::OK);
  EXPECT_EQ(call_as("DNS:reports.example,DNS:other.example"), StatusCode::OK);
  for (const char* names :
       {"DNS:spiffe://example.org/team/a", "email:spiffe://example.org/team/a",
        "URI:spiffe://example.org/team/a,URI:spiffe://example.org/other",
        "URI:spiffe://example.org/team/../admin", "URI:spiffe://example.org/team/%2e%2e%2fadmin",
        "URI:reports.example", "email:reports.example"}) {
    EXPECT_EQ(call_as(names), StatusCode::PERMISSION_DENIED) << names;
  }
}

TEST_F(GatewayTlsTest, G17_TheLogNamesTheCallersCertificate) {
  config_.tls.certificates.ca_file = authority_.file();
  config_.tls.callers_need_certificate = false;
  Serve();
  const char* const name = "spiffe://example.org/ns/jobs/sa/nightly";
  EXPECT_EQ(Call(Showing(authority_.Issue(name))).code, StatusCode::OK);
  EXPECT_EQ(Call().code, StatusCode::OK);
  gateway_->Stop();
  const auto lines = gateway_->log().RpcLines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].at("certificate"), name);
  EXPECT_FALSE(lines[1].contains("certificate"));
}

TEST_F(GatewayTlsTest, OnlyCallersWhoseCertificateBearsAnAllowedNameMayCall) {
  config_.tls.certificates.ca_file = authority_.file();
  config_.tls.callers_need_certificate = false;
  config_.tls.allowed_callers = {"spiffe://example.org/ns/jobs/*", "reports.example"};
  Serve();
  const auto call_as = [this](const char* name) {
    return Call(Showing(authority_.Issue(name))).code;
  };
  EXPECT_EQ(call_as("spiffe://example.org/ns/jobs/sa/nightly"), StatusCode::OK);
  EXPECT_EQ(call_as("reports.example"), StatusCode::OK);
  const std::size_t served = upstream_.requests();
  for (const char* name :
       {"spiffe://example.org/ns/jobs/", "spiffe://example.org/ns/jobsx/sa/nightly",
        "spiffe://example.org.evil/ns/jobs/sa/nightly", "spiffe://example.org/ns/other",
        "Reports.example.evil", "a.reports.example"}) {
    EXPECT_EQ(call_as(name), StatusCode::PERMISSION_DENIED) << name;
  }
  EXPECT_EQ(Call().code, StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(upstream_.requests(), served);
}

}  // namespace
}  // namespace docspace::gateway::testkit
