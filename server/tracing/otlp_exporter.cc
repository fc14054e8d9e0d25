#include "server/tracing/otlp_exporter.h"

#include <absl/cleanup/cleanup.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <exception>
#include <random>
#include <string_view>
#include <utility>

#include "server/base/host_port.h"
#include "server/base/random_bits.h"
#include "server/log/event_log.h"

namespace docspace::gateway::tracing {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr steady_clock::duration kLogInterval = std::chrono::minutes(1);

std::shared_ptr<grpc::Channel> ChannelTo(const OtlpOptions& options) {
  const http::Origin& collector = options.collector;
  const std::string target = FormatHostPort(collector.host, collector.port);
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.ca_pem;
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("docspace-apikeys-gateway");
  // gRPC makes no retries, because this file decides when to send again. It reads no service config
  // either, because the configuration decides where to.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  return grpc::CreateCustomChannel(
      target, collector.tls ? grpc::SslCredentials(tls) : grpc::InsecureChannelCredentials(),
      arguments);
}

// Returns how long the collector asks to wait before another attempt: at most a day, and zero if it
// names no time. Returns nothing if it does not ask for another attempt.
std::optional<steady_clock::duration> RetryDelayOf(const grpc::Status& status) {
  constexpr std::int64_t kDay = 24 * 3600;
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return std::nullopt;
  google::rpc::RetryInfo info;
  for (const google::protobuf::Any& detail : rich.details()) {
    if (!detail.UnpackTo(&info)) continue;
    const google::protobuf::Duration& delay = info.retry_delay();
    return std::max<steady_clock::duration>(
        std::chrono::seconds(std::clamp<std::int64_t>(delay.seconds(), 0, kDay)) +
            std::chrono::nanoseconds(delay.nanos()),
        steady_clock::duration::zero());
  }
  return std::nullopt;
}

// Returns whether OTLP's table of codes allows another attempt.
bool IsRetryable(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return RetryDelayOf(status).has_value();
    default:
      return false;
  }
}

// Returns a random duration from half of `backoff` to all of it.
steady_clock::duration Jittered(milliseconds backoff) {
  return backoff / 2 +
         milliseconds(RandomBits() % static_cast<std::uint64_t>(backoff.count() / 2 + 1));
}

}  // namespace

OtlpExporter::OtlpExporter(OtlpOptions options, std::shared_ptr<spdlog::logger> logger)
    : options_(std::move(options)),
      logger_(std::move(logger)),
      stub_(otlp::TraceService::NewStub(ChannelTo(options_))),
      thread_([this] { Run(); }) {}

OtlpExporter::~OtlpExporter() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    flush_until_ = Clock::now() + options_.flush;
    changed_.notify_all();
    changed_.wait_until(lock, flush_until_, [this] { return ended_; });
    if (under_way_ != nullptr) under_way_->TryCancel();
  }
  thread_.join();
}

void OtlpExporter::Add(Span span) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < options_.max_queue) {
      queue_.push_back(std::move(span));
      if (queue_.size() == options_.max_batch) changed_.notify_all();
      return;
    }
  } catch (const std::exception&) {
    // Without memory, the span is dropped like one for which there is no room.
  }
  ++dropped_;
}

std::vector<Span> OtlpExporter::Take() {
  std::unique_lock lock(mutex_);
  do {
    changed_.wait_for(lock, options_.interval,
                      [this] { return stopping_ || queue_.size() >= options_.max_batch; });
  } while (queue_.empty() && !stopping_);
  return std::exchange(queue_, {});
}

void OtlpExporter::Run() {
  for (std::vector<Span> taken = Take(); !taken.empty(); taken = Take()) {
    for (std::span<const Span> rest = taken; !rest.empty();) {
      const std::size_t size = std::min(rest.size(), options_.max_batch);
      try {
        Send(rest.first(size));
      } catch (const std::exception&) {
        Drop(size, "the gateway lacks memory");
      }
      rest = rest.subspan(size);
    }
    Drop(0, "too many spans waited");
  }
  Tell("since the last such line");
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void OtlpExporter::Send(std::span<const Span> spans) {
  const otlp::ExportTraceServiceRequest request = ToOtlp(options_.resource, spans);
  const Clock::time_point give_up_at = Clock::now() + options_.retry_for;
  for (milliseconds backoff = options_.min_backoff;;
       backoff = std::min(2 * backoff, options_.max_backoff)) {
    std::uint64_t rejected = 0;
    const grpc::Status status = Export(request, rejected);
    if (status.ok()) {
      rejected = std::min<std::uint64_t>(rejected, spans.size());
      exported_ += spans.size() - rejected;
      if (rejected > 0) Drop(rejected, "the collector rejected some");
      return;
    }
    const Clock::duration asked = RetryDelayOf(status).value_or(Clock::duration::zero());
    const Clock::duration wait = asked > Clock::duration::zero() ? asked : Jittered(backoff);
    if (!IsRetryable(status) || Clock::now() + wait > give_up_at || !Wait(wait)) {
      return Drop(spans.size(), "the collector accepted none and failed with code " +
                                    std::to_string(status.error_code()));
    }
  }
}

grpc::Status OtlpExporter::Export(const otlp::ExportTraceServiceRequest& request,
                                  std::uint64_t& rejected) {
  grpc::ClientContext context;
  for (const auto& [name, value] : options_.headers) {
    context.AddMetadata(name, std::string(value.Reveal()));
  }
  {
    const std::lock_guard lock(mutex_);
    const Clock::duration left = std::min<Clock::duration>(
        options_.timeout, stopping_ ? flush_until_ - Clock::now() : Clock::duration::max());
    if (left <= Clock::duration::zero()) {
      return {grpc::StatusCode::CANCELLED, "the gateway is shutting down"};
    }
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::duration_cast<milliseconds>(left));
    under_way_ = &context;
  }
  const absl::Cleanup done = [this] {
    const std::lock_guard lock(mutex_);
    under_way_ = nullptr;
  };
  otlp::ExportTraceServiceResponse response;
  grpc::Status status = stub_->Export(&context, request, &response);
  rejected = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, response.partial_success().rejected_spans()));
  return status;
}

bool OtlpExporter::Wait(Clock::duration duration) {
  const Clock::time_point until = Clock::now() + duration;
  std::unique_lock lock(mutex_);
  return !changed_.wait_until(lock, until, [&] { return stopping_ && until >= flush_until_; });
}

void OtlpExporter::Drop(std::uint64_t spans, std::string_view why) noexcept {
  dropped_ += spans;
  if (!told_at_ || Clock::now() >= *told_at_ + kLogInterval) Tell(why);
}

void OtlpExporter::Tell(std::string_view why) noexcept {
  const std::uint64_t dropped = dropped_;
  if (dropped == dropped_told_) return;
  try {
    LogWarning(
        *logger_, "spans_dropped",
        std::to_string(dropped - dropped_told_) + " spans were dropped: " + std::string(why));
    dropped_told_ = dropped;
    told_at_ = Clock::now();
  } catch (const std::exception&) {
    // Memory ran out. A later report includes these spans.
  }
}

}  // namespace docspace::gateway::tracing
