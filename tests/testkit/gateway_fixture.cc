#include "tests/testkit/gateway_fixture.h"

#include "tests/testkit/canonical_json.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

// Texts from the inside of the portal and its proxy, and their addresses.
constexpr std::string_view kInternals[] = {"   at ASC",  ".cs:line",  "<html",
                                           "openresty",  "hresult",   "set-cookie",
                                           "Set-Cookie", "127.0.0.1", "traceId"};

// gRPC's C++ client gives up on trailers beyond about 8 KiB.
constexpr std::size_t kMaxStatus = 4096;

template <class Response>
CallResponse<std::string> AsJson(const CallResponse<Response>& answer) {
  return {answer, CanonicalJson(answer.response)};
}

}  // namespace

void GatewayFixture::SetUp() {
  Config config = TestConfig(StartPortal());
  Configure(config);
  gateway_ = std::make_unique<GatewayUnderTest>(config, Resolver());
  stub_ = ApiKeys::NewStub(gateway_->NewChannel());
}

void GatewayFixture::TearDown() {
  gateway_->Stop();
  CheckLog();
}

void GatewayFixture::CheckLog() const {
  for (const std::string& line : gateway_->log().Lines()) {
    for (const std::string& secret : secrets_) {
      EXPECT_EQ(line.find(secret), std::string::npos) << "a secret is in the log: " << line;
    }
  }
  std::map<std::string, std::size_t> logged;
  for (const auto& line : gateway_->log().RpcLines())
    ++logged[line.at("request_id").as_string().c_str()];
  for (const auto& [id, answers] : answered_) EXPECT_EQ(logged[id], answers) << id;
  // A call that its caller cancelled has no response but still has a log line.
  for (const auto& [id, lines] : logged) {
    if (answered_.contains(id)) continue;
    EXPECT_EQ(lines, 1U) << id;
  }
}

void GatewayFixture::ForbidInOutput(const std::string& secret) {
  const std::lock_guard lock(mutex_);
  if (!secret.empty()) secrets_.insert(secret);
}

void GatewayFixture::Prepare(grpc::ClientContext& context, const Metadata& metadata,
                             std::chrono::milliseconds timeout) {
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
}

void GatewayFixture::Check(const CallResult& outcome) {
  const std::string text = outcome.Text();
  for (const std::string_view internal : kInternals) {
    EXPECT_EQ(text.find(internal), std::string::npos) << "the answer says: " << text;
  }
  const std::lock_guard lock(mutex_);
  for (const std::string& secret : secrets_) {
    EXPECT_EQ(text.find(secret), std::string::npos) << "a secret is in the answer: " << text;
  }
  // Without a request id the status is from gRPC itself; the gateway never received the call.
  const std::string request_id = outcome.trailer("x-request-id");
  if (request_id.empty()) return;
  ++answered_[request_id];
  if (outcome.ok()) return;
  // gRPC's client can report its own deadline even if the gateway's trailers arrived just before.
  if (outcome.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED &&
      outcome.status.error_message() == "Deadline Exceeded" &&
      outcome.status.error_details().empty()) {
    return;
  }
  EXPECT_FALSE(outcome.status.error_message().empty());
  EXPECT_LE(outcome.status.error_message().size() + outcome.status.error_details().size(),
            kMaxStatus);
  EXPECT_EQ(outcome.rich.code(), outcome.status.error_code());
  EXPECT_EQ(outcome.rich.message(), outcome.status.error_message());
  EXPECT_EQ(outcome.domain(), "apikeys.docspace.onlyoffice.com");
  EXPECT_EQ(outcome.metadata("request_id"), request_id);
}

CallResponse<std::string> GatewayFixture::Perform(Rpc rpc, grpc::ClientContext& context) {
  switch (rpc) {
    case Rpc::kCreateApiKey: {
      CreateApiKeyRequest request;
      request.set_name("Created");
      auto answer = Invoke(&ApiKeys::Stub::CreateApiKey, request, context);
      ForbidInOutput(answer.response.api_key().key());
      return AsJson(answer);
    }
    case Rpc::kDeleteApiKey: {
      DeleteApiKeyRequest request;
      request.set_key_id(KeyId());
      return AsJson(Invoke(&ApiKeys::Stub::DeleteApiKey, request, context));
    }
    case Rpc::kGetAllPermissions:
      return AsJson(Invoke(&ApiKeys::Stub::GetAllPermissions, GetAllPermissionsRequest(), context));
    case Rpc::kGetApiKey:
      return AsJson(Invoke(&ApiKeys::Stub::GetApiKey, GetApiKeyRequest(), context));
    case Rpc::kGetApiKeys:
      return AsJson(Invoke(&ApiKeys::Stub::GetApiKeys, GetApiKeysRequest(), context));
    case Rpc::kUpdateApiKey: {
      UpdateApiKeyRequest request;
      request.set_key_id(KeyId());
      request.set_name("New");
      return AsJson(Invoke(&ApiKeys::Stub::UpdateApiKey, request, context));
    }
  }
  return {};
}

CallResponse<std::string> GatewayFixture::Call(Rpc rpc, const Metadata& metadata) {
  grpc::ClientContext context;
  Prepare(context, metadata, kPatience);
  return Perform(rpc, context);
}

std::unique_ptr<GatewayFixture::Pending> GatewayFixture::Start(Rpc rpc, const Metadata& metadata,
                                                               std::chrono::milliseconds timeout) {
  auto pending = std::make_unique<Pending>();
  Prepare(pending->context_, metadata, timeout);
  pending->answer_ = std::async(std::launch::async, [this, rpc, &context = pending->context_] {
    return Perform(rpc, context);
  });
  return pending;
}

}  // namespace docspace::gateway::testkit
