// An OTLP collector of spans in this process, on a port of loopback.
#ifndef TESTS_TESTKIT_OTLP_RECEIVER_H_
#define TESTS_TESTKIT_OTLP_RECEIVER_H_

#include <grpcpp/server.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

namespace docspace::gateway::testkit {

// `OtlpReceiver` keeps the export requests that it receives. Thread-safe.
class OtlpReceiver final
    : private opentelemetry::proto::collector::trace::v1::TraceService::Service {
 public:
  using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
  using Response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
  using Span = opentelemetry::proto::trace::v1::Span;
  // Computes the response to a request. A request whose status is not OK is not kept.
  using Answer = std::function<grpc::Status(grpc::ServerContext& context, Response& response)>;

  // Starts a receiver that accepts every request.
  OtlpReceiver();
  explicit OtlpReceiver(const std::shared_ptr<grpc::ServerCredentials>& credentials);
  ~OtlpReceiver() override;

  int port() const { return port_; }
  // Sets the response to the next request that has none yet. Several calls set those of as many
  // successive requests.
  OtlpReceiver& AnswerNext(Answer answer);

  std::size_t requests() const;
  std::vector<Span> Spans() const;
  std::vector<Request> Kept() const;
  // Return false if the condition is not met within a minute.
  bool WaitForSpans(std::size_t count) const;
  bool WaitForRequests(std::size_t count) const;

 private:
  grpc::Status Export(grpc::ServerContext* context, const Request* request,
                      Response* response) override;
  bool WaitUntil(const std::function<bool()>& condition) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Answer> answers_;
  std::size_t requests_ = 0;
  std::vector<Request> kept_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Returns the value of the attribute of that name as text, such as "true" or "404", or "" if there
// is none.
std::string AttributeOf(const OtlpReceiver::Span& span, const std::string& key);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_OTLP_RECEIVER_H_
