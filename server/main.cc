// The program: it parses the configuration, starts the gateway, waits for a signal, and drains.

#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/mutex.h"
#include "server/base/descriptor_limit.h"
#include "server/base/host_port.h"
#include "server/base/version.h"
#include "server/base/whole_file.h"
#include "server/config/config.h"
#include "server/config/parse_config.h"
#include "server/config/render_config.h"
#include "server/gateway.h"
#include "server/health/health_probe.h"
#include "server/log/background_log.h"
#include "server/log/console_log.h"
#include "server/log/event_log.h"
#include "server/log/library_log.h"
#include "server/log/log_level.h"
#include "server/overload/memory_returner.h"
#include "server/portal_check.h"
#include "server/systemd/service_manager.h"
#include "server/systemd/watchdog.h"

namespace docspace::gateway {
namespace {

constexpr int kUsageError = 2;
// The longest time that the process takes to end after its drain.
constexpr std::chrono::seconds kEndAfterDrain(30);

// Excludes the process's memory from core files, and other processes from reading it, because
// credentials pass through it.
void KeepMemoryPrivate() {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
}

// Blocks the signals for which main waits. Must be called before any thread starts, because threads
// inherit the mask.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Unsets the variables that make gRPC write credentials and created keys, from its buffers, to its
// log. Must be called before gRPC reads them. Returns those that were set.
std::vector<std::string> IgnoreTracing() {
  std::vector<std::string> ignored;
  for (const char* name : {"GRPC_TRACE", "GRPC_VERBOSITY"}) {
    if (std::getenv(name) == nullptr) continue;
    unsetenv(name);
    ignored.emplace_back(name);
  }
  return ignored;
}

// Returns the service manager that started the process. If it cannot be told anything, the gateway
// serves all the same.
systemd::ServiceManager FindServiceManager(spdlog::logger& logger) {
  absl::StatusOr<systemd::ServiceManager> found =
      systemd::ServiceManager::FromEnvironment([](const char* name) { return std::getenv(name); });
  if (found.ok()) return *std::move(found);
  LogWarning(logger, "service_manager_unreachable", std::string(found.status().message()));
  return {};
}

// Waits until SIGTERM or SIGINT, and handles the other signals. `status` is what the gateway
// serves.
void AwaitEnd(const sigset_t& signals, spdlog::logger& logger, Gateway& gateway,
              const systemd::ServiceManager& manager, std::string_view status) {
  const timespec interval{.tv_sec = 5, .tv_nsec = 0};
  MemoryReturner memory(&ProcessCpuTime, [] { malloc_trim(0); });
  while (true) {
    try {
      switch (sigtimedwait(&signals, nullptr, &interval)) {
        case SIGTERM:
        case SIGINT:
          return;
        case SIGHUP:
          manager.IsReloading();
          LogEvent(logger, "reload",
                   "the files of certificates and of access to portals are read again");
          gateway.ReloadFiles();
          // Other threads read the files; their result is in the log.
          manager.IsReady(status);
          break;
        case SIGUSR1:
          SetLogLevel(logger, MoreVerbose(logger.level()));
          break;
        case SIGUSR2:
          SetLogLevel(logger, LessVerbose(logger.level()));
          break;
        default:
          gateway.Tick();
          SumUpLibraryLog();
          memory.Tick(gateway.calls_in_flight());
      }
    } catch (const std::bad_alloc&) {
      // The gateway goes on serving. Its regular work is tried again after the next interval, but a
      // signal must be sent again.
    }
  }
}

int Complain(absl::string_view what, int status) {
  std::cerr << "docspace-apikeys-gateway: " << what << '\n';
  return status;
}

std::string UrlsOf(const Config& config) {
  std::string urls;
  for (const auto& [name, portal] : config.Portals()) {
    urls.append(urls.empty() ? "" : ", ").append(portal.Url());
    const HostPort proxy = config.AccessTo(name).proxy;
    if (!proxy.host.empty()) {
      urls.append(" through the proxy ").append(FormatHostPort(proxy.host, proxy.port));
    }
  }
  return urls;
}

std::string DeprecationOf(const DeprecatedName& name) {
  return name.used + " is deprecated; use " + name.replacement;
}

int Serve(const ParsedConfig& parsed, const sigset_t& signals,
          const std::vector<std::string>& ignored) {
  const Config& config = parsed.config;
  BackgroundLog log(STDERR_FILENO);
  const auto& logger = log.logger();
  logger->set_level(*LogLevelOf(config.log.level));
  if (config.log.format == "console") {
    logger->set_formatter(ConsoleFormatter(/*colours=*/isatty(STDERR_FILENO) == 1));
  }
  LogLibrariesThrough(logger, [&log] { log.Flush(); });
  // The libraries are detached before the log is destroyed, because they may write until the very
  // end.
  const absl::Cleanup forget = [] { LogLibrariesThrough(nullptr); };
  for (const std::string& name : ignored) {
    LogWarning(*logger, "environment_ignored", name + " would make gRPC log credentials");
  }
  for (const DeprecatedName& name : parsed.deprecated_names) {
    LogWarning(*logger, "setting_deprecated", DeprecationOf(name));
  }
  for (const std::string& warning : parsed.warnings) {
    LogWarning(*logger, "setting_ignored", warning);
  }
  Gateway::Surroundings surroundings;
  surroundings.printed_config = PrintedConfig(parsed);
  surroundings.log_lines_dropped = [&log] { return log.lines_dropped(); };
  absl::StatusOr<std::unique_ptr<Gateway>> gateway =
      Gateway::Start(config, logger, std::move(surroundings));
  if (!gateway.ok()) {
    return Complain(gateway.status().message(),
                    absl::IsInvalidArgument(gateway.status()) ? kUsageError : EXIT_FAILURE);
  }
  const std::string serving = (*gateway)->address() + " for " + UrlsOf(config);
  LogEvent(*logger, "serving", serving);
  const std::string admin_address = (*gateway)->admin_address();
  if (!admin_address.empty()) LogEvent(*logger, "admin", "http://" + admin_address + "/");
  if (!admin_address.empty() && !config.admin.ready_file.empty() &&
      !WriteWholeFile(config.admin.ready_file, admin_address + '\n')) {
    return Complain("--admin-ready-file cannot be written", EXIT_FAILURE);
  }
  if (!config.listen.ready_file.empty() &&
      !WriteWholeFile(config.listen.ready_file, (*gateway)->address() + '\n')) {
    return Complain("--ready-file cannot be written", EXIT_FAILURE);
  }
  const std::string status = "Serving " + serving;
  const systemd::ServiceManager manager = FindServiceManager(*logger);
  manager.IsReady(status);
  std::optional<systemd::Watchdog> watchdog;
  if (manager.watchdog_timeout()) {
    watchdog.emplace(
        *manager.watchdog_timeout(), [&gateway] { return (*gateway)->serving_status().live(); },
        [&manager] { manager.IsAlive(); });
  }
  AwaitEnd(signals, *logger, **gateway, manager, status);
  manager.IsStopping(std::chrono::duration_cast<std::chrono::seconds>(
      config.drain.delay + config.drain.grace + kEndAfterDrain));
  (*gateway)->Drain();
  return EXIT_SUCCESS;
}

int CheckConfig(const ParsedConfig& parsed) {
  for (const DeprecatedName& name : parsed.deprecated_names) {
    std::cout << "WARN  " << DeprecationOf(name) << '\n';
  }
  for (const std::string& warning : parsed.warnings) std::cout << "WARN  " << warning << '\n';
  return CheckPortals(parsed.config, std::cout) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int PrintConfig(const ParsedConfig& parsed) {
  std::cout << PrintedConfig(parsed);
  return EXIT_SUCCESS;
}

int HealthProbe(const ParsedConfig& parsed) {
  const absl::Status status = ProbeHealth(parsed.config);
  if (status.ok()) return EXIT_SUCCESS;
  return Complain(status.message(), absl::IsInvalidArgument(status) ? kUsageError : EXIT_FAILURE);
}

// The action of a flag such as --check-config on a valid configuration. Returns the exit code.
using Mode = int (*)(const ParsedConfig& parsed);

Mode TakeMode(std::vector<std::string>& arguments) {
  constexpr std::array<std::pair<std::string_view, Mode>, 3> kModes = {
      {{"--check-config", CheckConfig},
       {"--print-config", PrintConfig},
       {"--health-probe", HealthProbe}}};
  for (const auto& [flag, mode] : kModes) {
    if (std::erase(arguments, flag) != 0) return mode;
  }
  return nullptr;
}

int Main(std::vector<std::string> arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help") {
      std::cout << Usage();
      return EXIT_SUCCESS;
    }
    if (argument == "--version") {
      std::cout << kVersion << '\n';
      return EXIT_SUCCESS;
    }
  }
  const Mode mode = TakeMode(arguments);
  const std::vector<std::string> ignored = IgnoreTracing();
  // Disables Abseil's deadlock detection, which Debian's build enables and which would check the
  // order of gRPC's locks at each acquisition.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  KeepMemoryPrivate();
  AllowManyDescriptors();
  const sigset_t signals = BlockSignals();
  const absl::StatusOr<ParsedConfig> parsed =
      ParseConfig(arguments, [](const char* name) { return std::getenv(name); });
  if (!parsed.ok()) return Complain(parsed.status().message(), kUsageError);
  return mode != nullptr ? mode(*parsed) : Serve(*parsed, signals, ignored);
}

}  // namespace
}  // namespace docspace::gateway

int main(int argc, char** argv) {
  try {
    return docspace::gateway::Main({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "docspace-apikeys-gateway: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
