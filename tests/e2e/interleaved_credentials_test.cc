// Many callers share one connection to the portal: each call is sent with its own credential and
// gets its own response.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/e2e/end_to_end.h"
#include "tests/emulator/http_server.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::v1::GetApiKeyRequest;
using apikeys::v1::GetApiKeyResponse;

constexpr std::size_t kCredentials = 1'000;
// The number of concurrent calls.
constexpr std::size_t kAtOnce = 64;

// The number of requests; DOCSPACE_REQUESTS overrides it.
std::size_t Requests() {
  const char* requests = std::getenv("DOCSPACE_REQUESTS");
  if (requests != nullptr) return std::strtoull(requests, nullptr, 10);
#ifdef DOCSPACE_SANITIZER
  return 5'000;
#else
  return 20'000;
#endif
}

// A credential whose number selects its form, and the header that the portal must see.
struct Credential {
  std::string name;
  std::string value;
  std::string header;
  std::string header_value;
};

Credential CredentialOf(std::size_t number) {
  const std::string token = "planted" + std::to_string(number) + std::string(number % 97, 'x');
  switch (number % 4) {
    case 0: {
      const std::string basic = "Basic " + absl::Base64Escape("planted:" + token);
      return {"authorization", basic, "Authorization", basic};
    }
    case 1:
      return {"authorization", "bearer " + token, "Authorization", "Bearer " + token};
    case 2:
      return {"apikeybearer", "sk-" + token, "Authorization", "Bearer sk-" + token};
    default:
      return {"asc_auth_key", token, "Cookie", "asc_auth_key=" + token};
  }
}

std::string HashOf(const std::string& header, const std::string& value) {
  return std::to_string(std::hash<std::string>()(header + ": " + value));
}

// The portal of this fixture returns a key whose name is the hash of the credential that it
// received.
class InterleavedTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    server_.emplace(emulator::HttpServerOptions{.requests_per_connection = 0}, connections_,
                    [this](const emulator::Request& request) { return Answer(request); });
    config.portal.origin.port = server_->port();
    config.threads = 1;
    config.portal.pool.max_connections = 1;
    config.portal.pool.max_requests = UINT32_MAX;
  }

  emulator::Response Answer(const emulator::Request& request) {
    const auto authorizations = request.All("Authorization");
    const auto cookies = request.All("Cookie");
    if (authorizations.size() + cookies.size() != 1) ++requests_with_other_credentials_;
    const std::string hash = authorizations.empty()
                                 ? HashOf("Cookie", request.Find("Cookie"))
                                 : HashOf("Authorization", authorizations.front());
    return {.body = R"({"response":{"name":")" + hash + R"("}})"};
  }

  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<std::uint64_t> requests_with_other_credentials_ = 0;
  std::optional<emulator::HttpServer> server_;
};

// A caller that makes calls one after the other, each with the next credential; one of `kAtOnce`
// such callers.
class Caller {
 public:
  Caller(apikeys::v1::ApiKeys::Stub& stub, const std::vector<Credential>& credentials,
         std::atomic<std::size_t>& left)
      : stub_(stub), credentials_(credentials), left_(left) {
    CallNext();
  }

  void Wait() { done_.get_future().get(); }
  std::size_t wrong() const { return wrong_; }

 private:
  void CallNext() {
    const std::size_t left = left_.fetch_sub(1);
    if (left == 0 || left > Requests()) {
      done_.set_value();
      return;
    }
    const Credential& credential = credentials_[left % credentials_.size()];
    context_.emplace();
    context_->set_deadline(std::chrono::system_clock::now() + kPatience);
    context_->AddMetadata(credential.name, credential.value);
    response_.Clear();
    stub_.async()->GetApiKey(
        &*context_, &request_, &response_, [this, &credential](const grpc::Status& status) {
          const bool right = status.ok() && response_.api_key().name() ==
                                                HashOf(credential.header, credential.header_value);
          wrong_ += right ? 0 : 1;
          CallNext();
        });
  }

  apikeys::v1::ApiKeys::Stub& stub_;
  const std::vector<Credential>& credentials_;
  std::atomic<std::size_t>& left_;
  std::optional<grpc::ClientContext> context_;
  const GetApiKeyRequest request_;
  GetApiKeyResponse response_;
  std::size_t wrong_ = 0;
  std::promise<void> done_;
};

TEST_F(InterleavedTest, G10_EachRequestCarriesItsOwnCredentialAndEachAnswerReachesItsCaller) {
  std::vector<Credential> credentials;
  for (std::size_t i = 0; i < kCredentials; ++i) credentials.push_back(CredentialOf(i));
  ForbidInOutput("planted");
  std::atomic<std::size_t> left = Requests();
  const auto start = std::chrono::steady_clock::now();
  std::deque<Caller> callers;
  for (std::size_t i = 0; i < kAtOnce; ++i) callers.emplace_back(stub(), credentials, left);
  for (Caller& caller : callers) {
    caller.Wait();
    EXPECT_EQ(caller.wrong(), 0U);
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::cout << Requests() << " requests with " << kCredentials << " credentials in " << time.count()
            << " s\n";
  EXPECT_EQ(requests_with_other_credentials_, 0U);
  EXPECT_EQ(connections_, 1U);
}

}  // namespace
}  // namespace docspace::gateway::testkit
