// The output of libraries, which would go to standard error, as lines of the log.
#ifndef SERVER_LOG_LIBRARY_LOG_H_
#define SERVER_LOG_LIBRARY_LOG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// From now on, and for the whole process, a message of gRPC, Protobuf or Abseil is an event
// `library` of the log: the `library`, and the `source` file and line that tell what happened. Its
// text is left out, because it holds what callers sent, but for a `message` from a list of our own.
// Ten of the same source are logged in ten seconds; how many more there were tells one line,
// `suppressed`. `flush` is called after a message that ends the process, on the thread that ends
// it. Null ends it: messages are counted only. Thread-safe.
void LogLibrariesThrough(std::shared_ptr<spdlog::logger> logger, std::function<void()> flush = {});

// Writes the sums that are due, or all of them. Thread-safe.
void SumUpLibraryLog(std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

// How many messages there were, logged or not, since the first LogLibrariesThrough. Thread-safe.
struct LibraryMessages {
  std::string_view library;  // A literal.
  std::uint64_t count = 0;
};
std::vector<LibraryMessages> CountLibraryMessages();

}  // namespace docspace::gateway

#endif  // SERVER_LOG_LIBRARY_LOG_H_
