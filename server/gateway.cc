#include "server/gateway.h"

#include <grpc/grpc.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/admin/admin.h"
#include "server/base/version.h"
#include "server/health/health_port.h"
#include "server/health/health_service.h"
#include "server/log/event_log.h"
#include "server/log/log_level.h"
#include "server/log/rpc_log.h"
#include "server/rpc/channelz_port.h"
#include "server/rpc/event_loop.h"
#include "server/rpc/external_connections.h"
#include "server/rpc/listener.h"
#include "server/rpc/memory_guard.h"
#include "server/rpc/reflection_service.h"
#include "server/rpc/server_limits.h"
#include "server/service/api_keys_service.h"
#include "server/service/portal_search.h"
#include "server/service/worker.h"
#include "server/tls/certificate_watch.h"
#include "server/tls/certificates.h"
#include "server/tls/tls_server_credentials.h"
#include "server/tracing/otlp_exporter.h"
#include "server/tracing/tracer.h"

namespace docspace::gateway {
namespace {

using std::chrono::milliseconds;

// gRPC ends what comes to it while it shuts down with CANCELLED, and callers learn only a round
// trip later that nothing more is taken. What comes over a connection that is cut, or is refused by
// the service, is UNAVAILABLE to its caller instead, who may retry it. So calls are refused and,
// once none is in flight, connections are cut before gRPC shuts down; but where calls take longer
// than this, callers rather learn where else to go.
constexpr milliseconds kPatienceForCalls(500);
// A connection that is cut may lose what its caller has not received yet.
constexpr milliseconds kLastAnswersArrive(50);

// An event loop that has not turned for this long hangs: the longest that one handler takes, the
// decoding of the largest answer, is far below a second.
constexpr EventLoop::Clock::duration kLoopHangs = std::chrono::seconds(10);

// What the process has besides what it holds for callers.
constexpr std::size_t kOwnMemory = std::size_t{64} * 1024 * 1024;

// Few are asked for at a time, and each for a moment.
constexpr std::size_t kHealthConnections = 64;

// Beside the portal's connections: files and gRPC's own; and of each event loop, its own and those
// of a name resolution.
constexpr std::size_t kOtherDescriptors = 64 + kHealthConnections;
constexpr std::size_t kDescriptorsOfLoop = 8;

CertificateSource SourceOf(const CertificateWatch& watch) {
  return [&watch] { return watch.newest(); };
}

// Without the value, which may be a credential out of place.
absl::Status CannotBind(std::string_view setting, const absl::Status& status) {
  return absl::UnavailableError(std::string(setting) +
                                " cannot be bound: " + std::string(status.message()));
}

// Null where spans go nowhere.
std::unique_ptr<tracing::OtlpExporter> ExporterOf(const Config& config,
                                                  const std::string& authorities,
                                                  std::shared_ptr<spdlog::logger> logger) {
  if (config.trace_collector.host.empty()) return nullptr;
  tracing::OtlpOptions options{.collector = config.trace_collector,
                               .ca_pem = authorities,
                               .resource = {.service_name = config.trace_service_name,
                                            .service_version = std::string(kVersion),
                                            .service_instance_id = tracing::NewInstanceId()}};
  return std::make_unique<tracing::OtlpExporter>(std::move(options), std::move(logger));
}

}  // namespace

class Gateway::Parts {
 public:
  // `trace_authorities` in PEM.
  Parts(Config config, std::shared_ptr<spdlog::logger> logger, Surroundings surroundings,
        const std::string& trace_authorities);
  ~Parts();
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  absl::Status Start();
  void Drain();
  void ReloadCertificates();

 private:
  friend class Gateway;

  absl::Status WatchCertificates();
  absl::Status Serve();
  absl::Status ServeOperators();
  CallLimits LimitsOfCalls() const;
  Listener::Limits ListenerLimits(std::size_t connections) const;
  Listener::Callbacks ListenerCallbacks() const;
  GatewayMetrics::Sources MetricsSources() const;
  void StopServing(http::Clock::duration grace);
  // Whether no call is in flight, nor its answer on its way, within that time.
  bool BecomesIdle(http::Clock::duration patience) const;
  // How long ago each event loop has turned, in the order of the workers.
  std::vector<EventLoop::Clock::duration> AgesOfTurns() const;
  bool EveryLoopTurns() const;
  // Whether no call is in flight, and every answer is written.
  bool IsIdle() const;
  void CutConnections();
  void CutConnectionsOnceIdle(http::Timer& timer, bool was_idle = false);

  const Config config_;
  const std::shared_ptr<spdlog::logger> logger_;
  const Surroundings surroundings_;
  RpcLog log_;
  // These two outlive the calls.
  const std::unique_ptr<tracing::OtlpExporter> spans_;
  const std::unique_ptr<tracing::Tracer> tracer_;
  std::unique_ptr<CertificateWatch> certificates_;
  std::unique_ptr<CertificateWatch> portal_certificates_;
  Admin admin_;
  ApiKeysService service_;
  ServingStatus status_{apikeys::v1::ApiKeys::service_full_name(),
                        [this] { return EveryLoopTurns(); }};
  HealthService health_{status_};
  ReflectionService reflection_{
      {apikeys::v1::ApiKeys::service_full_name(), HealthService::kName, ReflectionService::kName},
      service_.admission().allowed_callers()};
  grpc::AsyncGenericService calls_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
  std::optional<MemoryGuard> guard_;
  std::string address_;
  std::shared_ptr<PortalSearch> search_;
  std::unique_ptr<HealthPort> health_port_;
  std::unique_ptr<ChannelzPort> channelz_;
};

Gateway::Parts::Parts(Config config, std::shared_ptr<spdlog::logger> logger,
                      Surroundings surroundings, const std::string& trace_authorities)
    : config_(std::move(config)),
      logger_(std::move(logger)),
      surroundings_(std::move(surroundings)),
      log_(logger_, {.lines = config_.max_repeated_warnings}),
      spans_(ExporterOf(config_, trace_authorities, logger_)),
      tracer_(spans_ == nullptr
                  ? nullptr
                  : std::make_unique<tracing::Tracer>(
                        tracing::Tracer::Sampling{.root_ratio = config_.trace_sample_ratio,
                                                  .calls_per_second = config_.trace_rate_limit},
                        [this](tracing::Span span) { spans_->Add(std::move(span)); })),
      admin_(config_.PortalNames()),
      service_(config_, log_, admin_.rpcs(), admin_.errors(), tracer_.get()) {}

absl::Status Gateway::Parts::Start() {
  absl::Status status = WatchCertificates();
  if (status.ok()) status = Serve();
  if (status.ok()) status = ServeOperators();
  return status;
}

absl::Status Gateway::Parts::WatchCertificates() {
  CertificateFiles for_portals = config_.portal_tls;
  const auto portals = config_.Portals();
  for_portals.system_authorities =
      std::ranges::any_of(portals, [](const auto& portal) { return portal.second.tls; });
  for (auto [files, watch] :
       {std::pair(&config_.tls, &certificates_),
        std::pair<const CertificateFiles*, std::unique_ptr<CertificateWatch>*>(
            &for_portals, &portal_certificates_)}) {
    auto started = CertificateWatch::Start(*files, config_.tls_refresh, logger_);
    if (!started.ok()) return started.status();
    *watch = *std::move(started);
  }
  return absl::OkStatus();
}

absl::Status Gateway::Parts::Serve() {
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Bind(config_.listen);
  if (!listener.ok()) return CannotBind("--listen", listener.status());
  listener_ = *std::move(listener);
  address_ =
      config_.listen.substr(0, config_.listen.rfind(':') + 1) + std::to_string(listener_->port());

  grpc::ServerBuilder builder;
  const std::size_t threads = config_.threads != 0
                                  ? config_.threads
                                  : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(
        config_, threads, builder.AddCompletionQueue(), SourceOf(*portal_certificates_),
        surroundings_.resolve,
        [logger = logger_](std::string_view what) { LogEvent(*logger, "handler_failed", what); },
        surroundings_.now));
  }
  credentials_ =
      config_.tls.certificate_file.empty()
          ? grpc::InsecureServerCredentials()
          : TlsServerCredentials(SourceOf(*certificates_), config_.callers_need_certificate);
  Listener::Callbacks callbacks = ListenerCallbacks();
  callbacks.on_connection = TakeConnections(builder, credentials_);
  builder.RegisterAsyncGenericService(&calls_);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, config_.channelz_listen.empty() ? 0 : 1);
  SetLimits({.request_bytes = config_.max_request_bytes,
             .metadata_bytes = config_.max_metadata_bytes,
             .streams = config_.max_streams,
             .memory = config_.max_grpc_memory,
             .handshake = config_.handshake_timeout,
             .age = config_.max_connection_age,
             .age_grace = config_.request_timeout},
            builder);
  server_ = builder.BuildAndStart();
  if (!server_) return absl::InternalError("gRPC does not start");
  const std::vector<std::string> portals = config_.PortalNames();
  for (const auto& worker : workers_) {
    for (std::size_t i = 0; i < portals.size(); ++i) {
      admin_.upstreams().Add(portals[i], worker->loop(), *worker->portals()[i]);
    }
    service_.Serve(*worker);
    health_.Serve(worker->calls());
    if (config_.reflection) reflection_.Serve(worker->calls());
    worker->calls().Serve(calls_, LimitsOfCalls(), &listener_->connections());
  }
  listener_->Start(ListenerLimits(config_.max_caller_connections), std::move(callbacks));
  if (config_.guards_memory) {
    guard_.emplace(
        kOwnMemory + config_.max_buffered_bytes + config_.max_grpc_memory, listener_->connections(),
        [logger = logger_](std::string_view what) { LogEvent(*logger, "connection_cut", what); });
  }
  if (config_.readiness_needs_portal) {
    search_ = PortalSearch::Start(*workers_.front(), [this] { status_.PortalReached(); });
  } else {
    status_.PortalReached();
  }
  return absl::OkStatus();
}

absl::Status Gateway::Parts::ServeOperators() {
  if (!config_.health_listen.empty()) {
    auto health = HealthPort::Start(config_.health_listen, status_,
                                    ListenerLimits(kHealthConnections), ListenerCallbacks());
    if (!health.ok()) return CannotBind("--health-listen", health.status());
    health_port_ = *std::move(health);
  }
  if (!config_.channelz_listen.empty()) {
    auto channelz = ChannelzPort::Start(config_.channelz_listen, ListenerLimits(kHealthConnections),
                                        ListenerCallbacks());
    if (!channelz.ok()) {
      return CannotBind("--channelz-listen", channelz.status());
    }
    channelz_ = *std::move(channelz);
  }
  if (!config_.admin_listen.empty()) {
    const absl::Status admin = admin_.Serve(config_.admin_listen, MetricsSources(),
                                            {.config = [this] { return PrintedConfig(config_); },
                                             .set_log_level =
                                                 [this](const std::string& name) {
                                                   const auto level = LogLevelOf(name);
                                                   if (level) SetLogLevel(*logger_, *level);
                                                   return level.has_value();
                                                 },
                                             .host_names = config_.admin_hosts});
    if (!admin.ok()) return CannotBind("--admin-listen", admin);
  }
  return absl::OkStatus();
}

GatewayMetrics::Sources Gateway::Parts::MetricsSources() const {
  return {.load =
              [this] {
                std::vector<GatewayMetrics::PortalLoad> loads;
                const std::vector<std::string> portals = config_.PortalNames();
                for (std::size_t i = 0; i < portals.size(); ++i) {
                  const Admission& admission = service_.admission().limiters()[i];
                  loads.push_back({portals[i], admission.in_flight(), admission.limit()});
                }
                return loads;
              },
          .memory = [this]() -> GatewayMetrics::Memory {
            return {service_.admission().memory().charged(), service_.admission().memory().limit()};
          },
          .ready = [this] { return status_.ready(); },
          .live = [this] { return status_.live(); },
          .ages_of_turns = [this] { return AgesOfTurns(); },
          .log_lines_dropped = surroundings_.log_lines_dropped,
          .spans = [this]() -> GatewayMetrics::Spans {
            if (!spans_) return {};
            return {spans_->exported(), spans_->dropped(), tracer_->limited()};
          },
          .caller_certificates = SourceOf(*certificates_),
          .portal_certificates = SourceOf(*portal_certificates_)};
}

CallLimits Gateway::Parts::LimitsOfCalls() const {
  return {.message_timeout = config_.message_timeout,
          .write_timeout = config_.request_timeout,
          .waiting_bytes = config_.max_waiting_bytes / workers_.size(),
          .unwritten_bytes = config_.max_buffered_bytes / 4 / workers_.size(),
          // A caller that has been told of the limit may begin a call before the end of another is
          // known here.
          .calls_of_connection = 2 * config_.max_streams};
}

Listener::Limits Gateway::Parts::ListenerLimits(std::size_t connections) const {
  return {.connections = connections,
          .other_descriptors = config_.Portals().size() * config_.pool.max_connections +
                               kOtherDescriptors + workers_.size() * kDescriptorsOfLoop};
}

Listener::Callbacks Gateway::Parts::ListenerCallbacks() const {
  return {
      .on_connection = {},
      .on_surplus = [logger = logger_](
                        std::string_view what) { LogEvent(*logger, "connections_refused", what); },
      .on_shortage = [logger = logger_](
                         std::string_view what) { LogEvent(*logger, "connections_wait", what); }};
}

void Gateway::Parts::Drain() {
  if (!server_) return;
  LogEvent(*logger_, "drain", "health says NOT_SERVING");
  status_.Drain();
  std::this_thread::sleep_for(config_.drain_delay);
  StopServing(config_.drain_grace);
  LogEvent(*logger_, "stopped", "no call is left");
}

void Gateway::Parts::StopServing(http::Clock::duration grace) {
  const http::Clock::time_point end = http::Clock::now() + grace;
  if (search_) search_->Stop();
  // A little before gRPC would cut the calls off without an answer.
  const auto answer_by = grace - std::min<http::Clock::duration>(milliseconds(500), grace / 4);
  http::Timer answer(workers_.front()->loop().context(), http::Clock::now() + answer_by);
  answer.async_wait([this](boost::system::error_code error) {
    if (error) return;
    for (const auto& worker : workers_) worker->calls().StopAll();
  });
  // What waits still then, waits for callers that do not read: gRPC would wait for them for ever.
  http::Timer cut(workers_.front()->loop().context(), end + kLastAnswersArrive);
  cut.async_wait([this](boost::system::error_code error) {
    if (!error) listener_->connections().CutAll();
  });
  listener_->Close();
  service_.admission().Close();
  LogEvent(*logger_, "drain", "no further calls are taken");
  if (BecomesIdle(std::min<http::Clock::duration>(kPatienceForCalls, answer_by))) CutConnections();
  http::Timer next(workers_.front()->loop().context());
  CutConnectionsOnceIdle(next);
  server_->Shutdown(
      std::chrono::system_clock::now() +
      std::chrono::duration_cast<std::chrono::system_clock::duration>(end - http::Clock::now()));
  admin_.Stop();
  for (const auto& worker : workers_) worker->loop().Stop();
  server_.reset();
}

std::vector<EventLoop::Clock::duration> Gateway::Parts::AgesOfTurns() const {
  std::vector<EventLoop::Clock::duration> ages;
  for (const auto& worker : workers_) {
    // First, or a loop might turn after the time was read.
    const EventLoop::Clock::time_point last = worker->loop().last_turn();
    // A loop that has ended is in order.
    ages.push_back(std::max(EventLoop::Clock::duration::zero(), surroundings_.now() - last));
  }
  return ages;
}

bool Gateway::Parts::EveryLoopTurns() const {
  return std::ranges::none_of(AgesOfTurns(), [](auto age) { return age >= kLoopHangs; });
}

void Gateway::Parts::ReloadCertificates() {
  for (const auto* watch : {&certificates_, &portal_certificates_}) (*watch)->Reload();
}

bool Gateway::Parts::BecomesIdle(http::Clock::duration patience) const {
  const http::Clock::time_point until = http::Clock::now() + patience;
  while (!IsIdle()) {
    if (http::Clock::now() >= until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  std::this_thread::sleep_for(std::min<http::Clock::duration>(kLastAnswersArrive, patience));
  return true;
}

bool Gateway::Parts::IsIdle() const {
  return service_.admission().in_flight() == 0 &&
         std::ranges::all_of(workers_,
                             [](const auto& worker) { return worker->calls().unwritten() == 0; });
}

void Gateway::Parts::CutConnections() { grpc_server_cancel_all_calls(server_->c_server()); }

// Whoever watches the health service would keep the server until the end of its grace.
void Gateway::Parts::CutConnectionsOnceIdle(http::Timer& timer, bool was_idle) {
  timer.expires_after(kLastAnswersArrive);
  timer.async_wait([this, &timer, was_idle](boost::system::error_code error) {
    if (error) return;
    const bool is_idle = IsIdle();
    if (is_idle && was_idle) CutConnections();
    CutConnectionsOnceIdle(timer, is_idle);
  });
}

Gateway::Parts::~Parts() {
  if (server_) StopServing(http::Clock::duration::zero());
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const Config& config,
                                                        std::shared_ptr<spdlog::logger> logger,
                                                        Surroundings surroundings) {
  const absl::StatusOr<Certificates> trace_tls = Certificates::Read(config.trace_tls);
  if (!trace_tls.ok()) return trace_tls.status();
  auto parts = std::make_unique<Parts>(config, std::move(logger), std::move(surroundings),
                                       trace_tls->authorities());
  absl::Status started = parts->Start();
  if (!started.ok()) return started;
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

void Gateway::Drain() { parts_->Drain(); }
const std::string& Gateway::address() const { return parts_->address_; }
int Gateway::port() const { return parts_->listener_->port(); }
int Gateway::health_port() const { return parts_->health_port_ ? parts_->health_port_->port() : 0; }
const ServingStatus& Gateway::serving_status() const { return parts_->status_; }
void Gateway::Tick() {
  parts_->log_.SumUp();
  parts_->status_.CheckLiveness();
}
void Gateway::ReloadCertificates() { parts_->ReloadCertificates(); }
std::size_t Gateway::calls_in_flight() const { return parts_->service_.admission().in_flight(); }
const tracing::OtlpExporter* Gateway::span_exporter() const { return parts_->spans_.get(); }
std::string Gateway::admin_address() const { return parts_->admin_.address(); }
std::size_t Gateway::buffered_bytes() const {
  return parts_->service_.admission().memory().charged();
}

}  // namespace docspace::gateway
