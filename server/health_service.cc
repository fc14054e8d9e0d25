#include "server/health_service.h"

#include <utility>

#include "server/awaited_operation.h"
#include "server/unary_server_call.h"

namespace docspace::gateway {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using http::Task;

// Those who watch, in one group.
struct HealthService::Watchers {
  CallGroup& group;
  std::list<WatchCall*> calls;
};

class HealthService::CheckCall final
    : public UnaryServerCall<HealthCheckRequest, HealthCheckResponse> {
 public:
  CheckCall(HealthService& health, CallGroup& group) : UnaryServerCall(group), health_(health) {}

 private:
  std::shared_ptr<ServerCall> Another() override {
    return std::make_shared<CheckCall>(health_, group());
  }
  void Ask(void* tag) override {
    AskOf(health_.service_, &Health::AsyncService::RequestCheck, tag);
  }
  void Arrived() override {
    const auto status = health_.StatusOf(request().service());
    response().set_status(status);
    AnswerAtOnce(status == HealthCheckResponse::SERVICE_UNKNOWN
                     ? grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such service")
                     : grpc::Status::OK);
  }
  Task<grpc::Status> Work() override { co_return grpc::Status::OK; }

  HealthService& health_;
};

class HealthService::WatchCall final : public ServerCall {
 public:
  WatchCall(HealthService& health, Watchers& watchers)
      : ServerCall(watchers.group),
        health_(health),
        watchers_(watchers),
        changed_(group().loop().context(), http::Clock::time_point::max()) {}

  // The status may be another one.
  void Look() { changed_.cancel(); }

 private:
  // On the list of those who watch while it exists.
  class Place {
   public:
    explicit Place(WatchCall& call)
        : calls_(call.watchers_.calls), place_(calls_.insert(calls_.end(), &call)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { calls_.erase(place_); }

   private:
    std::list<WatchCall*>& calls_;
    const std::list<WatchCall*>::iterator place_;
  };

  std::shared_ptr<ServerCall> Another() override {
    return std::make_shared<WatchCall>(health_, watchers_);
  }
  void Ask(void* tag) override {
    health_.service_.RequestWatch(&context(), &request_, &writer_, &group().queue(),
                                  &group().queue(), tag);
  }
  void Arrived() override { Run(http::Clock::time_point::max()); }
  Task<grpc::Status> Work() override {
    const Place place(*this);
    HealthCheckResponse told;
    while (stopped() == Stop::kNone) {
      const auto status = health_.StatusOf(request_.service());
      if (status != told.status()) {
        told.set_status(status);
        if (!co_await Operation([this, &told](void* tag) { writer_.Write(told, tag); })) break;
      } else {
        co_await changed_.async_wait(http::kAsTuple);
      }
    }
    co_return grpc::Status::CANCELLED;
  }
  void Finish(const grpc::Status& status, void* tag) override { writer_.Finish(status, tag); }

  HealthService& health_;
  Watchers& watchers_;
  HealthCheckRequest request_;
  grpc::ServerAsyncWriter<HealthCheckResponse> writer_{&context()};
  // Cancelled, which wakes the one who waits, by a change.
  http::Timer changed_;
};

HealthService::HealthService(ServingStatus& status) : status_(status) {}
HealthService::~HealthService() = default;

void HealthService::Serve(CallGroup& group) {
  watchers_.push_back(std::make_unique<Watchers>(Watchers{group, {}}));
  Watchers& watchers = *watchers_.back();
  group.loop().Post([this, &watchers] {
    std::make_shared<CheckCall>(*this, watchers.group)->Await();
    std::make_shared<WatchCall>(*this, watchers)->Await();
  });
  status_.OnChange([&watchers] {
    watchers.group.loop().Post([&calls = watchers.calls] {
      for (WatchCall* call : calls) call->Look();
    });
  });
}

HealthCheckResponse::ServingStatus HealthService::StatusOf(const std::string& service) const {
  switch (status_.Of(service)) {
    case ServingStatus::Answer::kServing:
      return HealthCheckResponse::SERVING;
    case ServingStatus::Answer::kNotServing:
      return HealthCheckResponse::NOT_SERVING;
    case ServingStatus::Answer::kUnknown:
      break;
  }
  return HealthCheckResponse::SERVICE_UNKNOWN;
}

}  // namespace docspace::gateway
