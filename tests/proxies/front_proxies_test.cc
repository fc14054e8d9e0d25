// The configurations of deploy/proxies. A proxy in front of the gateway carries the calls of many
// callers on one connection, and a malformed call of one caller must not affect the calls of
// others.
//
// tests/proxies/run.sh runs this test, because nginx, HAProxy and Envoy are not among the packages
// of the default tier. DOCSPACE_ENVOY in the environment is the path of Envoy's program.
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/call.h"
#include "tests/testkit/channel.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/grpc_behaviour.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/reserved_port.h"
#include "tests/testkit/scripted_upstream.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::v1::ApiKeys;
using emulator::Role;

constexpr const char* kPath = "/docspace.apikeys.v1.ApiKeys/GetApiKey";

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string Replace(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string PortOf(const std::string& address) { return address.substr(address.rfind(':') + 1); }

std::string NewFolder() {
  std::string name = std::filesystem::temp_directory_path() / "proxyXXXXXX";
  return mkdtemp(name.data());
}

// A child process, which the destructor ends.
class Process {
 public:
  explicit Process(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int error =
        posix_spawn(&id_, arguments.front(), nullptr, nullptr, arguments.data(), environ);
    if (error != 0) throw std::system_error(error, std::generic_category(), words.front());
  }
  ~Process() {
    // SIGKILL would leave nginx's worker running.
    kill(id_, SIGTERM);
    waitpid(id_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

 private:
  pid_t id_ = 0;
};

struct Proxy {
  const char* name;
  const char* configuration;
  // Returns the command, given a folder to write to and the path of the configuration.
  std::vector<std::string> (*command)(const std::string& folder, const std::string& file);
  // Whether the proxy can drop headers by the suffix of their name and limit the number of headers.
  bool filters_headers = true;
};

const Proxy kProxies[] = {
    {"Envoy", "envoy.yaml",
     [](const std::string&, const std::string& file) -> std::vector<std::string> {
       const char* envoy = std::getenv("DOCSPACE_ENVOY");
       return {envoy == nullptr ? "/usr/bin/envoy" : envoy,
               "--config-path",
               file,
               "--disable-hot-restart",
               "--concurrency",
               "1",
               "--log-level",
               "error"};
     }},
    // The worker keeps the user, because Bazel's sandbox has no other one.
    {"Nginx", "nginx.conf",
     [](const std::string& folder, const std::string& file) -> std::vector<std::string> {
       return {"/usr/sbin/nginx",
               "-p",
               folder,
               "-c",
               file,
               "-e",
               "stderr",
               "-g",
               "daemon off; user root; pid " + folder + "/pid;"};
     },
     /*filters_headers=*/false},
    {"Haproxy", "haproxy.cfg",
     [](const std::string&, const std::string& file) -> std::vector<std::string> {
       return {"/usr/sbin/haproxy", "-db", "-f", file};
     }},
};

// Returns the configuration of deploy/proxies for the proxy.
std::string Shipped(const Proxy& proxy) {
  return ReadFile(std::string("deploy/proxies/") + proxy.configuration);
}

// A running proxy with its folder, both of which the destructor removes.
class FrontProxy {
 public:
  // The configuration is one of deploy/proxies, whose addresses are replaced: callers connect to
  // `front`, and the gateway serves at `gateway`.
  FrontProxy(const Proxy& proxy, std::string configuration, const std::string& front,
             const std::string& gateway) {
    for (const auto& [port, address] : {std::pair("50050", front), std::pair("50051", gateway)}) {
      const std::string text = port;
      configuration = Replace(configuration, "127.0.0.1:" + text, address);
      configuration =
          Replace(configuration, "port_value: " + text, "port_value: " + PortOf(address));
    }
    // By default nginx writes to directories that belong to root.
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      configuration = Replace(
          configuration, "access_log off;",
          "access_log off; " + std::string(kind) + "_temp_path " + folder_ + "/" + kind + ";");
    }
    const std::string path = folder_ + "/" + proxy.configuration;
    std::ofstream(path) << configuration;
    process_ = std::make_unique<Process>(proxy.command(folder_, path));
  }
  ~FrontProxy() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }
  FrontProxy(const FrontProxy&) = delete;
  FrontProxy& operator=(const FrontProxy&) = delete;

 private:
  const std::string folder_ = NewFolder();
  std::unique_ptr<Process> process_;
};

class FrontProxiesTest : public ::testing::TestWithParam<Proxy> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(WaitUntil([this] { return Get(*NewStub()).ok(); }));
  }

  std::unique_ptr<ApiKeys::Stub> NewStub() {
    return ApiKeys::NewStub(NewChannelTo(front_.address()));
  }
  CallResult Get(ApiKeys::Stub& stub) {
    return Call(stub, &ApiKeys::Stub::GetApiKey, {}, portal_->user(Role::kOwner).api_key);
  }
  std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoi(PortOf(front_.address())));
  }
  RawHttp2Client::Headers Credential() {
    return {{"apikeybearer", portal_->user(Role::kOwner).api_key}};
  }

  const std::unique_ptr<emulator::Emulator> portal_ = emulator::Emulator::Start();
  const GatewayProcess gateway_{portal_->url()};
  const ReservedPort front_;
  const FrontProxy proxy_{GetParam(), Shipped(GetParam()), front_.address(), gateway_.address()};
};

INSTANTIATE_TEST_SUITE_P(Of, FrontProxiesTest, ::testing::ValuesIn(kProxies),
                         [](const auto& test) { return std::string(test.param.name); });

constexpr int kTimes = 50;

TEST_P(FrontProxiesTest, G16_MalformedBinaryMetadataHarmsNoOtherCall) {
  const auto stub = NewStub();
  RawHttp2Client::Headers metadata = Credential();
  metadata.emplace_back("x-evil-bin", "$$$");
  RawHttp2Client culprit(port());
  const auto before = portal_->request_count();
  for (int i = 0; i < kTimes; ++i) {
    const std::uint32_t stream = culprit.Call(kPath, metadata);
    const CallResult other = Get(*stub);
    EXPECT_TRUE(other.ok()) << other;
    EXPECT_TRUE(culprit.WaitForEnd(stream));
  }
  // A proxy that drops the malformed entry forwards that call, too.
  EXPECT_EQ(portal_->request_count() - before, GetParam().filters_headers ? 2 * kTimes : kTimes);
}

TEST_P(FrontProxiesTest, G16_MalformedBinaryTrailersHarmNoOtherCall) {
  const auto stub = NewStub();
  for (int i = 0; i < kTimes; ++i) {
    // Each call uses a new connection, because a proxy may close it.
    RawHttp2Client culprit(port());
    culprit.Send(RawHttp2Client::Head(1, kPath, Credential()) +
                 Frame(FrameType::kData, 0, 1, std::string(5, '\0')) +
                 Frame(FrameType::kHeaders, kEndHeaders | kEndStream, 1,
                       RawHttp2Client::Encode({{"x-evil-bin", "$$$"}})));
    const CallResult other = Get(*stub);
    EXPECT_TRUE(other.ok()) << other;
    culprit.WaitForEnd(1);
    const CallResult next = Get(*stub);
    EXPECT_TRUE(next.ok()) << next;
  }
}

TEST_P(FrontProxiesTest, G16_TooMuchMetadataDoesNotReachTheGateway) {
  const auto stub = NewStub();
  std::vector<RawHttp2Client::Headers> surpluses = {{{"x-large", std::string(40'000, 'x')}}};
  if (GetParam().filters_headers) {
    RawHttp2Client::Headers& many = surpluses.emplace_back();
    for (int i = 0; i < 400; ++i) many.emplace_back("x-" + std::to_string(i), "v");
  }
  for (const RawHttp2Client::Headers& surplus : surpluses) {
    RawHttp2Client culprit(port());
    culprit.WaitForEnd(culprit.Call(kPath, surplus));
  }
  const CallResult other = Get(*stub);
  EXPECT_TRUE(other.ok()) << other;
  // The gateway logs each call that reaches it, in this function and in SetUp; all of them succeed.
  const auto lines = [this](std::string_view text) {
    const std::vector<std::string> all = gateway_.Lines();
    return std::count_if(all.begin(), all.end(), [text](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  };
  EXPECT_TRUE(WaitUntil([&] { return lines(R"("code":"OK")") == 2; }));
  EXPECT_EQ(lines(R"("code":)"), 2);
}

// HAProxy as it may be configured without this project's advice: it drops no headers, and carries
// all calls on one connection. Each call of another caller is in flight when a malformed one comes.
TEST(SharedConnectionTest, G16_MalformedBinaryMetadataEndsItOnlyWithOldGrpc) {
  const Proxy& haproxy = kProxies[2];
  std::string configuration = Shipped(haproxy);
  configuration = Replace(configuration, "http-request del-header -bin -m end", "");
  configuration = Replace(configuration, "http-reuse never", "http-reuse always");
  configuration = Replace(configuration, "global\n", "global\n    nbthread 1\n");
  const std::string body = R"({"response":["files:read"]})";
  ScriptedUpstream portal;
  portal.Always(Script()
                    .ReadRequest()
                    .Signal("asked")
                    .WaitFor("answer")
                    .Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body)
                    .Repeat());
  const GatewayProcess gateway("http://127.0.0.1:" + std::to_string(portal.port()));
  const ReservedPort front;
  const FrontProxy proxy(haproxy, configuration, front.address(), gateway.address());
  const auto stub = ApiKeys::NewStub(NewChannelTo(front.address()));
  const std::string key = "sk-" + std::string(64, 'a');
  const auto get = [&] { return Call(*stub, &ApiKeys::Stub::GetAllPermissions, {}, key); };
  int failed = 0;
  for (int i = 0; i < kTimes; ++i) {
    // HAProxy has a connection to the gateway again.
    portal.Signal("answer");
    ASSERT_TRUE(WaitUntil([&] { return get().ok(); }));
    portal.Forget("asked");
    portal.Forget("answer");
    std::future<CallResult> other =
        std::async(std::launch::async, [&] { return CallResult(get()); });
    ASSERT_TRUE(portal.WaitForSignal("asked"));
    RawHttp2Client culprit(static_cast<std::uint16_t>(std::stoi(PortOf(front.address()))));
    EXPECT_TRUE(
        culprit.WaitForEnd(culprit.Call(kPath, {{"apikeybearer", key}, {"x-evil-bin", "$$$"}})));
    portal.Signal("answer");
    failed += other.get().ok() ? 0 : 1;
  }
  std::cout << failed << " of " << kTimes << " calls of others failed; at the peak "
            << gateway.peak_resident_kib() / 1024 << " MiB\n";
  EXPECT_EQ(failed, kMalformedEntryEndsConnection ? kTimes : 0);
}

}  // namespace
}  // namespace docspace::gateway::testkit
