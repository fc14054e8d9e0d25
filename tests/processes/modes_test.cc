// The program's other modes: the checks, printed settings and probes, and channelz.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>

#include "tests/client/cpp/program.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/channel.h"
#include "tests/testkit/connect_proxy.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/reserved_port.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/temporary_file.h"
#include "tests/testkit/untyped_call.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::Finished;
using apikeys::RunProgram;
using emulator::Emulator;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Finished Gateway(const std::string& arguments) {
  return RunProgram("server/docspace-apikeys-gateway " + arguments + " 2>&1");
}

TEST(CheckConfig, FindsAPortalThatIsThere) {
  const auto portal = Emulator::Start({});
  const Finished check = Gateway("--check-config --docspace-url " + portal->url());
  EXPECT_EQ(check.status, 0) << check.output;
  EXPECT_THAT(check.output, AllOf(HasSubstr("127.0.0.1 resolves"), HasSubstr("connects"),
                                  HasSubstr("401"), Not(HasSubstr("FAIL"))));
}

TEST(CheckConfig, SaysWhatIsWrongWithEach) {
  const ReservedPort down;
  const Finished check = Gateway("--check-config --portals down=http://" + down.address() +
                                 ",unknown=http://no-such-host.invalid");
  EXPECT_EQ(check.status, 1);
  EXPECT_THAT(check.output, HasSubstr("FAIL  down: 127.0.0.1 port"));
  EXPECT_THAT(check.output, HasSubstr("FAIL  unknown: no-such-host.invalid does not resolve"));
}

TEST(CheckConfig, TellsAPortalFromAnotherServer) {
  ScriptedUpstream other;
  other.Always(Script().ReadRequest().Send(
      "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}"));
  const Finished check =
      Gateway("--check-config --docspace-url http://127.0.0.1:" + std::to_string(other.port()));
  EXPECT_EQ(check.status, 1);
  EXPECT_THAT(check.output, HasSubstr("gets 200 instead of 401"));
}

TEST(CheckConfig, TellsANameThatNoPortalOfTheCloudHas) {
  const std::string unauthorized =
      "HTTP/1.1 401 U\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  const std::string body =
      R"({"error":{"message":"Could not resolve current tenant :-(.","type":"System.Exception",)"
      R"("stack":"   at ASC","hresult":-1},"status":1,"statusCode":500})";
  ScriptedUpstream cloud;
  // The check first opens a connection only, and then makes a call without a credential.
  cloud.Next(Script()).Next(Script().ReadRequest().Send(unauthorized).Close());
  cloud.Next(Script()
                 .ReadRequest()
                 .Send("HTTP/1.1 500 E\r\nConnection: close\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body)
                 .Close());
  const Finished check =
      Gateway("--check-config --docspace-url http://127.0.0.1:" + std::to_string(cloud.port()));
  EXPECT_EQ(check.status, 1) << check.output;
  EXPECT_THAT(check.output,
              HasSubstr("FAIL  default: the server reports that no portal has this name"));
  EXPECT_THAT(cloud.received(1), Not(HasSubstr("Authorization")));
  EXPECT_THAT(cloud.received(2), HasSubstr("Authorization: Bearer sk-0000"));
}

TEST(CheckConfig, FindsNoPortalAtAnotherNameOfTheCloud) {
  const auto cloud = Emulator::Start({.api = {.host = "portal.example"}});
  const Finished wrong = Gateway("--check-config --docspace-url " + cloud->url());
  EXPECT_EQ(wrong.status, 1) << wrong.output;
  EXPECT_THAT(wrong.output,
              HasSubstr("FAIL  default: the server reports that no portal has this name"));
  const Finished right =
      Gateway("--check-config --portal-host portal.example --docspace-url " + cloud->url());
  EXPECT_EQ(right.status, 0) << right.output;
}

TEST(CheckConfig, SaysWhatItCannotTell) {
  const auto portal = Emulator::Start({});
  const Finished check = Gateway("--check-config --docspace-url " + portal->url());
  EXPECT_EQ(check.status, 0) << check.output;
  EXPECT_THAT(check.output, HasSubstr("note  default: only a valid credential can show"));
}

TEST(CheckConfig, VerifiesThePortalsCertificate) {
  const CertificateAuthority authority;
  ScriptedUpstream portal(authority.Issue("127.0.0.1"));
  portal.Always(Script().ReadRequest().Send("HTTP/1.1 401 U\r\nContent-Length: 0\r\n\r\n"));
  const std::string url =
      "--check-config --docspace-url https://127.0.0.1:" + std::to_string(portal.port());
  const Finished trusting = Gateway(url + " --portal-ca-file " + authority.file());
  EXPECT_EQ(trusting.status, 0) << trusting.output;
  EXPECT_THAT(trusting.output, HasSubstr("its certificate is right"));
  const Finished doubting = Gateway(url);
  EXPECT_EQ(doubting.status, 1);
  EXPECT_THAT(doubting.output, HasSubstr("fails in TLS"));
  const Finished elsewhere = Gateway(url + " --portal-ca-file " + authority.file() +
                                     " --portal-server-name portal.example");
  EXPECT_EQ(elsewhere.status, 1);
  EXPECT_THAT(elsewhere.output, HasSubstr("its certificate is not one of portal.example"));
}

TEST(CheckConfig, GoesThroughTheProxy) {
  const auto portal = Emulator::Start({});
  ConnectProxy proxy(portal->port());
  const TemporaryFile credential("planted-user:planted-password");
  const std::string by_proxy =
      "--check-config --docspace-url http://portal.invalid --portal-proxy http://127.0.0.1:" +
      std::to_string(proxy.port()) + " --portal-proxy-credential-file " + credential.path();
  const Finished check = Gateway(by_proxy);
  EXPECT_EQ(check.status, 0) << check.output;
  EXPECT_THAT(check.output, AllOf(HasSubstr("the proxy 127.0.0.1 resolves"),
                                  HasSubstr("connects, opens a tunnel to the portal"),
                                  HasSubstr("401"), Not(HasSubstr("FAIL"))));
  proxy.Require("another");
  const Finished refused = Gateway(by_proxy);
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, HasSubstr("opens no tunnel: the proxy refuses with status 407"));
  EXPECT_THAT(check.output + refused.output, Not(HasSubstr("planted")));
}

TEST(CheckConfig, RefusesAFileOfHeadersWithItsLine) {
  const auto portal = Emulator::Start({});
  const TemporaryFile headers("X-Token: a\nHost: planted\n");
  const std::string settings =
      "--docspace-url " + portal->url() + " --portal-headers-file " + headers.path();
  const std::string complaint = "the file " + headers.path() + " has in line 2 a header that";
  const Finished check = Gateway("--check-config " + settings);
  EXPECT_EQ(check.status, 1);
  EXPECT_THAT(check.output,
              AllOf(HasSubstr("FAIL  default: " + complaint), Not(HasSubstr("planted"))));
  const Finished start = Gateway("--listen 127.0.0.1:0 " + settings);
  EXPECT_EQ(start.status, 2);
  EXPECT_THAT(start.output, AllOf(HasSubstr(complaint), Not(HasSubstr("planted"))));
}

TEST(CheckConfig, ExaminesTheGatewaysOwnCertificates) {
  const auto portal = Emulator::Start({});
  const CertificateAuthority authority;
  const auto check = [&](const Certificate& certificate, mode_t mode,
                         const std::string& more = "") {
    const TemporaryFile chain(certificate.CertificatePem());
    const TemporaryFile key(certificate.KeyPem(), mode);
    return Gateway("--check-config --docspace-url " + portal->url() +
                   " --caller-tls-certificate-file " + chain.path() +
                   " --caller-tls-private-key-file " + key.path() + more);
  };
  const Certificate sound = authority.IssueFor("DNS:a.example", std::chrono::hours(720));
  EXPECT_EQ(check(sound, 0600, " --caller-tls-names a.example").status, 0);
  const Finished other_name = check(sound, 0600, " --caller-tls-names b.example");
  EXPECT_EQ(other_name.status, 1);
  EXPECT_THAT(other_name.output,
              HasSubstr("FAIL  --caller-tls-certificate-file is not for the name b.example"));
  const Finished readable = check(sound, 0644);
  EXPECT_EQ(readable.status, 1);
  EXPECT_THAT(readable.output,
              HasSubstr("FAIL  --caller-tls-private-key-file can be read by everyone"));
  const Finished expired = check(authority.IssueExpired("a.example"), 0600);
  EXPECT_EQ(expired.status, 1);
  EXPECT_THAT(expired.output, HasSubstr("FAIL  --caller-tls-certificate-file has expired"));
  const Finished soon = check(authority.IssueFor("DNS:a.example"), 0600);
  EXPECT_EQ(soon.status, 0) << soon.output;
  EXPECT_THAT(soon.output, HasSubstr("WARN  --caller-tls-certificate-file expires soon"));
}

TEST(CheckConfig, RefusesAWrongConfigurationAsTheGatewayDoes) {
  const Finished check = Gateway("--check-config --docspace-url ftp://portal.example");
  EXPECT_EQ(check.status, 2);
  EXPECT_THAT(check.output, HasSubstr("--docspace-url must start with"));
}

TEST(PrintConfig, ShowsValuesAndWhereTheyAreFrom) {
  const Finished print = RunProgram(
      "DOCSPACE_CALLER_MAX_STREAMS=7 server/docspace-apikeys-gateway --print-config "
      "--docspace-url https://portal.example");
  EXPECT_EQ(print.status, 0);
  EXPECT_THAT(print.output,
              AllOf(HasSubstr("docspace-url: \"https://portal.example\"  # --docspace-url\n"),
                    HasSubstr("caller-max-streams: \"7\"  # DOCSPACE_CALLER_MAX_STREAMS\n")));
}

TEST(HealthProbe, TellsWhetherTheGatewayServes) {
  const ReservedPort port;
  const std::string probe =
      "--health-probe --docspace-url http://127.0.0.1:1 --health-listen " + port.address();
  EXPECT_EQ(Gateway(probe).status, 1);
  GatewayProcess gateway("http://127.0.0.1:1",
                         {"--health-listen=" + port.address(), "--drain-delay=60s"});
  const Finished serving = Gateway(probe);
  EXPECT_EQ(serving.status, 0) << serving.output;
  gateway.Signal(SIGTERM);
  ASSERT_TRUE(gateway.WaitForLine("NOT_SERVING"));
  const Finished draining = Gateway(probe);
  EXPECT_EQ(draining.status, 1);
  EXPECT_THAT(draining.output, HasSubstr("NOT_SERVING"));
}

TEST(HealthProbe, G18_GoesThroughNoProxy) {
  const ReservedPort port;
  const GatewayProcess gateway("http://127.0.0.1:1", {"--health-listen=" + port.address()});
  const Finished probe = RunProgram(
      "http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 "
      "server/docspace-apikeys-gateway --health-probe --docspace-url http://127.0.0.1:1 "
      "--health-listen " +
      port.address() + " 2>&1");
  EXPECT_EQ(probe.status, 0) << probe.output;
}

TEST(HealthProbe, NeedsAFixedPort) {
  const Finished probe =
      Gateway("--health-probe --docspace-url http://127.0.0.1:1 --listen 127.0.0.1:0");
  EXPECT_EQ(probe.status, 2);
}

TEST(Channelz, TellsOfTheServerWhereItIsAskedFor) {
  const ReservedPort port;
  const GatewayProcess gateway("http://127.0.0.1:1", {"--channelz-listen=" + port.address()});
  const auto channel = NewChannelTo(port.address(), {});
  const auto servers = CallUntyped(channel, "/grpc.channelz.v1.Channelz/GetServers", "");
  EXPECT_EQ(servers.status.error_code(), grpc::StatusCode::OK);
  EXPECT_FALSE(servers.response.empty());
  // Channelz is not served on the callers' port, so callers do not see one another.
  EXPECT_EQ(CallUntyped(gateway.NewChannel(), "/grpc.channelz.v1.Channelz/GetServers", "")
                .status.error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace docspace::gateway::testkit
