// Callers cancel at every moment of a call: before it is sent, while it waits, while the response
// is decoded, and as it finishes.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "tests/e2e/end_to_end.h"
#include "tests/emulator/http_server.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of three RPCs.
using grpc::StatusCode;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The approximate duration of a call in microseconds.
#ifdef DOCSPACE_SANITIZER
constexpr int kCallTakes = 20'000;
#else
constexpr int kCallTakes = 2'000;
#endif

// The number of calls; DOCSPACE_CANCELLATIONS overrides it.
int Tries() {
  const char* tries = std::getenv("DOCSPACE_CANCELLATIONS");
  return tries == nullptr ? 3'000 : std::atoi(tries);
}

// One call. Its number selects a small response, a large response, or a write.
class Try {
 public:
  Try(ApiKeys::Stub& stub, int number, const std::string& api_key)
      : id_("try-" + std::to_string(number)) {
    context_.AddMetadata("apikeybearer", api_key);
    context_.AddMetadata("x-request-id", id_);
    const auto done = [this](const grpc::Status& status) { status_.set_value(status); };
    creation_.set_name(id_);
    switch (number % 3) {
      case 0:
        stub.async()->GetApiKey(&context_, &self_, &self_answer_, done);
        break;
      case 1:
        stub.async()->GetApiKeys(&context_, &list_, &list_answer_, done);
        break;
      default:
        stub.async()->CreateApiKey(&context_, &creation_, &creation_answer_, done);
        break;
    }
  }

  void Cancel() { context_.TryCancel(); }
  // Returns the status. gRPC reports it once; a second report would throw.
  grpc::Status Wait() { return status_.get_future().get(); }

  const std::string& id() const { return id_; }
  const grpc::ClientContext& context() const { return context_; }
  // Returns the name of the last key in the response.
  std::string name() const {
    if (!list_answer_.api_keys().empty()) return list_answer_.api_keys().rbegin()->name();
    return self_answer_.api_key().name() + creation_answer_.api_key().name();
  }

 private:
  const std::string id_;
  grpc::ClientContext context_;
  GetApiKeyRequest self_;
  GetApiKeyResponse self_answer_;
  GetApiKeysRequest list_;
  GetApiKeysResponse list_answer_;
  CreateApiKeyRequest creation_;
  CreateApiKeyResponse creation_answer_;
  std::promise<grpc::Status> status_;
};

// The portal of this fixture returns a key named after the request id: every third request at once,
// every third after a millisecond, and every third with a hundred keys before it.
class AnyMomentTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    server_.emplace(emulator::HttpServerOptions{}, connections_,
                    [this](const emulator::Request& request) { return Answer(request); });
    config.portal.origin.port = server_->port();
    // Fewer connections than calls, so that some calls wait.
    config.portal.pool.max_connections = 16;
  }

  emulator::Response Answer(const emulator::Request& request) {
    const std::string id = request.Find("X-Request-Id");
    std::size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      count = requests_++;
      ++requests_of_[id];
    }
    const bool is_list = request.method == "GET" && !request.target.ends_with("@self");
    std::string keys = R"({"name":")" + id + R"("})";
    if (is_list && count % 3 == 0) {
      std::string others;
      for (int i = 0; i < 100; ++i) others += R"({"name":"Key","permissions":["files:read"]},)";
      keys.insert(0, others);
    }
    return {.body = is_list ? R"({"response":[)" + keys + "]}" : R"({"response":)" + keys + "}",
            .chunked = is_list,
            .delivery = {.delay = milliseconds(count % 3 == 1 ? 1 : 0)}};
  }

  std::mutex mutex_;
  std::size_t requests_ = 0;
  std::map<std::string, int> requests_of_;
  std::atomic<std::uint64_t> connections_ = 0;
  std::optional<emulator::HttpServer> server_;
};

TEST_F(AnyMomentTest, G2_FinishesOnceAndAnswersItsOwnCallerOrNoOne) {
  constexpr int kAtOnce = 32;
  const std::string key = portal().user(Role::kOwner).api_key;
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same tries each time.
  std::uniform_int_distribution<int> microseconds_upto(0, kCallTakes);
  std::set<std::string> cancelled;
  for (int number = 0; number < Tries();) {
    std::deque<Try> calls;
    std::multimap<steady_clock::time_point, Try*> due;
    const auto cancel_due = [&due] {
      while (!due.empty() && due.begin()->first <= steady_clock::now()) {
        due.begin()->second->Cancel();
        due.erase(due.begin());
      }
    };
    for (int i = 0; i < kAtOnce; ++i) {
      Try& call = calls.emplace_back(stub(), number++, key);
      due.emplace(steady_clock::now() + microseconds(microseconds_upto(random)), &call);
      cancel_due();
    }
    for (; !due.empty(); std::this_thread::yield()) cancel_due();
    for (Try& call : calls) {
      const grpc::Status status = call.Wait();
      if (status.ok()) {
        EXPECT_EQ(call.name(), call.id());
        Check(CallResultOf(status, call.context()));
      } else {
        EXPECT_EQ(status.error_code(), StatusCode::CANCELLED) << status.error_message();
        cancelled.insert(call.id());
      }
    }
  }
  // This call follows the last cancellation on the same connection, so no cancellation is left when
  // the gateway ends.
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_TRUE(WaitUntil([this] { return gateway().gateway().buffered_bytes() == 0; }));
  gateway().Stop();

  // The moments at which calls were cancelled. TearDown checks that no call has two log lines.
  std::map<std::string, std::size_t> moments;
  std::map<std::string, std::string> codes;
  for (const auto& line : gateway().log().RpcLines()) {
    codes[line.at("request_id").as_string().c_str()] = line.at("code").as_string().c_str();
  }
  const std::lock_guard lock(mutex_);
  for (const std::string& id : cancelled) {
    const auto code = codes.find(id);
    if (code == codes.end()) {
      ++moments["before the gateway had it"];
    } else if (code->second == "OK") {
      ++moments["when it was answered"];
    } else {
      EXPECT_EQ(code->second, "CANCELLED");
      ++moments[requests_of_.contains(id) ? "while the portal had it" : "before the portal had it"];
    }
  }
  for (const auto& [moment, count] : moments) std::cout << moment << ": " << count << '\n';
  for (const auto& [id, requests] : requests_of_) EXPECT_LE(requests, 1) << id;
}

}  // namespace
}  // namespace docspace::gateway::testkit
