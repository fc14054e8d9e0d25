#include "server/log/background_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/base/file_descriptor.h"
#include "server/log/event_log.h"

namespace docspace::gateway {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category());
    reader = std::make_unique<FileDescriptor>(ends[0]);
    writer = std::make_unique<FileDescriptor>(ends[1]);
  }

  // Fills the pipe, so that nothing more fits until it is read.
  void Fill() const {
    const int flags = fcntl(writer->get(), F_GETFL);
    fcntl(writer->get(), F_SETFL, flags | O_NONBLOCK);
    while (write(writer->get(), "\n", 1) == 1) {
    }
    fcntl(writer->get(), F_SETFL, flags);
  }

  // Reads until `lines` non-empty lines, or a line that contains `last`, have arrived.
  std::vector<std::string> Read(std::size_t lines, const std::string& last = "\n") {
    std::vector<std::string> read;
    while (read.size() < lines && (read.empty() || read.back().find(last) == std::string::npos)) {
      const std::size_t end = rest.find('\n');
      if (end != std::string::npos) {
        if (end > 0) read.push_back(rest.substr(0, end));
        rest.erase(0, end + 1);
        continue;
      }
      std::array<char, PIPE_BUF> some{};
      const ssize_t size = ::read(reader->get(), some.data(), some.size());
      if (size <= 0) break;
      rest.append(some.data(), static_cast<std::size_t>(size));
    }
    return read;
  }

  std::unique_ptr<FileDescriptor> reader;
  std::unique_ptr<FileDescriptor> writer;
  std::string rest;
};

// More lines than a queue of 100 kB and the lines in transit can hold.
constexpr int kTooMany = 5000;

void Fill(spdlog::logger& logger, int lines) {
  for (int i = 0; i < lines; ++i) LogEvent(logger, "filler", std::string(100, 'x'));
}

TEST(BackgroundLog, WritesEachLineInOrder) {
  Pipe pipe;
  {
    BackgroundLog log(pipe.writer->get());
    for (int i = 0; i < 100; ++i) LogEvent(*log.logger(), "number", std::to_string(i));
  }
  const std::vector<std::string> lines = pipe.Read(100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(json::parse(lines.at(static_cast<std::size_t>(i))).at("message").as_string().c_str(),
              std::to_string(i));
  }
}

TEST(BackgroundLog, S8_AReaderThatStopsHoldsNobodyUpAndIsToldOfWhatItMissed) {
  Pipe pipe;
  pipe.Fill();
  BackgroundLog log(pipe.writer->get(), {.max_bytes = 100'000});
  Fill(*log.logger(), kTooMany);
  const std::uint64_t dropped = log.lines_dropped();
  EXPECT_GT(dropped, 0U);

  const std::vector<std::string> lines = pipe.Read(kTooMany, "log_lines_dropped");
  const json::object report = json::parse(lines.back()).as_object();
  EXPECT_EQ(report.at("event"), "log_lines_dropped");
  EXPECT_EQ(report.at("level"), "warning");
  EXPECT_EQ(report.at("count").to_number<std::uint64_t>(), dropped);
  EXPECT_EQ(lines.size() - 1 + dropped, kTooMany);
  // The first lines are there, and every line is complete.
  for (const std::string& line : lines) EXPECT_TRUE(json::parse(line).is_object());

  LogEvent(*log.logger(), "after", "all is well");
  EXPECT_EQ(json::parse(pipe.Read(1).at(0)).at("event"), "after");
  EXPECT_EQ(log.lines_dropped(), dropped);
}

TEST(BackgroundLog, S8_TheReportObeysTheLevelAndTheCountDoesNot) {
  Pipe pipe;
  pipe.Fill();
  BackgroundLog log(pipe.writer->get(), {.max_bytes = 100'000});
  Fill(*log.logger(), kTooMany);
  log.logger()->set_level(spdlog::level::err);
  EXPECT_GT(log.lines_dropped(), 0U);
  const std::uint64_t written = kTooMany - log.lines_dropped();
  EXPECT_EQ(pipe.Read(written).size(), written);
  log.Flush();
  log.logger()->set_level(spdlog::level::info);
  LogEvent(*log.logger(), "after", "all is well");
  EXPECT_EQ(json::parse(pipe.Read(1).at(0)).at("event"), "after");
}

TEST(BackgroundLog, S12_EndsThoughNobodyReads) {
  // The thread that is left behind continues to use the pipe, which therefore lives until the end.
  static Pipe& pipe = *new Pipe;
  pipe.Fill();
  auto log = std::make_unique<BackgroundLog>(
      pipe.writer->get(),
      BackgroundLog::Options{.max_bytes = 100'000, .patience = std::chrono::milliseconds(1)});
  const auto logger = log->logger();
  Fill(*logger, kTooMany);
  log.reset();
  // A library that logs until the end neither waits nor crashes.
  Fill(*logger, kTooMany);
}

TEST(BackgroundLog, S8_AReaderThatIsGoneCostsLinesOnly) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  BackgroundLog log(pipe.writer->get());
  pipe.reader.reset();
  Fill(*log.logger(), 10);
  log.Flush();
  EXPECT_EQ(log.lines_dropped(), 10U);
}

// During its lifetime a file may not grow beyond that size, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t size) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = size, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(BackgroundLog, S8_ALineThatAFullDiskCutsSpoilsNoOther) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::tmpfile(), &std::fclose);
  BackgroundLog log(fileno(file.get()));
  {
    const FullDisk full(50);
    LogEvent(*log.logger(), "cut", std::string(100, 'x'));
    log.Flush();
  }
  EXPECT_EQ(log.lines_dropped(), 1U);
  LogEvent(*log.logger(), "whole", "again");
  log.Flush();
  std::string text(10'000, '\0');
  text.resize(static_cast<std::size_t>(pread(fileno(file.get()), text.data(), text.size(), 0)));
  ASSERT_EQ(text.find('\n'), 50U) << text;
  const std::string rest = text.substr(51);
  EXPECT_EQ(json::parse(rest.substr(0, rest.find('\n'))).at("event"), "whole");
}

TEST(BackgroundLog, ALineIsJsonWhateverItHolds) {
  Pipe pipe;
  BackgroundLog log(pipe.writer->get());
  LogEvent(*log.logger(), "odd", "\xff\xfe a \"quote\"\n\x01 \xc3\xa9");
  const json::object line = json::parse(pipe.Read(1).at(0)).as_object();
  EXPECT_EQ(line.at("message"), "?? a \"quote\"\n\x01 ??");
}

}  // namespace
}  // namespace docspace::gateway
