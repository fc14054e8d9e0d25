#include "server/log/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "server/log/log_line.h"
#include "server/log/log_rate_limiter.h"

namespace docspace::gateway {
namespace {

enum Library : std::size_t { kGrpc, kProtobuf, kAbseil };
constexpr std::array<std::string_view, 3> kNames = {"grpc", "protobuf", "absl"};

constexpr std::string_view kAssertion = "assertion failed";

// The fixed beginnings of messages that operators search for.
constexpr std::array<std::string_view, 8> kKnown = {kAssertion,
                                                    "Base64 decoding failed",
                                                    "Cannot check peer",
                                                    "Certificate verify failed",
                                                    "Error parsing metadata",
                                                    "Handshake failed with fatal error",
                                                    "Handshaking failed",
                                                    "Security handshake failed"};

std::string_view KnownBeginning(std::string_view message) {
  for (const std::string_view known : kKnown) {
    if (message.starts_with(known)) return known;
  }
  return {};
}

// The state of this file. It is never destroyed, because the libraries take functions without a
// context of ours, and may call them until the very end of the process.
struct State {
  std::array<std::atomic<std::uint64_t>, kNames.size()> counts{};
  LogRateLimiter repeats{{.lines = 10, .window = std::chrono::seconds(10)}};
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
  std::function<void()> flush;
};

State& TheState() {
  static auto& state = *new State;
  return state;
}

std::shared_ptr<spdlog::logger> TheLogger() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  return state.logger;
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

void Write(Library library, LogLevel level, const char* file, int line, std::string_view message,
           bool is_fatal) noexcept {
  State& state = TheState();
  ++state.counts.at(library);
  try {
    const auto logger = TheLogger();
    if (logger != nullptr && logger->should_log(level)) {
      std::string source(BaseName(file));
      source.append(":").append(std::to_string(line));
      if (is_fatal || state.repeats.ShouldLog({std::string(kNames.at(library)), "", source},
                                              LogRateLimiter::Clock::now())) {
        LogLine(level, "library")
            .Add("library", kNames.at(library))
            .Add("source", source)
            .AddIfAny("message", KnownBeginning(message))
            .WriteTo(*logger);
      }
    }
    if (!is_fatal) return;
    std::function<void()> flush;
    {
      const std::lock_guard lock(state.mutex);
      flush = state.flush;
    }
    if (flush) flush();
  } catch (const std::exception&) {
    // Without memory for it, this line is left out.
  }
}

void WriteOfGrpc(gpr_log_func_args* entry) {
  const LogLevel level = entry->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::warn
                         : entry->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::info
                                                                    : spdlog::level::debug;
  Write(kGrpc, level, entry->file, entry->line, entry->message,
        /*is_fatal=*/std::string_view(entry->message).starts_with(kAssertion));
}

void WriteOfProtobuf(google::protobuf::LogLevel severity, const char* file, int line,
                     const std::string& message) {
  const bool is_fatal = severity == google::protobuf::LOGLEVEL_FATAL;
  const LogLevel level = is_fatal                                      ? spdlog::level::err
                         : severity == google::protobuf::LOGLEVEL_INFO ? spdlog::level::info
                                                                       : spdlog::level::warn;
  Write(kProtobuf, level, file, line, message, is_fatal);
}

// Returns false, so that Abseil does not print the message itself. This function may neither
// allocate nor lock if Abseil may hold a lock of its own, which is the case when the process ends:
// then it returns true, and Abseil prints the message.
bool FilterOfAbseil(absl::LogSeverity severity, const char* file, int line, char** /*prefix*/,
                    int* /*size*/) {
  if (severity == absl::LogSeverity::kFatal) return true;
  Write(kAbseil, severity == absl::LogSeverity::kInfo ? spdlog::level::info : spdlog::level::warn,
        file, line, {}, /*is_fatal=*/false);
  return false;
}

}  // namespace

void LogLibrariesThrough(std::shared_ptr<spdlog::logger> logger, std::function<void()> flush) {
  State& state = TheState();
  {
    const std::lock_guard lock(state.mutex);
    state.logger = std::move(logger);
    state.flush = std::move(flush);
  }
  gpr_set_log_function(&WriteOfGrpc);
  google::protobuf::SetLogHandler(&WriteOfProtobuf);
  absl::raw_logging_internal::RegisterLogFilterAndPrefixHook(&FilterOfAbseil);
}

void SumUpLibraryLog(std::chrono::steady_clock::time_point now) {
  State& state = TheState();
  if (!state.repeats.any()) return;
  const auto logger = TheLogger();
  for (const LogRateLimiter::Repeats& sum : state.repeats.TakeEnded(now)) {
    if (logger == nullptr || !logger->should_log(spdlog::level::warn)) continue;
    LogLine(spdlog::level::warn, "suppressed")
        .Add("library", sum.key.method)
        .Add("source", sum.key.reason)
        .Add("count", sum.count)
        .WriteTo(*logger);
  }
}

std::vector<LibraryMessages> CountLibraryMessages() {
  std::vector<LibraryMessages> counts;
  counts.reserve(kNames.size());
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    counts.push_back({kNames.at(i), TheState().counts.at(i)});
  }
  return counts;
}

}  // namespace docspace::gateway
