// Sends spans to a collector with OTLP over gRPC.
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
#include <utility>
#include <vector>

#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "server/base/secret.h"
#include "server/http/origin.h"
#include "server/tracing/otlp.h"
#include "server/tracing/span.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway::tracing {

struct OtlpOptions {
  http::Origin collector;
  // The authorities, in PEM, to trust for an https collector. If empty, the system's are trusted.
  std::string ca_pem;
  // What each request carries as metadata, with names in lower case.
  std::vector<std::pair<std::string, Secret>> headers;
  Resource resource;
  // The most spans that wait; as many again may be on their way.
  std::size_t max_queue = 2048;
  // The most spans in one request. As soon as this many wait, they are sent.
  std::size_t max_batch = 512;
  // The longest time that spans wait before they are sent.
  std::chrono::milliseconds interval = std::chrono::seconds(5);
  // The time limit of one request.
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  // The wait before the first repetition of a request. It doubles with each one, up to
  // `max_backoff`.
  std::chrono::milliseconds min_backoff = std::chrono::seconds(1);
  std::chrono::milliseconds max_backoff = std::chrono::seconds(5);
  // The time after a request's first attempt in which the exporter may send it again.
  std::chrono::milliseconds retry_for = std::chrono::seconds(30);
  // The longest time for which the destructor sends the spans that wait.
  std::chrono::milliseconds flush = std::chrono::seconds(2);
};

// OtlpExporter sends spans on a thread of its own. A collector that fails or is slow costs only
// spans: the exporter drops and counts those that the collector does not take, and logs this at
// most once a minute, and at the end. Thread-safe.
class OtlpExporter {
 public:
  OtlpExporter(OtlpOptions options, std::shared_ptr<spdlog::logger> logger);
  // Sends the spans that wait, for at most `flush`.
  ~OtlpExporter();
  OtlpExporter(const OtlpExporter&) = delete;
  OtlpExporter& operator=(const OtlpExporter&) = delete;

  // Queues a span to be sent, or drops it if too many wait. Does not block.
  void Add(Span span) noexcept;

  // Return the number of spans since the start. Dropped spans are those for which there was no
  // room, and those that the collector did not take.
  std::uint64_t exported() const { return exported_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  // Waits until it is time to send, and returns the spans that wait. Returns none at the end.
  std::vector<Span> Take();
  void Send(std::span<const Span> spans);
  grpc::Status Export(
      const opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest& request,
      std::uint64_t& rejected);
  // Returns false if the exporter stops, and has no time to wait that long.
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
