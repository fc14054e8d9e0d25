#include "server/gateway.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/access/access_watch.h"
#include "server/admin/admin.h"
#include "server/base/file_descriptor.h"
#include "server/base/version.h"
#include "server/caller/caller_identity.h"
#include "server/drainer.h"
#include "server/health/health_service.h"
#include "server/log/event_log.h"
#include "server/log/refusal_log.h"
#include "server/log/rpc_log.h"
#include "server/operator_servers.h"
#include "server/rpc/call_servers.h"
#include "server/rpc/connections.h"
#include "server/rpc/event_loop.h"
#include "server/rpc/listener.h"
#include "server/rpc/memory_guard.h"
#include "server/rpc/reflection_service.h"
#include "server/server_settings.h"
#include "server/service/api_keys_service.h"
#include "server/service/portal_prober.h"
#include "server/service/worker.h"
#include "server/tls/certificate_watch.h"
#include "server/tls/certificates.h"
#include "server/tls/handshake_failures.h"
#include "server/tls/tls_server_credentials.h"
#include "server/tracing/otlp_exporter.h"
#include "server/tracing/tracer.h"

namespace docspace::gateway {
namespace {

// An event loop that has not turned for this long does not respond: no handler takes as much as a
// second.
constexpr EventLoop::Clock::duration kLoopHangs = std::chrono::seconds(10);

CertificateSource MakeCertificateSource(const CertificateWatch& watch) {
  return [&watch] { return watch.newest(); };
}

// The error names the setting, but not its value, which may be a credential in the wrong place.
absl::Status CannotBind(std::string_view setting, const absl::Status& status) {
  return absl::UnavailableError(std::string(setting) +
                                " cannot be bound: " + std::string(status.message()));
}

// Returns null if the configuration names no collector.
std::unique_ptr<tracing::OtlpExporter> MakeExporter(const Config& config,
                                                    const std::string& authorities,
                                                    std::shared_ptr<spdlog::logger> logger) {
  if (config.tracing.collector.host.empty()) return nullptr;
  tracing::OtlpOptions options{.collector = config.tracing.collector,
                               .ca_pem = authorities,
                               .headers = {},
                               .resource = {.service_name = config.tracing.service_name,
                                            .service_version = std::string(kVersion),
                                            .service_instance_id = tracing::NewInstanceId(),
                                            .attributes = config.tracing.resource_attributes}};
  for (const TracingConfig::Header& header : config.tracing.headers) {
    options.headers.emplace_back(header.name, header.value);
  }
  options.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(config.tracing.timeout);
  return std::make_unique<tracing::OtlpExporter>(std::move(options), std::move(logger));
}

}  // namespace

class Gateway::Impl {
 public:
  // `trace_authorities` are the certificates in PEM that the collector is verified with.
  Impl(Config config, std::shared_ptr<spdlog::logger> logger, Surroundings surroundings,
       const std::string& trace_authorities);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  absl::Status Start();
  void Drain();
  void Tick();
  void ReloadFiles();

  const std::string& address() const { return address_; }
  int port() const { return listener_->port(); }
  int health_port() const { return operators_.health_port(); }
  std::string admin_address() const { return admin_.address(); }
  const ServingStatus& serving_status() const { return status_; }
  const CallAdmission& admission() const { return service_.admission(); }
  const tracing::OtlpExporter* span_exporter() const { return spans_.get(); }

 private:
  absl::Status WatchFiles();
  absl::Status WatchCertificates();
  absl::Status WatchAccess();
  absl::Status Serve();
  std::shared_ptr<grpc::ServerCredentials> MakeCredentials() const;
  Listener::Callbacks ListenerCallbacks() const;
  using Accept = std::function<void(FileDescriptor connection)>;
  // Makes the log name the callers that TLS refuses on connections that are passed to `accept`.
  Accept ReportRefusals(Accept accept) const;
  GatewayMetrics::Sources MetricsSources() const;
  void StopServing(http::Clock::duration grace);
  // The time since the last turn of each event loop, in the order of the workers.
  std::vector<EventLoop::Clock::duration> AgesOfTurns() const;
  bool EveryLoopTurns() const;
  // True if no call is in flight and every response is written. Thread-safe.
  bool IsIdle() const;

  const Config config_;
  const std::shared_ptr<spdlog::logger> logger_;
  const Surroundings surroundings_;
  RpcLog log_;
  const std::shared_ptr<RefusalLog> refusals_;
  // These two must outlive the calls.
  const std::unique_ptr<tracing::OtlpExporter> spans_;
  const std::unique_ptr<tracing::Tracer> tracer_;
  std::unique_ptr<CertificateWatch> certificates_;
  std::unique_ptr<CertificateWatch> portal_certificates_;
  std::unique_ptr<AccessWatch> access_;
  Admin admin_;
  ApiKeysService service_;
  ServingStatus status_{apikeys::v1::ApiKeys::service_full_name(),
                        [this] { return EveryLoopTurns(); }};
  HealthService health_{status_};
  ReflectionService reflection_{{apikeys::v1::ApiKeys::service_full_name(), HealthService::kName},
                                service_.admission().allowed_callers()};
  // Null before it serves and after it has shut down.
  std::unique_ptr<CallServers> servers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Listener> listener_;
  std::optional<MemoryGuard> guard_;
  std::string address_;
  std::shared_ptr<PortalProber> prober_;
  OperatorServers operators_;
};

Gateway::Impl::Impl(Config config, std::shared_ptr<spdlog::logger> logger,
                    Surroundings surroundings, const std::string& trace_authorities)
    : config_(std::move(config)),
      logger_(std::move(logger)),
      surroundings_(std::move(surroundings)),
      log_(logger_, {.lines = config_.log.max_repeated_warnings}),
      refusals_(std::make_shared<RefusalLog>(logger_)),
      spans_(MakeExporter(config_, trace_authorities, logger_)),
      tracer_(spans_ == nullptr
                  ? nullptr
                  : std::make_unique<tracing::Tracer>(
                        tracing::Tracer::Sampling{.root_ratio = config_.tracing.sample_ratio,
                                                  .parent_decides = config_.tracing.parent_decides,
                                                  .calls_per_second = config_.tracing.rate_limit},
                        [this](tracing::Span span) { spans_->Add(std::move(span)); })),
      admin_(config_.PortalNames()),
      service_(config_, log_, admin_.rpcs(), admin_.errors(), tracer_.get(),
               [this] { return certificates_->newest(); }),
      operators_(config_, surroundings_.printed_config, logger_, status_, admin_) {}

absl::Status Gateway::Impl::Start() {
  absl::Status status = WatchFiles();
  if (status.ok()) status = Serve();
  if (!status.ok()) return status;
  return operators_.Start(MakeOperatorLimits(workers_.size()), ListenerCallbacks(),
                          MetricsSources());
}

absl::Status Gateway::Impl::WatchFiles() {
  absl::Status status = WatchCertificates();
  return status.ok() ? WatchAccess() : status;
}

absl::Status Gateway::Impl::WatchAccess() {
  AccessWatch::Files files;
  for (const std::string& portal : config_.PortalNames()) {
    files.emplace_back(portal, FilesOf(config_.AccessTo(portal)));
  }
  auto started = AccessWatch::Start(files, config_.tls.refresh, logger_);
  if (!started.ok()) return started.status();
  access_ = *std::move(started);
  return absl::OkStatus();
}

absl::Status Gateway::Impl::WatchCertificates() {
  CertificateFiles for_portals = config_.portal.certificates;
  const auto portals = config_.Portals();
  for_portals.system_authorities =
      std::ranges::any_of(portals, [](const auto& portal) { return portal.second.tls; });
  for (auto [files, watch] :
       {std::pair(&config_.tls.certificates, &certificates_),
        std::pair<const CertificateFiles*, std::unique_ptr<CertificateWatch>*>(
            &for_portals, &portal_certificates_)}) {
    auto started = CertificateWatch::Start(*files, config_.tls.refresh, logger_);
    if (!started.ok()) return started.status();
    *watch = *std::move(started);
  }
  return absl::OkStatus();
}

absl::Status Gateway::Impl::Serve() {
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Bind(config_.listen.address);
  if (!listener.ok()) return CannotBind("--listen", listener.status());
  listener_ = *std::move(listener);
  address_ = listener_->address();

  const std::size_t threads = config_.EventLoops();
  auto servers = std::make_unique<CallServers>();
  std::vector<EventLoop*> loops;
  for (std::size_t i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(
        config_, threads, servers->AddQueue(), MakeCertificateSource(*portal_certificates_),
        access_->Sources(), surroundings_.resolve,
        [logger = logger_](std::string_view what) { LogEvent(*logger, "handler_failed", what); },
        surroundings_.now));
    loops.push_back(&workers_.back()->loop());
  }
  if (!servers->Start(loops, {.credentials = [this] { return MakeCredentials(); },
                              .configure =
                                  [this](grpc::ServerBuilder& builder, std::size_t share) {
                                    ConfigureServer(config_, share, builder);
                                  }})) {
    return absl::InternalError("gRPC could not start the server");
  }
  servers_ = std::move(servers);
  Listener::Callbacks callbacks = ListenerCallbacks();
  callbacks.on_connection =
      ReportRefusals([this](FileDescriptor accepted) { servers_->Accept(std::move(accepted)); });
  const std::vector<std::string> portals = config_.PortalNames();
  const CallLimits limits = MakeCallLimits(config_);
  for (std::size_t loop = 0; loop < threads; ++loop) {
    Worker* const worker = workers_[loop].get();
    for (std::size_t i = 0; i < portals.size(); ++i) {
      admin_.upstreams().Add(portals[i], worker->loop(), *worker->portals()[i]);
    }
    service_.Serve(*worker);
    health_.Serve(worker->calls());
    if (config_.listen.reflection) reflection_.Serve(worker->calls());
    worker->calls().Serve(servers_->service(loop), limits, &listener_->connections());
  }
  listener_->Start(MakeCallerLimits(config_, threads), std::move(callbacks));
  if (config_.limits.guards_memory) {
    guard_.emplace(
        GuardedMemory(config_), listener_->connections(),
        [logger = logger_](std::string_view what) { LogEvent(*logger, "connection_cut", what); });
  }
  if (config_.listen.readiness_needs_portal) {
    prober_ = PortalProber::Start(*workers_.front(), [this] { status_.PortalReached(); });
  } else {
    status_.PortalReached();
  }
  return absl::OkStatus();
}

GatewayMetrics::Sources Gateway::Impl::MetricsSources() const {
  return {
      .load =
          [this] {
            std::vector<GatewayMetrics::PortalLoad> loads;
            const std::vector<std::string> portals = config_.PortalNames();
            for (std::size_t i = 0; i < portals.size(); ++i) {
              const ConcurrencyLimiter& limiter = service_.admission().limiters()[i];
              loads.push_back({portals[i], limiter.in_flight(), limiter.limit()});
            }
            return loads;
          },
      .memory = [this]() -> GatewayMetrics::Memory {
        return {service_.admission().memory().reserved(), service_.admission().memory().limit()};
      },
      .ready = [this] { return status_.ready(); },
      .live = [this] { return status_.live(); },
      .ages_of_turns = [this] { return AgesOfTurns(); },
      .log_lines_dropped = surroundings_.log_lines_dropped,
      .spans = [this]() -> GatewayMetrics::Spans {
        if (!spans_) return {};
        return {spans_->exported(), spans_->dropped(), tracer_->limited()};
      },
      .caller_certificates = MakeCertificateSource(*certificates_),
      .portal_certificates = MakeCertificateSource(*portal_certificates_)};
}

std::shared_ptr<grpc::ServerCredentials> Gateway::Impl::MakeCredentials() const {
  if (config_.tls.certificates.certificate_file.empty()) return grpc::InsecureServerCredentials();
  return TlsServerCredentials(MakeCertificateSource(*certificates_),
                              config_.tls.callers_need_certificate);
}

Listener::Callbacks Gateway::Impl::ListenerCallbacks() const {
  return {
      .on_connection = {},
      .on_surplus = [logger = logger_](
                        std::string_view what) { LogEvent(*logger, "connections_refused", what); },
      .on_shortage = [logger = logger_](
                         std::string_view what) { LogEvent(*logger, "connections_wait", what); }};
}

Gateway::Impl::Accept Gateway::Impl::ReportRefusals(Accept accept) const {
  if (config_.tls.certificates.ca_file.empty()) return accept;
  return [accept = std::move(accept), refusals = refusals_,
          names_peers = config_.log.peers](FileDescriptor connection) {
    const std::string peer = names_peers ? PeerAddress(PeerNameOf(connection.get())) : "";
    const HandshakeFailureScope scope(
        [refusals, peer](std::string_view why) { refusals->Write(peer, why); });
    accept(std::move(connection));
  };
}

void Gateway::Impl::Drain() {
  if (!servers_) return;
  status_.Drain();
  LogEvent(*logger_, "drain", "health says NOT_SERVING");
  std::this_thread::sleep_for(config_.drain.delay);
  StopServing(config_.drain.grace);
  LogEvent(*logger_, "stopped", "no call is left");
}

void Gateway::Impl::StopServing(http::Clock::duration grace) {
  if (prober_) prober_->Stop();
  Drainer drainer(
      workers_.front()->loop().context(),
      {.is_idle = [this] { return IsIdle(); },
       .refuse_calls =
           [this] {
             listener_->Close();
             service_.admission().Close();
             LogEvent(*logger_, "drain", "no further calls are taken");
           },
       .stop_calls =
           [this] {
             for (const auto& worker : workers_) worker->calls().StopAll();
           },
       .close_connections = [this] { servers_->CloseConnections(); },
       .abort_connections = [this] { listener_->connections().CutAll(); },
       .shut_down =
           [this](http::Clock::time_point end) {
             servers_->Shutdown(std::chrono::system_clock::now() +
                                std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                    end - http::Clock::now()));
           },
       .stop_loops =
           [this] {
             admin_.Stop();
             for (const auto& worker : workers_) worker->loop().Stop();
           }});
  drainer.Run(grace);
  servers_.reset();
}

std::vector<EventLoop::Clock::duration> Gateway::Impl::AgesOfTurns() const {
  std::vector<EventLoop::Clock::duration> ages;
  for (const auto& worker : workers_) {
    // The turn is read first, because the loop may turn after the time has been read.
    const EventLoop::Clock::time_point last = worker->loop().last_turn();
    // The last turn of a loop that has ended lies in the future.
    ages.push_back(std::max(EventLoop::Clock::duration::zero(), surroundings_.now() - last));
  }
  return ages;
}

bool Gateway::Impl::EveryLoopTurns() const {
  return std::ranges::none_of(AgesOfTurns(), [](auto age) { return age >= kLoopHangs; });
}

void Gateway::Impl::Tick() {
  log_.FlushSuppressed();
  refusals_->FlushSuppressed();
  status_.CheckLiveness();
}

void Gateway::Impl::ReloadFiles() {
  for (const auto* watch : {&certificates_, &portal_certificates_}) (*watch)->Reload();
  access_->Reload();
}

bool Gateway::Impl::IsIdle() const {
  return service_.admission().in_flight() == 0 &&
         std::ranges::all_of(workers_,
                             [](const auto& worker) { return worker->calls().unwritten() == 0; });
}

Gateway::Impl::~Impl() {
  if (servers_) StopServing(http::Clock::duration::zero());
}

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const Config& config,
                                                        std::shared_ptr<spdlog::logger> logger,
                                                        Surroundings surroundings) {
  const absl::StatusOr<Certificates> trace_tls = Certificates::Read(config.tracing.certificates);
  if (!trace_tls.ok()) return trace_tls.status();
  auto impl = std::make_unique<Impl>(config, std::move(logger), std::move(surroundings),
                                     trace_tls->authorities());
  absl::Status started = impl->Start();
  if (!started.ok()) return started;
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

void Gateway::Drain() { impl_->Drain(); }
void Gateway::Tick() { impl_->Tick(); }
void Gateway::ReloadFiles() { impl_->ReloadFiles(); }
const std::string& Gateway::address() const { return impl_->address(); }
int Gateway::port() const { return impl_->port(); }
int Gateway::health_port() const { return impl_->health_port(); }
std::string Gateway::admin_address() const { return impl_->admin_address(); }
const ServingStatus& Gateway::serving_status() const { return impl_->serving_status(); }
std::size_t Gateway::calls_in_flight() const { return impl_->admission().in_flight(); }
std::size_t Gateway::buffered_bytes() const { return impl_->admission().memory().reserved(); }
const tracing::OtlpExporter* Gateway::span_exporter() const { return impl_->span_exporter(); }

}  // namespace docspace::gateway
