// A caller and the gateway in this process, joined by a real channel.
//
// Whatever a test does, at its end: no credential and no created key is in any log line, each RPC
// left exactly one line, and no file descriptor stays open. Every answer is searched for what a
// caller must never see.
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

// In the order of `Rpc`.
inline constexpr Rpc kRpcs[] = {Rpc::kCreateApiKey, Rpc::kDeleteApiKey, Rpc::kGetAllPermissions,
                                Rpc::kGetApiKey,    Rpc::kGetApiKeys,   Rpc::kUpdateApiKey};

class GatewayFixture : public ::testing::Test {
 protected:
  using ApiKeys = apikeys::v1::ApiKeys;

  // Starts the portal, and gives its URL. It outlives the gateway.
  virtual std::string StartPortal() = 0;
  // For a fixture that wants others.
  virtual void Configure(Config&) {}
  virtual http::Resolve Resolver() { return http::SystemResolve; }
  // Of the key that the next call updates or deletes.
  virtual std::string KeyId() { return "3fa85f64-5717-4562-b3fc-2c963f66afa6"; }

  void SetUp() override;
  void TearDown() override;

  GatewayUnderTest& gateway() { return *gateway_; }
  ApiKeys::Stub& stub() { return *stub_; }

  // One call; thread-safe.
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
  // That RPC with a request that is in order. The answer is the message as canonical JSON.
  CallResponse<std::string> Call(Rpc rpc, const Metadata& metadata);

  // A call under way, beside which the test goes on. Cancelled when it goes.
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

  // Of a call that a test made by other means: it is checked as the others are.
  void Check(const CallResult& outcome);
  // Something that no log line and no error may hold.
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

  // The first member: it sees what the others leave behind.
  const DescriptorLeakCheck descriptors_;
  std::unique_ptr<GatewayUnderTest> gateway_;
  std::unique_ptr<ApiKeys::Stub> stub_;
  std::mutex mutex_;
  std::set<std::string> secrets_;
  // How many answers carried that request id.
  std::map<std::string, std::size_t> answered_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_GATEWAY_FIXTURE_H_
