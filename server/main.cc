// Parse the configuration, start, announce, wait for a signal, drain.

#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "server/config.h"
#include "server/console_log.h"
#include "server/descriptor_limit.h"
#include "server/gateway.h"
#include "server/grpc_log.h"
#include "server/log_level.h"
#include "server/rpc_log.h"
#include "server/version.h"

namespace docspace::gateway {
namespace {

constexpr int kUsageError = 2;

// Credentials pass through this process: no core file may hold them, no other process may read it.
void KeepMemoryPrivate() {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
}

// To be called before any thread starts: they inherit the mask, and main alone waits.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void SetLogLevel(spdlog::logger& logger, LogLevel level) {
  logger.set_level(level);
  LogEvent(logger, "log_level", NameOf(level));
}

// Until SIGTERM or SIGINT.
void AwaitEnd(const sigset_t& signals, spdlog::logger& logger, Gateway& gateway) {
  const timespec interval{.tv_sec = 5, .tv_nsec = 0};
  while (true) {
    switch (sigtimedwait(&signals, nullptr, &interval)) {
      case SIGTERM:
      case SIGINT:
        return;
      case SIGUSR1:
        SetLogLevel(logger, MoreVerbose(logger.level()));
        break;
      case SIGUSR2:
        SetLogLevel(logger, LessVerbose(logger.level()));
        break;
      default:
        gateway.SumUpLog();
        // glibc keeps what a burst of calls or connections has freed: back to the kernel with it.
        malloc_trim(0);
    }
  }
}

// Whole or not at all, for somebody who waits for the file to appear.
bool WriteReadyFile(const std::string& path, const std::string& address) {
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished);
  file << address << '\n';
  file.close();
  std::error_code error;
  std::filesystem::rename(unfinished, path, error);
  return file.good() && !error;
}

int Main(std::span<const std::string> arguments) {
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
  // gRPC's own, whose order Debian's build of Abseil would check at each.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  KeepMemoryPrivate();
  AllowManyDescriptors();
  const sigset_t signals = BlockSignals();
  const absl::StatusOr<Config> config =
      ParseConfig(arguments, [](const char* name) { return std::getenv(name); });
  if (!config.ok()) {
    std::cerr << "docspace-apikeys-gateway: " << config.status().message() << '\n';
    return kUsageError;
  }
  const auto logger = StandardErrorLogger();
  logger->set_level(*LogLevelOf(config->log_level));
  if (config->log_format == "console") {
    logger->set_formatter(ConsoleFormatter(/*colours=*/isatty(STDERR_FILENO) == 1));
  }
  LogGrpcThrough(logger);
  absl::StatusOr<std::unique_ptr<Gateway>> gateway = Gateway::Start(*config, logger);
  if (!gateway.ok()) {
    std::cerr << "docspace-apikeys-gateway: " << gateway.status().message() << '\n';
    return absl::IsInvalidArgument(gateway.status()) ? kUsageError : EXIT_FAILURE;
  }
  LogEvent(*logger, "serving",
           (*gateway)->address() + " for " + (config->portal.tls ? "https://" : "http://") +
               config->portal.Authority() + config->portal.base_path);
  if (!config->ready_file.empty() && !WriteReadyFile(config->ready_file, (*gateway)->address())) {
    std::cerr << "docspace-apikeys-gateway: --ready-file cannot be written\n";
    return EXIT_FAILURE;
  }
  AwaitEnd(signals, *logger, **gateway);
  (*gateway)->Drain();
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace docspace::gateway

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    return docspace::gateway::Main(arguments);
  } catch (const std::exception& error) {
    std::cerr << "docspace-apikeys-gateway: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
