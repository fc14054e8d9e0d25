// The output of the log. A thread of its own writes the lines, so that no other thread waits.
//
// It is written by hand, because spdlog's async logger serves another purpose: its destructor waits
// until everything is written, so a reader that has stopped would keep the process from ending; its
// queue is bounded by lines rather than bytes; and each line costs a wake-up and a system call of
// its own. Levels, loggers and formatters are spdlog's.
#ifndef SERVER_LOG_BACKGROUND_LOG_H_
#define SERVER_LOG_BACKGROUND_LOG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// BackgroundLog owns a logger and the thread that writes that logger's lines to a file descriptor.
class BackgroundLog {
 public:
  struct Options {
    // The most bytes that wait to be written; as many again may be on their way. A line that finds
    // no room is dropped, rather than an older one, so that the lines about the start of a problem
    // stay.
    std::size_t max_bytes = std::size_t{1024} * 1024;
    // How long the destructor and Flush wait for lines to be written.
    std::chrono::steady_clock::duration patience = std::chrono::seconds(1);
  };

  // Starts the thread. It writes to `descriptor`, which must stay open for the life of the process,
  // at most PIPE_BUF bytes of whole lines at a time, which a pipe keeps together even if other
  // processes write to it.
  explicit BackgroundLog(int descriptor, const Options& options);
  explicit BackgroundLog(int descriptor) : BackgroundLog(descriptor, Options()) {}
  // Writes the lines that wait. A line that is logged later is dropped. If the lines are not
  // written within `patience`, the destructor leaves the thread behind: that uses only the
  // descriptor and the state that it shares with the logger.
  ~BackgroundLog();
  BackgroundLog(const BackgroundLog&) = delete;
  BackgroundLog& operator=(const BackgroundLog&) = delete;

  // Returns the logger, which never waits for the descriptor. Its lines are JSON unless another
  // formatter is set. After lines were dropped, an event `log_lines_dropped` gives their `count` as
  // soon as lines are written again. Thread-safe.
  const std::shared_ptr<spdlog::logger>& logger() const { return logger_; }

  // Waits until everything is written, but no longer than `patience`. It is meant for a process
  // that is about to end. Thread-safe.
  void Flush();

  // Returns the number of lines dropped since the start: those for which there was no room or no
  // memory, and those that the descriptor did not take (a full disk, a pipe without a reader).
  // Thread-safe.
  std::uint64_t lines_dropped() const;

 private:
  class Sink;
  struct Queue;
  class Writer;

  const std::shared_ptr<Queue> queue_;
  const std::shared_ptr<spdlog::logger> logger_;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_LOG_BACKGROUND_LOG_H_
