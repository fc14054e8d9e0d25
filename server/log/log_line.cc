#include "server/log/log_line.h"

#include <spdlog/details/log_msg.h>
#include <spdlog/details/os.h>
#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"

namespace docspace::gateway {
namespace {

// The number of fields of a usual RPC.
constexpr std::size_t kUsualFields = 18;

// The line that this thread is writing. A message of spdlog carries a text and no fields, so the
// formatter finds the fields by the thread. spdlog's own "mapped diagnostic context" works in the
// same way (version 1.15).
thread_local const LogLine* line_being_written = nullptr;

class Formatter final : public spdlog::formatter {
 public:
  explicit Formatter(std::function<std::string(const LogLine&)> print) : print_(std::move(print)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    std::string text;
    if (line_being_written != nullptr) {
      text = print_(*line_being_written);
    } else {
      const std::string_view payload(message.payload.data(), message.payload.size());
      text = print_(LogLine(message.level, "text", message.time).Add("message", payload));
    }
    text.append(spdlog::details::os::default_eol);
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<Formatter>(print_);
  }

 private:
  const std::function<std::string(const LogLine&)> print_;
};

}  // namespace

LogLine::LogLine(LogLevel level, std::string_view event, Time time)
    : level_(level), event_(event), time_(time) {
  fields_.reserve(kUsualFields);
}

LogLine& LogLine::Add(std::string_view name, std::string_view value) {
  const std::span<char> text(static_cast<char*>(memory_.allocate(value.size(), 1)), value.size());
  std::ranges::copy(value, text.begin());
  if (!IsValidUtf8(value)) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; }, '?');
  }
  fields_.push_back({name, std::string_view(text.data(), text.size())});
  return *this;
}

LogLine& LogLine::Add(std::string_view name, std::uint64_t value) {
  fields_.push_back({name, value});
  return *this;
}

LogLine& LogLine::AddFlag(std::string_view name, bool value) {
  fields_.push_back({name, value});
  return *this;
}

LogLine& LogLine::AddDuration(std::string_view name, std::chrono::nanoseconds value) {
  fields_.push_back({name, value});
  return *this;
}

void LogLine::WriteTo(spdlog::logger& logger) const {
  const LogLine* const before = std::exchange(line_being_written, this);
  const absl::Cleanup done = [before] { line_being_written = before; };
  logger.log(level_, spdlog::string_view_t(event_.data(), event_.size()));
}

std::unique_ptr<spdlog::formatter> MakeFormatter(std::function<std::string(const LogLine&)> print) {
  return std::make_unique<Formatter>(std::move(print));
}

std::string PrintValue(const LogLine::Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return absl::StrCat(*number);
  const auto microseconds =
      std::get<std::chrono::nanoseconds>(value) / std::chrono::microseconds(1);
  return absl::StrCat(microseconds / 1000, ".", absl::Dec(microseconds % 1000, absl::kZeroPad3));
}

// The date is computed here, because gmtime_r takes a lock and reads the time zone's file at its
// first use: an event loop would wait for both.
std::string FormatLogTime(LogLine::Time time) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): its calendar.
  const auto rounded = floor<microseconds>(time);
  const auto day = floor<days>(rounded);
  const year_month_day date(day);
  const hh_mm_ss clock(rounded - day);
  std::string text = "0000-00-00T00:00:00.000000Z";
  // Replaces the digits that end before `end`.
  const auto write = [&text](std::size_t end, auto number) {
    for (; number > 0; number /= 10) text[--end] = static_cast<char>('0' + number % 10);
  };
  write(4, static_cast<int>(date.year()));
  write(7, static_cast<unsigned>(date.month()));
  write(10, static_cast<unsigned>(date.day()));
  write(13, clock.hours().count());
  write(16, clock.minutes().count());
  write(19, clock.seconds().count());
  write(26, clock.subseconds().count());
  return text;
}

}  // namespace docspace::gateway
