// The output of the log. A thread of its own writes the lines, so that no other thread waits.
//
// Written by hand, because spdlog's async logger serves another purpose: its destructor waits until
// everything is written, so a reader that has stopped would keep the process from ending; its queue
// is bounded by lines rather than bytes; and each line costs a wake-up and a system call of its
// own. Levels, loggers and formatters are spdlog's.
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

class BackgroundLog {
 public:
  struct Options {
    // The most that waits to be written; as much again may be on its way. A line that finds no room
    // is dropped, so that the lines that tell how a trouble began stay.
    std::size_t max_bytes = std::size_t{1024} * 1024;
    // How long the destructor and Flush wait for lines to be written.
    std::chrono::steady_clock::duration patience = std::chrono::seconds(1);
  };

  // Writes to `descriptor`, which must stay open for the life of the process, at most PIPE_BUF
  // bytes of whole lines at a time, which a pipe keeps together even if other processes write to
  // it.
  explicit BackgroundLog(int descriptor, const Options& options);
  explicit BackgroundLog(int descriptor) : BackgroundLog(descriptor, Options()) {}
  // Writes what waits. A line that is logged later is dropped. If the lines are not written in
  // time, the thread is left behind: it uses nothing but the descriptor and what it shares with the
  // logger.
  ~BackgroundLog();
  BackgroundLog(const BackgroundLog&) = delete;
  BackgroundLog& operator=(const BackgroundLog&) = delete;

  // Thread-safe, and never waits for the descriptor. The lines are JSON unless another formatter is
  // set. An event `log_lines_dropped` gives their `count` once lines are written again.
  const std::shared_ptr<spdlog::logger>& logger() const { return logger_; }

  // Waits until everything is written, but no longer than `patience`: for a process that is about
  // to end. Thread-safe.
  void Flush();

  // Lines, since the start: for which there was no room or no memory, or that the descriptor did
  // not take (a full disk, a pipe without a reader). Thread-safe.
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
