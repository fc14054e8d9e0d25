// A rolling restart, one instance after the other, while callers continue.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/emulator/emulator.h"
#include "tests/testkit/channel.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/reserved_port.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of two RPCs.
using emulator::Role;

constexpr std::size_t kInstances = 3;
constexpr std::size_t kCallers = 8;

#ifdef DOCSPACE_SANITIZER
constexpr std::size_t kCalls = 500;
#else
// Row S4 requires 100,000 calls; `./test.sh all` sets that by DOCSPACE_CALLS.
constexpr std::size_t kCalls = 10'000;
#endif

std::size_t CallsWanted() {
  const char* calls = std::getenv("DOCSPACE_CALLS");
  return calls == nullptr ? kCalls : std::strtoull(calls, nullptr, 10);
}

TEST(RollingRestartTest, S4_NoCallFailsWhileOneInstanceAfterTheOtherIsReplaced) {
  const auto portal = emulator::Emulator::Start({.http = {.threads = 2}});
  const std::vector<std::string> flags = {"--drain-delay=100ms", "--drain-grace=10s",
                                          "--threads=1"};
  std::deque<ReservedPort> ports(kInstances);
  std::vector<std::string> addresses;
  std::vector<std::unique_ptr<GatewayProcess>> instances;
  for (const ReservedPort& port : ports) {
    addresses.push_back(port.address());
    instances.push_back(std::make_unique<GatewayProcess>(portal->url(), flags, port.address()));
  }
  const auto stub = ApiKeys::NewStub(NewRetryingChannelTo(addresses));

  std::atomic<std::size_t> calls = 0;
  std::atomic<bool> replaced = false;
  std::mutex mutex;
  std::map<std::string, std::size_t> failures;
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      while (calls++ < CallsWanted() || !replaced) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
        context.AddMetadata("apikeybearer", portal->user(Role::kOwner).api_key);
        GetApiKeyResponse response;
        const grpc::Status status = stub->GetApiKey(&context, {}, &response);
        if (status.ok()) continue;
        const std::lock_guard lock(mutex);
        ++failures[std::to_string(status.error_code()) + " " + status.error_message()];
      }
    });
  }
  std::size_t rounds = 0;
  while (calls < CallsWanted() || rounds == 0) {
    for (std::size_t i = 0; i < kInstances; ++i) {
      instances[i]->Signal(SIGTERM);
      EXPECT_EQ(instances[i]->Wait(), 0);
      instances[i] = std::make_unique<GatewayProcess>(portal->url(), flags, addresses[i]);
      EXPECT_TRUE(instances[i]->WaitForLine(R"("event":"rpc")"));
    }
    ++rounds;
  }
  replaced = true;
  for (std::thread& caller : callers) caller.join();
  for (const auto& [what, count] : failures) ADD_FAILURE() << count << " times " << what;
  RecordProperty("calls", static_cast<int>(calls));
  RecordProperty("rounds", static_cast<int>(rounds));
}

}  // namespace
}  // namespace docspace::gateway::testkit
