// The program's standard error: its content, and that the program never waits for a slow reader.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/base/file_descriptor.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/call.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/temporary_file.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

namespace json = boost::json;
using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of RPCs.
using emulator::Role;
using grpc::StatusCode;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

// A pipe of the smallest size, which is not read until the test asks for it.
class StalledReader {
 public:
  StalledReader() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
    reader_.emplace(ends[0]);
    writer_.emplace(ends[1]);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
  }

  int writer() const { return writer_->get(); }

  // Reads up to a line that holds `last`, or until the gateway, the last writer, has ended.
  std::vector<std::string> ReadUntil(std::string_view last) {
    writer_.reset();
    std::string text;
    std::array<char, 65536> some{};
    while (text.find(last) == std::string::npos) {
      const ssize_t size = read(reader_->get(), some.data(), some.size());
      if (size <= 0) break;
      text.append(some.data(), static_cast<std::size_t>(size));
    }
    std::vector<std::string> lines;
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos;
         text.erase(0, end + 1)) {
      lines.push_back(text.substr(0, end));
    }
    if (!text.empty()) lines.push_back(text);
    return lines;
  }

 private:
  std::optional<FileDescriptor> reader_;
  std::optional<FileDescriptor> writer_;
};

// Makes enough calls to fill the pipe and the log's queue several times over. All must succeed.
void CallALot(const GatewayProcess& gateway, const std::string& api_key, int calls) {
  constexpr int kCallers = 4;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      const auto stub = ApiKeys::NewStub(gateway.NewChannel());
      for (int call = 0; call < calls / kCallers; ++call) {
        const CallResult outcome =
            Call(*stub, &ApiKeys::Stub::GetAllPermissions, GetAllPermissionsRequest(), api_key);
        EXPECT_TRUE(outcome.ok()) << outcome;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

std::vector<json::object> Events(const std::vector<std::string>& lines, std::string_view event) {
  std::vector<json::object> events;
  for (const std::string& line : lines) {
    boost::system::error_code error;
    const json::value value = json::parse(line, error);
    // The last line may be incomplete, because the process has ended.
    if (error || !value.is_object() || value.at("event").as_string() != event) continue;
    events.push_back(value.as_object());
  }
  return events;
}

TEST(StandardError, S8_NoCallWaitsForItsReader) {
  const auto portal = emulator::Emulator::Start();
  StalledReader reader;
  GatewayProcess gateway(portal->url(), {"--threads=1", "--drain-delay=0s", "--log-level=debug"},
                         "127.0.0.1:0", reader.writer());
  // Two lines of 300 bytes per call: more than the queue of 1 MiB and as much again in transit.
  CallALot(gateway, portal->user(Role::kOwner).api_key, 5000);

  const std::vector<std::string> lines = reader.ReadUntil("log_lines_dropped");
  gateway.Signal(SIGTERM);
  reader.ReadUntil("no call is left");
  EXPECT_EQ(gateway.Wait(), 0);
  std::uint64_t dropped = 0;
  for (const auto& report : Events(lines, "log_lines_dropped")) {
    dropped += report.at("count").to_number<std::uint64_t>();
  }
  const std::size_t calls = Events(lines, "rpc").size() + Events(lines, "try").size();
  EXPECT_GT(dropped, 0U);
  EXPECT_GT(calls, 100U);
  EXPECT_LE(calls + dropped, 10'100U);
}

TEST(StandardError, S12_ItsReaderDoesNotKeepTheProcessFromEnding) {
  const auto portal = emulator::Emulator::Start();
  StalledReader reader;
  GatewayProcess gateway(portal->url(), {"--drain-delay=0s"}, "127.0.0.1:0", reader.writer());
  CallALot(gateway, portal->user(Role::kOwner).api_key, 200);
  gateway.Signal(SIGTERM);
  EXPECT_EQ(gateway.Wait(), 0);
}

TEST(StandardError, G23_WhatStrangersMakeLibrariesPrintIsJsonWithoutValues) {
  const auto portal = emulator::Emulator::Start();
  const CertificateAuthority authority;
  const Certificate certificate = authority.Issue("127.0.0.1");
  const TemporaryFile chain(certificate.CertificatePem());
  const TemporaryFile key(certificate.KeyPem());
  GatewayProcess gateway(portal->url(), {"--drain-delay=0s"});
  GatewayProcess encrypted(portal->url(),
                           {"--drain-delay=0s", "--caller-tls-certificate-file=" + chain.path(),
                            "--caller-tls-private-key-file=" + key.path()});
  // CreateApiKeyRequest{name: "planted-\xff"}.
  const std::string invalid("\x0a\x09planted-\xff", 11);
  const std::string method = "/docspace.apikeys.v1.ApiKeys/CreateApiKey";
  // The gateway reads a message only if the call has a credential.
  EXPECT_FALSE(CallUntyped(gateway.NewChannel(), method, invalid).ok());
  constexpr std::size_t kMessages = 100;
  const auto channel = gateway.NewChannel();
  for (std::size_t i = 0; i < kMessages; ++i) {
    EXPECT_FALSE(CallUntyped(channel, method, invalid, {{"apikeybearer", "sk-planted"}}).ok());
  }
  // This client does not use TLS.
  EXPECT_FALSE(CallUntyped(encrypted.NewChannel(), "/planted/planted", "").ok());
  EXPECT_TRUE(encrypted.WaitForLine("\"library\":\"grpc\""));
  for (GatewayProcess* each : {&gateway, &encrypted}) {
    each->Signal(SIGTERM);
    EXPECT_EQ(each->Wait(), 0);
    for (const std::string& line : each->Lines()) {
      EXPECT_NO_THROW(EXPECT_TRUE(json::parse(line).is_object())) << line;
    }
    EXPECT_THAT(each->Lines(), Each(Not(HasSubstr("planted"))));
  }
  // Most of the messages are no lines. How many are depends on the time that the calls took.
  std::size_t of_protobuf = 0;
  for (const auto& line : Events(gateway.Lines(), "library")) {
    of_protobuf += line.at("library") == "protobuf" ? 1 : 0;
  }
  EXPECT_GE(of_protobuf, 10U);
  EXPECT_LT(of_protobuf, kMessages);
}

// Sets an environment variable for gateways that are started during its lifetime.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { unsetenv(name_); }

 private:
  const char* const name_;
};

TEST(StandardError, GrpcTracesNothingThoughTheEnvironmentAsksForIt) {
  const auto portal = emulator::Emulator::Start();
  const std::string api_key = portal->user(Role::kOwner).api_key;
  std::optional<GatewayProcess> gateway;
  {
    const Environment trace("GRPC_TRACE", "all");
    const Environment verbosity("GRPC_VERBOSITY", "DEBUG");
    gateway.emplace(portal->url(), std::vector<std::string>{"--drain-delay=0s"});
  }
  CallALot(*gateway, api_key, 4);
  gateway->Signal(SIGTERM);
  EXPECT_EQ(gateway->Wait(), 0);
  const std::vector<std::string> lines = gateway->Lines();
  EXPECT_EQ(Events(lines, "environment_ignored").size(), 2U);
  EXPECT_THAT(Events(lines, "library"), ::testing::IsEmpty());
  EXPECT_THAT(lines, Each(Not(HasSubstr(api_key))));
}

TEST(StandardError, NamesDeprecatedSettingsWithoutTheirValues) {
  const auto portal = emulator::Emulator::Start();
  GatewayProcess gateway(portal->url(), {"--drain-delay=0s", "--max-streams=9.87654e+05"});
  gateway.Signal(SIGTERM);
  EXPECT_EQ(gateway.Wait(), 0);
  const std::vector<std::string> lines = gateway.Lines();
  const auto warnings = Events(lines, "setting_deprecated");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].at("level").as_string(), "warning");
  EXPECT_EQ(warnings[0].at("message").as_string(),
            "--max-streams is deprecated; use --caller-max-streams");
  EXPECT_THAT(lines, Each(Not(HasSubstr("9.87654"))));
}

TEST(Signals, S10_SighupReadsCertificatesAnewAndEndsNothing) {
  const auto portal = emulator::Emulator::Start();
  const CertificateAuthority authority;
  const Certificate first = authority.Issue("127.0.0.1");
  const Certificate second = authority.Issue("127.0.0.1");
  TemporaryFile chain(first.CertificatePem());
  TemporaryFile key(first.KeyPem());
  GatewayProcess gateway(portal->url(), {"--drain-delay=0s", "--tls-refresh=24h",
                                         "--caller-tls-certificate-file=" + chain.path(),
                                         "--caller-tls-private-key-file=" + key.path()});
  chain.Replace(second.CertificatePem());
  key.Replace(second.KeyPem());
  gateway.Signal(SIGHUP);
  EXPECT_TRUE(gateway.WaitForLine("certificates_loaded"));
  gateway.Signal(SIGTERM);
  EXPECT_EQ(gateway.Wait(), 0);
}

TEST(Signals, S10_SighupUnderLoadFailsNoCall) {
  const auto portal = emulator::Emulator::Start();
  GatewayProcess gateway(portal->url(), {"--drain-delay=0s"});
  std::thread load([&] { CallALot(gateway, portal->user(Role::kOwner).api_key, 400); });
  for (int i = 0; i < 20; ++i) {
    gateway.Signal(SIGHUP);
    std::this_thread::yield();
  }
  load.join();
  EXPECT_TRUE(gateway.WaitForLine("\"reload\""));
  gateway.Signal(SIGTERM);
  EXPECT_EQ(gateway.Wait(), 0);
}

}  // namespace
}  // namespace docspace::gateway::testkit
