// Sends spans to a collector, by OTLP over gRPC.
#ifndef SERVER_TRACING_OTLP_EXPORTER_H_
#define SERVER_TRACING_OTLP_EXPORTER_H_

#include <grpcpp/client_context.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "server/http/origin.h"
#include "server/tracing/otlp.h"
#include "server/tracing/span.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway::tracing {

struct OtlpOptions {
  http::Origin collector;
  // Authorities, in PEM, to trust for an https collector instead of the system's.
  std::string ca_pem;
  Resource resource;
  // Spans that wait at most; as many again may be on their way.
  std::size_t max_queue = 2048;
  // Spans in one request at most; as soon as so many wait, they are sent.
  std::size_t max_batch = 512;
  std::chrono::milliseconds interval = std::chrono::seconds(5);
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  // The first wait before a request is sent again; it doubles, to `max_backoff`.
  std::chrono::milliseconds min_backoff = std::chrono::seconds(1);
  std::chrono::milliseconds max_backoff = std::chrono::seconds(5);
  // How long after its first attempt a request may still be sent again.
  std::chrono::milliseconds retry_for = std::chrono::seconds(30);
  // How long the destructor may take to send what waits.
  std::chrono::milliseconds flush = std::chrono::seconds(2);
};

// Whatever the collector does costs no more than spans: those that it does not take are dropped,
// and counted, and the log says so once a minute at most, and at the end. Thread-safe.
class OtlpExporter {
 public:
  OtlpExporter(OtlpOptions options, std::shared_ptr<spdlog::logger> logger);
  // Sends what waits, for as long as `flush`.
  ~OtlpExporter();
  OtlpExporter(const OtlpExporter&) = delete;
  OtlpExporter& operator=(const OtlpExporter&) = delete;

  // Takes a span to be sent by a thread of the exporter's own; drops it where too many wait.
  void Add(Span span) noexcept;

  // Spans, since the start. Those dropped: for which there was no room, or that the collector did
  // not take.
  std::uint64_t exported() const { return exported_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  // What waits, once it is time to send it. Nothing at the end.
  std::vector<Span> Take();
  void Send(std::span<const Span> spans);
  grpc::Status Export(
      const opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest& request,
      std::uint64_t& rejected);
  // False where the exporter stops, and has no time for that.
  bool Wait(Clock::duration duration);
  void Drop(std::uint64_t spans, std::string_view why) noexcept;
  void Tell(std::string_view why) noexcept;

  const OtlpOptions options_;
  const std::shared_ptr<spdlog::logger> logger_;
  const std::unique_ptr<opentelemetry::proto::collector::trace::v1::TraceService::Stub> stub_;
  std::atomic<std::uint64_t> exported_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::uint64_t dropped_told_ = 0;
  std::optional<Clock::time_point> told_at_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Span> queue_;
  bool stopping_ = false;
  bool ended_ = false;
  Clock::time_point flush_until_ = Clock::time_point::max();
  grpc::ClientContext* under_way_ = nullptr;
  std::thread thread_;
};

}  // namespace docspace::gateway::tracing

#endif  // SERVER_TRACING_OTLP_EXPORTER_H_
