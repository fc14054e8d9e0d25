#include "tests/testkit/otlp_receiver.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace docspace::gateway::testkit {

OtlpReceiver::OtlpReceiver() : OtlpReceiver(grpc::InsecureServerCredentials()) {}

OtlpReceiver::OtlpReceiver(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  if (!server_) throw std::runtime_error("the receiver does not start");
}

OtlpReceiver::~OtlpReceiver() { server_->Shutdown(std::chrono::system_clock::now()); }

OtlpReceiver& OtlpReceiver::AnswerNext(Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(answer));
  return *this;
}

grpc::Status OtlpReceiver::Export(grpc::ServerContext* context, const Request* request,
                                  Response* response) {
  Answer answer = [](grpc::ServerContext&, Response&) { return grpc::Status::OK; };
  {
    const std::lock_guard lock(mutex_);
    ++requests_;
    if (!answers_.empty()) {
      answer = std::move(answers_.front());
      answers_.erase(answers_.begin());
    }
    changed_.notify_all();
  }
  grpc::Status status = answer(*context, *response);
  const std::lock_guard lock(mutex_);
  if (status.ok()) kept_.push_back(*request);
  changed_.notify_all();
  return status;
}

std::size_t OtlpReceiver::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<OtlpReceiver::Request> OtlpReceiver::Kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

std::vector<OtlpReceiver::Span> OtlpReceiver::Spans() const {
  std::vector<Span> spans;
  for (const Request& request : Kept()) {
    for (const auto& resource : request.resource_spans()) {
      for (const auto& scope : resource.scope_spans()) {
        spans.insert(spans.end(), scope.spans().begin(), scope.spans().end());
      }
    }
  }
  return spans;
}

bool OtlpReceiver::WaitUntil(const std::function<bool()>& condition) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::milliseconds(10)) == std::cv_status::timeout &&
        std::chrono::steady_clock::now() > until) {
      return false;
    }
  }
  return true;
}

bool OtlpReceiver::WaitForSpans(std::size_t count) const {
  return WaitUntil([this, count] { return Spans().size() >= count; });
}

bool OtlpReceiver::WaitForRequests(std::size_t count) const {
  return WaitUntil([this, count] { return requests() >= count; });
}

std::string AttributeOf(const OtlpReceiver::Span& span, const std::string& key) {
  for (const auto& attribute : span.attributes()) {
    if (attribute.key() != key) continue;
    const auto& value = attribute.value();
    if (value.has_string_value()) return value.string_value();
    if (value.has_bool_value()) return value.bool_value() ? "true" : "false";
    return std::to_string(value.int_value());
  }
  return "";
}

}  // namespace docspace::gateway::testkit
