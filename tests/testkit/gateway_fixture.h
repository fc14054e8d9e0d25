// A fixture with a caller and the gateway in one process, connected by a real channel.
//
// After each test it checks that no log line contains a credential or a created key, that each RPC
// left exactly one log line, and that no file descriptor stays open. It searches every response for
// text that a caller must never see.
#ifndef TESTS_TESTKIT_GATEWAY_FIXTURE_H_
#define TESTS_TESTKIT_GATEWAY_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/docspace/routes.h"
#include "server/http/caching_resolver.h"
#include "tests/testkit/call_result.h"
#include "tests/testkit/descriptor_leak_check.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {

using Metadata = std::vector<std::pair<std::string, std::string>>;

// All RPCs, in the order of `Rpc`.
inline constexpr Rpc kRpcs[] = {Rpc::kCreateApiKey, Rpc::kDeleteApiKey, Rpc::kGetAllPermissions,
                                Rpc::kGetApiKey,    Rpc::kGetApiKeys,   Rpc::kUpdateApiKey};

class GatewayFixture : public ::testing::Test {
 protected:
  using ApiKeys = apikeys::v1::ApiKeys;

  // Starts the portal and returns its URL. The portal outlives the gateway.
  virtual std::string StartPortal() = 0;
  // Changes the settings; a fixture overrides it if it needs others than those of TestConfig.
  virtual void Configure(Config&) {}
  virtual http::Resolve Resolver() { return http::SystemResolve; }
  // Returns the id of the key that the next call reads, updates or deletes.
  virtual std::string KeyId() { return "3fa85f64-5717-4562-b3fc-2c963f66afa6"; }

  void SetUp() override;
  void TearDown() override;

  GatewayUnderTest& gateway() { return *gateway_; }
  ApiKeys::Stub& stub() { return *stub_; }

  // `Call` makes one call and checks its result. Thread-safe.
  auto Call(const apikeys::v1::CreateApiKeyRequest& request, const Metadata& metadata) {
    auto answer = Invoke(&ApiKeys::Stub::CreateApiKey, request, metadata);
    ForbidInOutput(answer.response.api_key().key());
    return answer;
  }
  auto Call(const apikeys::v1::DeleteApiKeyRequest& request, const Metadata& metadata) {
    return Invoke(&ApiKeys::Stub::DeleteApiKey, request, metadata);
  }
  auto Call(const apikeys::v1::GetAllPermissionsRequest& request, const Metadata& metadata) {
    return Invoke(&ApiKeys::Stub::GetAllPermissions, request, metadata);
  }
  auto Call(const apikeys::v1::GetApiKeyRequest& request, const Metadata& metadata) {
    return Invoke(&ApiKeys::Stub::GetApiKey, request, metadata);
  }
  auto Call(const apikeys::v1::GetApiKeysRequest& request, const Metadata& metadata) {
    return Invoke(&ApiKeys::Stub::GetApiKeys, request, metadata);
  }
  auto Call(const apikeys::v1::UpdateApiKeyRequest& request, const Metadata& metadata) {
    return Invoke(&ApiKeys::Stub::UpdateApiKey, request, metadata);
  }
  // Calls that RPC with a valid request. The response is the message as canonical JSON.
  CallResponse<std::string> Call(Rpc rpc, const Metadata& metadata);

  // `Pending` is a call in flight on another thread. The destructor cancels it.
  class Pending {
   public:
    ~Pending() { Cancel(); }
    void Cancel() { context_.TryCancel(); }
    CallResponse<std::string> Wait() { return answer_.get(); }

   private:
    friend class GatewayFixture;
    grpc::ClientContext context_;
    std::future<CallResponse<std::string>> answer_;
  };
  std::unique_ptr<Pending> Start(Rpc rpc, const Metadata& metadata,
                                 std::chrono::milliseconds timeout = kPatience);

  // Checks the result of a call that a test made by other means, as the results of `Call` are
  // checked.
  void Check(const CallResult& outcome);
  // Adds a text that no log line and no error may contain.
  void ForbidInOutput(const std::string& secret);

 private:
  template <class Request, class Response>
  CallResponse<Response> Invoke(grpc::Status (ApiKeys::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                                const Request& request, const Metadata& metadata) {
    grpc::ClientContext context;
    Prepare(context, metadata, kPatience);
    return Invoke(method, request, context);
  }
  template <class Request, class Response>
  CallResponse<Response> Invoke(grpc::Status (ApiKeys::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                                const Request& request, grpc::ClientContext& context) {
    CallResponse<Response> answer;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &answer.response);
    static_cast<CallResult&>(answer) = CallResultOf(status, context);
    Check(answer);
    return answer;
  }
  static void Prepare(grpc::ClientContext& context, const Metadata& metadata,
                      std::chrono::milliseconds timeout);
  CallResponse<std::string> Perform(Rpc rpc, grpc::ClientContext& context);
  void CheckLog() const;

  // Must be the first member, so that it is destroyed last and sees what the others leave open.
  const DescriptorLeakCheck descriptors_;
  std::unique_ptr<GatewayUnderTest> gateway_;
  std::unique_ptr<ApiKeys::Stub> stub_;
  std::mutex mutex_;
  std::set<std::string> secrets_;
  // The number of responses per request id.
  std::map<std::string, std::size_t> answered_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_GATEWAY_FIXTURE_H_
