#include "server/log/background_log.h"

#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "server/log/json_log.h"
#include "server/log/log_line.h"

namespace docspace::gateway {
namespace {

std::uint64_t CountLines(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

// Returns the first lines of `lines`: as many as fit into PIPE_BUF bytes, but at least one.
std::string_view FirstLines(std::string_view lines) {
  if (lines.size() <= PIPE_BUF) return lines;
  std::size_t end = lines.substr(0, PIPE_BUF).rfind('\n');
  if (end == std::string_view::npos) end = lines.find('\n');
  return lines.substr(0, end == std::string_view::npos ? end : end + 1);
}

}  // namespace

// The state that the logger's threads and the writing thread share.
struct BackgroundLog::Queue {
  explicit Queue(const Options& given) : options(given) {}

  // Adds a line with its line end, or counts it as dropped.
  void Add(std::string_view line) {
    const std::lock_guard lock(mutex);
    if (closed || lines.size() + line.size() > options.max_bytes) {
      ++dropped;
      return;
    }
    const bool was_empty = lines.empty();
    lines.append(line);
    if (was_empty) changed.notify_all();
  }

  // Waits until everything is written, at most as long as the options allow. Returns false if time
  // ran out.
  bool WaitUntilWritten() {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, options.patience, [this] { return lines.empty() && !writing; });
  }

  const Options options;
  std::atomic<std::uint64_t> dropped{0};
  std::mutex mutex;
  // Signals that a line came into an empty queue, that everything is written, or that the queue is
  // closed.
  std::condition_variable changed;
  std::string lines;
  bool writing = false;
  bool closed = false;
};

class BackgroundLog::Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Sink(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    queue_->Add({line.data(), line.size()});
  }
  // Does nothing, because a flush would hold the sink's lock while it waits: see
  // BackgroundLog::Flush.
  void flush_() override {}

  const std::shared_ptr<Queue> queue_;
};

// Writes the lines, on the thread, which may outlive the BackgroundLog.
class BackgroundLog::Writer {
 public:
  Writer(int descriptor, std::shared_ptr<Queue> queue, std::weak_ptr<spdlog::logger> logger)
      : descriptor_(descriptor), queue_(std::move(queue)), logger_(std::move(logger)) {}

  void Run() {
    std::string batch;
    bool is_read = false;
    std::unique_lock lock(queue_->mutex);
    while (true) {
      queue_->changed.wait(lock, [this] { return queue_->closed || !queue_->lines.empty(); });
      if (queue_->lines.empty()) return;
      batch.swap(queue_->lines);
      queue_->writing = true;
      lock.unlock();
      // The queue has room for the report now, which belongs after the lines of this batch.
      if (is_read) ReportDropped();
      const std::uint64_t failed = WriteLines(batch);
      queue_->dropped += failed;
      is_read = failed == 0;
      batch.clear();
      lock.lock();
      if (is_read && queue_->lines.empty()) {
        lock.unlock();
        ReportDropped();
        lock.lock();
      }
      queue_->writing = false;
      if (queue_->lines.empty()) queue_->changed.notify_all();
    }
  }

 private:
  // Returns how many of the lines could not be written.
  std::uint64_t WriteLines(std::string_view lines) {
    std::uint64_t failed = 0;
    while (!lines.empty()) {
      const std::string_view first = FirstLines(lines);
      // A line end keeps the rest of a line that was cut from spoiling this one.
      if (is_cut_ && Write("\n")) is_cut_ = false;
      if (is_cut_ || !Write(first)) failed += CountLines(first);
      lines.remove_prefix(first.size());
    }
    return failed;
  }

  bool Write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = write(descriptor_, text.data(), text.size());
      if (written >= 0) {
        text.remove_prefix(static_cast<std::size_t>(written));
        is_cut_ = !text.empty();
      } else if (errno == EAGAIN) {
        // Another process has made the descriptor non-blocking.
        pollfd wait{.fd = descriptor_, .events = POLLOUT, .revents = 0};
        poll(&wait, 1, -1);
      } else if (errno != EINTR) {
        return false;
      }
    }
    return true;
  }

  void ReportDropped() {
    const std::uint64_t dropped = queue_->dropped;
    const auto logger = logger_.lock();
    if (dropped == reported_ || logger == nullptr) return;
    try {
      if (logger->should_log(spdlog::level::warn)) {
        LogLine(spdlog::level::warn, "log_lines_dropped")
            .Add("message",
                 "lines of the log were dropped, because the output did not accept them in time")
            .Add("count", dropped - reported_)
            .WriteTo(*logger);
      }
      reported_ = dropped;
    } catch (const std::exception&) {
      // There is no memory for the report: a later one includes these lines.
    }
  }

  const int descriptor_;
  const std::shared_ptr<Queue> queue_;
  const std::weak_ptr<spdlog::logger> logger_;
  std::uint64_t reported_ = 0;
  // True if the last write ended within a line.
  bool is_cut_ = false;
};

BackgroundLog::BackgroundLog(int descriptor, const Options& options)
    : queue_(std::make_shared<Queue>(options)),
      logger_(std::make_shared<spdlog::logger>("gateway", std::make_shared<Sink>(queue_))) {
  logger_->set_formatter(JsonFormatter());
  // By default spdlog would write to standard error itself, and wait for its reader.
  logger_->set_error_handler([queue = queue_](const std::string&) { ++queue->dropped; });
  thread_ = std::thread(
      [writer = std::make_shared<Writer>(descriptor, queue_, logger_)] { writer->Run(); });
}

BackgroundLog::~BackgroundLog() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->closed = true;
    queue_->changed.notify_all();
  }
  if (queue_->WaitUntilWritten()) {
    // The thread has nothing left to write, and takes nothing more.
    thread_.join();
  } else {
    thread_.detach();
  }
}

void BackgroundLog::Flush() { queue_->WaitUntilWritten(); }

std::uint64_t BackgroundLog::lines_dropped() const { return queue_->dropped; }

}  // namespace docspace::gateway
