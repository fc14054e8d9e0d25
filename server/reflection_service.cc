#include "server/reflection_service.h"

#include <memory>

#include "server/awaited_operation.h"
#include "server/reflection.h"

namespace docspace::gateway {

using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

class ReflectionService::Call final : public ServerCall {
 public:
  Call(ReflectionService& reflection, CallGroup& group)
      : ServerCall(group), reflection_(reflection) {}

 private:
  std::shared_ptr<ServerCall> Another() override {
    return std::make_shared<Call>(reflection_, group());
  }
  void Ask(void* tag) override {
    reflection_.service_.RequestServerReflectionInfo(&context(), &stream_, &group().queue(),
                                                     &group().queue(), tag);
  }
  void Arrived() override { Run(http::Clock::time_point::max()); }
  http::Task<grpc::Status> Work() override {
    ServerReflectionRequest request;
    while (co_await Operation([&](void* tag) { stream_.Read(&request, tag); })) {
      const ServerReflectionResponse response = Reflect(request, reflection_.services_);
      if (!co_await Operation([&](void* tag) { stream_.Write(response, tag); })) break;
    }
    co_return grpc::Status::OK;
  }
  void Finish(const grpc::Status& status, void* tag) override { stream_.Finish(status, tag); }

  ReflectionService& reflection_;
  grpc::ServerAsyncReaderWriter<ServerReflectionResponse, ServerReflectionRequest> stream_{
      &context()};
};

void ReflectionService::Serve(CallGroup& group) {
  group.loop().Post([this, &group] { std::make_shared<Call>(*this, group)->Await(); });
}

}  // namespace docspace::gateway
