// The output of libraries, which would otherwise go to standard error, as lines of the log.
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

// Logs messages of gRPC, Protobuf and Abseil through `logger`, for the whole process and until the
// next call. Each is an event `library` with the fields `library` and `source` (file and line). The
// message's text is left out, because it may hold data of callers, unless it begins with one of a
// fixed list of texts; then it is the field `message`. At most ten messages of one source are
// logged in ten seconds; afterwards one line, `suppressed`, gives the number left out.
//
// `flush` is called after a message that ends the process, on the thread that ends it. If `logger`
// is null, messages are only counted. Thread-safe.
void LogLibrariesThrough(std::shared_ptr<spdlog::logger> logger, std::function<void()> flush = {});

// Writes the `suppressed` lines whose ten seconds are over at `now`; with time_point::max(), all of
// them. Thread-safe.
void SumUpLibraryLog(std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

// The number of messages of a library, logged or not, since the first LogLibrariesThrough.
struct LibraryMessages {
  std::string_view library;  // A literal.
  std::uint64_t count = 0;
};
// Returns the numbers of all libraries. Thread-safe.
std::vector<LibraryMessages> CountLibraryMessages();

}  // namespace docspace::gateway

#endif  // SERVER_LOG_LIBRARY_LOG_H_
