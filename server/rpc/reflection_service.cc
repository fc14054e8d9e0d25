#include "server/rpc/reflection_service.h"

#include <memory>
#include <utility>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "server/rpc/message_buffer.h"
#include "server/rpc/rpc_status.h"

namespace docspace::gateway {

using grpc::reflection::v1alpha::ServerReflectionRequest;

namespace {

std::vector<std::string> WithOwnNames(std::vector<std::string> services) {
  for (std::string& name : ReflectionService::Names()) services.push_back(std::move(name));
  return services;
}

}  // namespace

class ReflectionService::Call final : public CallHandler {
 public:
  Call(ReflectionService& service, ServerCall& call)
      : service_(service), call_(call), is_surplus_(++service.streams_ > kMaxStreams) {}
  ~Call() override { --service_.streams_; }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  Step OnHeaders() override {
    const absl::Status allowed = service_.callers_.Authorize(*call_.context().auth_context());
    if (!allowed.ok()) return Reply(ToGrpcStatus(allowed));
    if (is_surplus_) {
      return Reply(
          grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many reflection streams"));
    }
    return RunHandler{http::Clock::now() + kMaxTime};
  }
  Step OnMessage(grpc::ByteBuffer&) override { return Reply(); }

  http::Task<Reply> Handle() override {
    grpc::ByteBuffer message;
    while (co_await call_.Read(message)) {
      ServerReflectionRequest request;
      if (message.Length() > kMaxRequestBytes || !ParseFrom(message, request)) {
        co_return Reply(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                                     "the request is too large or cannot be parsed"));
      }
      if (!co_await call_.Write(ToByteBuffer(service_.reflection_.Answer(request)))) break;
    }
    co_return Reply();
  }

  ReflectionService& service_;
  ServerCall& call_;
  const bool is_surplus_;
};

std::vector<std::string> ReflectionService::Names() {
  return {grpc::reflection::v1::ServerReflection::service_full_name(),
          grpc::reflection::v1alpha::ServerReflection::service_full_name()};
}

ReflectionService::ReflectionService(std::vector<std::string> services,
                                     const AllowedCallers& callers)
    : reflection_(WithOwnNames(std::move(services))), callers_(callers) {}

void ReflectionService::Serve(CallGroup& group) {
  for (const std::string& name : Names()) {
    group.Add("/" + name + "/ServerReflectionInfo",
              [this](ServerCall& call) { return std::make_unique<Call>(*this, call); });
  }
}

}  // namespace docspace::gateway
