#include "server/health/health_service.h"

#include <utility>

#include "server/rpc/message_buffer.h"

namespace docspace::gateway {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using http::Task;

namespace {

Reply NoMessage() {
  return Reply(grpc::Status(grpc::StatusCode::INTERNAL, "the request cannot be parsed"));
}

}  // namespace

// The Watch calls of one group.
struct HealthService::Watchers {
  CallGroup& group;
  std::list<WatchCall*> calls;
};

class HealthService::CheckCall final : public CallHandler {
 public:
  explicit CheckCall(HealthService& health) : health_(health) {}

 private:
  Step OnHeaders() override { return ReadMessage{kMaxRequestBytes}; }
  Step OnMessage(grpc::ByteBuffer& message) override {
    HealthCheckRequest request;
    if (!ParseFrom(message, request)) return NoMessage();
    const auto status = health_.StatusOf(request.service());
    if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
      return Reply(grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such service"));
    }
    HealthCheckResponse response;
    response.set_status(status);
    return Reply(grpc::Status::OK, ToByteBuffer(response));
  }
  Task<Reply> Handle() override { co_return Reply(); }

  HealthService& health_;
};

class HealthService::WatchCall final : public CallHandler {
 public:
  WatchCall(HealthService& health, Watchers& watchers, ServerCall& call)
      : health_(health),
        watchers_(watchers),
        call_(call),
        changed_(watchers.group.loop().context(), http::Clock::time_point::max()) {}

  // Wakes the call because the status may have changed.
  void Look() { changed_.cancel(); }

 private:
  // Keeps the call on the group's list while this object exists.
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

  Step OnHeaders() override { return ReadMessage{kMaxRequestBytes}; }
  Step OnMessage(grpc::ByteBuffer& message) override {
    HealthCheckRequest request;
    if (!ParseFrom(message, request)) return NoMessage();
    if (watchers_.calls.size() >= kMaxWatchers) {
      return Reply(
          grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls watch already"));
    }
    service_ = request.service();
    return RunHandler{http::Clock::time_point::max()};
  }
  Task<Reply> Handle() override {
    const Place place(*this);
    HealthCheckResponse told;
    while (call_.stopped() == ServerCall::Stop::kNone) {
      const auto status = health_.StatusOf(service_);
      if (status != told.status()) {
        told.set_status(status);
        if (!co_await call_.Write(ToByteBuffer(told))) break;
      } else {
        co_await changed_.async_wait(http::kAsTuple);
      }
    }
    co_return Reply(grpc::Status::CANCELLED);
  }

  HealthService& health_;
  Watchers& watchers_;
  ServerCall& call_;
  std::string service_;
  // The call waits for this timer; a change of the status cancels the wait.
  http::Timer changed_;
};

HealthService::HealthService(ServingStatus& status) : status_(status) {}
HealthService::~HealthService() = default;

void HealthService::Serve(CallGroup& group) {
  watchers_.push_back(std::make_unique<Watchers>(Watchers{group, {}}));
  Watchers& watchers = *watchers_.back();
  const std::string path = std::string("/") + kName;
  group.Add(path + "/Check", [this](ServerCall&) { return std::make_unique<CheckCall>(*this); });
  group.Add(path + "/Watch", [this, &watchers](ServerCall& call) {
    return std::make_unique<WatchCall>(*this, watchers, call);
  });
  status_.OnChange([&watchers] {
    watchers.group.loop().Post([&calls = watchers.calls] {
      for (WatchCall* call : calls) call->Look();
    });
  });
}

HealthCheckResponse::ServingStatus HealthService::StatusOf(const std::string& service) const {
  switch (status_.StateOf(service)) {
    case ServingStatus::State::kServing:
      return HealthCheckResponse::SERVING;
    case ServingStatus::State::kNotServing:
      return HealthCheckResponse::NOT_SERVING;
    case ServingStatus::State::kUnknown:
      break;
  }
  return HealthCheckResponse::SERVICE_UNKNOWN;
}

}  // namespace docspace::gateway
