#include "tests/client/cpp/fake_gateway.h"

#include <grpcpp/server_builder.h>

#include <stdexcept>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/client/cpp/message_text.h"

namespace docspace::apikeys {
namespace {

void Attach(const google::protobuf::Message& detail, std::string_view type,
            google::rpc::Status& status) {
  google::protobuf::Any* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc." + std::string(type));
  any->set_value(detail.SerializeAsString());
}

}  // namespace

std::vector<std::string> ReceivedCall::Values(const std::string& name) const {
  std::vector<std::string> values;
  const auto [first, last] = metadata.equal_range(name);
  for (auto entry = first; entry != last; ++entry) values.push_back(entry->second);
  return values;
}

ApiKeysError GatewayError(grpc::StatusCode code, std::string reason, std::string message) {
  ApiKeysError error;
  error.code = code;
  error.reason = std::move(reason);
  error.domain = kErrorDomain;
  error.message = std::move(message);
  return error;
}

grpc::Status StatusOf(const ApiKeysError& error) {
  google::rpc::Status status;
  status.set_code(error.code);
  status.set_message(error.message);
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain(error.domain);
  info.mutable_metadata()->insert(error.metadata.begin(), error.metadata.end());
  Attach(info, "ErrorInfo", status);
  google::rpc::BadRequest bad_request;
  for (const FieldViolation& violation : error.field_violations) {
    auto* added = bad_request.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.description);
  }
  if (!error.field_violations.empty()) Attach(bad_request, "BadRequest", status);
  google::rpc::QuotaFailure quota_failure;
  for (const QuotaViolation& violation : error.quota_violations) {
    auto* added = quota_failure.add_violations();
    added->set_subject(violation.subject);
    added->set_description(violation.description);
  }
  if (!error.quota_violations.empty()) Attach(quota_failure, "QuotaFailure", status);
  if (error.retry_delay) {
    google::rpc::RetryInfo retry_info;
    retry_info.mutable_retry_delay()->set_seconds(error.retry_delay->count() / 1'000'000'000);
    retry_info.mutable_retry_delay()->set_nanos(
        static_cast<int>(error.retry_delay->count() % 1'000'000'000));
    Attach(retry_info, "RetryInfo", status);
  }
  return {error.code, error.message, status.SerializeAsString()};
}

class FakeGateway::Service final : public v1::ApiKeys::Service {
 public:
  explicit Service(FakeGateway& gateway) : gateway_(gateway) {}

  grpc::Status CreateApiKey(grpc::ServerContext* context, const v1::CreateApiKeyRequest* request,
                            v1::CreateApiKeyResponse* response) override {
    return gateway_.Handle("CreateApiKey", *context, *request, *response);
  }
  grpc::Status DeleteApiKey(grpc::ServerContext* context, const v1::DeleteApiKeyRequest* request,
                            v1::DeleteApiKeyResponse* response) override {
    return gateway_.Handle("DeleteApiKey", *context, *request, *response);
  }
  grpc::Status GetAllPermissions(grpc::ServerContext* context,
                                 const v1::GetAllPermissionsRequest* request,
                                 v1::GetAllPermissionsResponse* response) override {
    return gateway_.Handle("GetAllPermissions", *context, *request, *response);
  }
  grpc::Status GetApiKey(grpc::ServerContext* context, const v1::GetApiKeyRequest* request,
                         v1::GetApiKeyResponse* response) override {
    return gateway_.Handle("GetApiKey", *context, *request, *response);
  }
  grpc::Status GetApiKeys(grpc::ServerContext* context, const v1::GetApiKeysRequest* request,
                          v1::GetApiKeysResponse* response) override {
    return gateway_.Handle("GetApiKeys", *context, *request, *response);
  }
  grpc::Status UpdateApiKey(grpc::ServerContext* context, const v1::UpdateApiKeyRequest* request,
                            v1::UpdateApiKeyResponse* response) override {
    return gateway_.Handle("UpdateApiKey", *context, *request, *response);
  }

 private:
  FakeGateway& gateway_;
};

FakeGateway::FakeGateway() : FakeGateway(grpc::InsecureServerCredentials()) {}

FakeGateway::FakeGateway(const std::shared_ptr<grpc::ServerCredentials>& credentials)
    : service_(std::make_unique<Service>(*this)) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) throw std::runtime_error("no port of loopback to listen on");
  target_ = "127.0.0.1:" + std::to_string(port);
}

FakeGateway::~FakeGateway() {
  {
    const std::lock_guard lock(mutex_);
    going_ = true;
  }
  gone_.notify_all();
  server_->Shutdown();
  server_->Wait();
}

void FakeGateway::FailNext(grpc::Status status, std::string trailing_request_id) {
  const std::lock_guard lock(mutex_);
  failures_.push_back({std::move(status), std::move(trailing_request_id)});
}

void FakeGateway::StallNext() {
  const std::lock_guard lock(mutex_);
  failures_.push_back({.status = grpc::Status::CANCELLED, .request_id = "", .stall = true});
}

std::vector<ReceivedCall> FakeGateway::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

ReceivedCall FakeGateway::call() const {
  const std::vector<ReceivedCall> all = calls();
  if (all.size() != 1) throw std::runtime_error(std::to_string(all.size()) + " calls, not one");
  return all.front();
}

grpc::Status FakeGateway::Handle(std::string_view rpc, grpc::ServerContext& context,
                                 const google::protobuf::Message& request,
                                 google::protobuf::Message& response) {
  std::unique_lock lock(mutex_);
  ReceivedCall& call = calls_.emplace_back();
  call.rpc = rpc;
  call.deadline = context.deadline();
  call.request = MessageText(request);
  for (const auto& [name, value] : context.client_metadata()) {
    call.metadata.emplace(std::string(name.data(), name.size()),
                          std::string(value.data(), value.size()));
  }
  if (!failures_.empty()) {
    const Failure failure = failures_.front();
    failures_.pop_front();
    if (failure.stall) gone_.wait(lock, [this] { return going_; });
    if (!failure.request_id.empty()) {
      context.AddTrailingMetadata("x-request-id", failure.request_id);
    }
    return failure.status;
  }
  if (!response.ParseFromString(answers_[std::string(response.GetDescriptor()->name())])) {
    return {grpc::StatusCode::INTERNAL, "the given response cannot be parsed"};
  }
  return grpc::Status::OK;
}

}  // namespace docspace::apikeys
