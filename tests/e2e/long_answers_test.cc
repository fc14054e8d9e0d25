// Responses that take long to decode.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::testkit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kEmptyList = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"response\":[]}";

// Returns a list of keys of nearly 8 MiB, in the portal's format.
std::string LongList() {
  constexpr std::size_t kBytes = std::size_t{8} * 1024 * 1024 - 1024;
  const std::string key =
      R"({"id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","name":"Nightly export",)"
      R"("key":"sk-***abcd","keyPostfix":"abcd","permissions":["files:read","rooms:read"],)"
      R"("createOn":"2026-06-15T13:30:00.1234567+03:00","createBy":{"id":)"
      R"("4a515a15-d4d6-4b8e-828e-e0586f18f3a3","displayName":"Owner","hasAvatar":false},)"
      R"("isActive":true},)";
  std::string keys;
  keys.reserve(kBytes);
  while (keys.size() + key.size() < kBytes) keys += key;
  keys.pop_back();
  return R"({"response":[)" + keys + "]}";
}

// One event loop and two portals: a long response of one portal must not delay calls to the other.
class LongAnswersTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    const std::string list = LongList();
    long_.Always(Script()
                     .ReadRequest()
                     .Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(list.size()) +
                           "\r\n\r\n" + list)
                     .Repeat());
    short_.Always(Script().ReadRequest().Send(kEmptyList).Repeat());
    config.threads = 1;
    config.portal.named["long"] = http::ParseOrigin(UrlOf(long_)).value();
    config.portal.named["short"] = http::ParseOrigin(UrlOf(short_)).value();
  }

  static std::string UrlOf(const ScriptedUpstream& portal) {
    return "http://127.0.0.1:" + std::to_string(portal.port());
  }

  Metadata At(const std::string& name) {
    Metadata metadata = ApiKeyOf(Role::kOwner);
    metadata.emplace_back("x-docspace-portal", name);
    return metadata;
  }

  ScriptedUpstream long_;
  ScriptedUpstream short_;
};

// The time that other calls wait is printed but not checked, because the machine may be busy.
TEST_F(LongAnswersTest, OtherCallsAreServedMeanwhile) {
  constexpr int kLongCalls = 5;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  std::atomic<bool> done = false;
  std::thread caller([&] {
    const auto own_stub = ApiKeys::NewStub(gateway().NewChannel(arguments));
    for (int i = 0; i < kLongCalls; ++i) {
      grpc::ClientContext context;
      for (const auto& [name, value] : At("long")) context.AddMetadata(name, value);
      apikeys::v1::GetApiKeysResponse response;
      const grpc::Status status = own_stub->GetApiKeys(&context, {}, &response);
      Check(CallResultOf(status, context));
      EXPECT_TRUE(status.ok()) << status.error_message();
      EXPECT_GT(response.api_keys_size(), 20'000);
    }
    done = true;
  });
  Clock::duration longest{};
  std::size_t served = 0;
  while (!done) {
    const Clock::time_point start = Clock::now();
    const auto answer = Call(apikeys::v1::GetApiKeysRequest(), At("short"));
    ASSERT_TRUE(answer.ok()) << answer;
    longest = std::max(longest, Clock::now() - start);
    ++served;
  }
  caller.join();
  EXPECT_GT(served, 0U);
  std::cout << served << " calls beside " << kLongCalls << " of 8 MiB, the longest took "
            << std::chrono::duration_cast<std::chrono::milliseconds>(longest).count() << " ms\n";
}

}  // namespace
}  // namespace docspace::gateway::testkit
