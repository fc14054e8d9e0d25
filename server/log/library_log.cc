#include "server/log/library_log.h"

#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "server/log/library_messages.h"
#include "server/log/log_line.h"
#include "server/log/log_rate_limiter.h"

namespace docspace::gateway {
namespace {

// The names of the libraries, in the order of Library.
constexpr std::array<std::string_view, 3> kNames = {"grpc", "protobuf", "absl"};

// The fixed beginnings of messages that operators search for.
constexpr std::array<std::string_view, 10> kKnown = {"Base64 decoding failed",
                                                     "Cannot check peer",
                                                     "Certificate verify failed",
                                                     "Check failed",
                                                     "Error parsing metadata",
                                                     "Handshake failed with error",
                                                     "Handshake failed with fatal error",
                                                     "Handshaking failed",
                                                     "Security handshake failed",
                                                     "assertion failed"};

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

void Write(const LibraryMessage& message) noexcept {
  State& state = TheState();
  const auto library = static_cast<std::size_t>(message.library);
  ++state.counts.at(library);
  try {
    const auto logger = TheLogger();
    if (logger != nullptr && logger->should_log(message.level)) {
      std::string source(BaseName(message.file));
      source.append(":").append(std::to_string(message.line));
      if (message.is_fatal || state.repeats.ShouldLog({std::string(kNames.at(library)), "", source},
                                                      LogRateLimiter::Clock::now())) {
        LogLine(message.level, "library")
            .Add("library", kNames.at(library))
            .Add("source", source)
            .AddIfAny("message", KnownBeginning(message.text))
            .WriteTo(*logger);
      }
    }
    if (!message.is_fatal) return;
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

}  // namespace

void LogLibrariesThrough(std::shared_ptr<spdlog::logger> logger, std::function<void()> flush) {
  State& state = TheState();
  {
    const std::lock_guard lock(state.mutex);
    state.logger = std::move(logger);
    state.flush = std::move(flush);
  }
  TakeLibraryMessages(&Write);
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
