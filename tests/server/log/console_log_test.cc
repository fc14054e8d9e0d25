#include "server/log/console_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>

namespace docspace::gateway {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

const LogLine::Time kTime = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) +
                            std::chrono::hours(22) + std::chrono::microseconds(123'456);
constexpr const char* kTimeText = "2026-11-24T22:00:00.123456Z";

LogLine Line(LogLevel level = spdlog::level::info) { return {level, "e", kTime}; }

std::string Plain(const LogLine& line) {
  const std::string text = ConsoleLine(line, /*colours=*/false);
  const std::string begin = std::string(kTimeText) + " info    e";
  EXPECT_THAT(text, StartsWith(begin));
  return text.substr(begin.size());
}

TEST(ConsoleLine, ShowsEveryFieldAligned) {
  LogLine line(spdlog::level::info, "rpc", kTime);
  line.Add("method", "GetApiKey").Add("code", "OK").Add("http_status", 200U);
  line.AddFlag("write_sent", true).AddDuration("duration_ms", std::chrono::microseconds(12'345));
  line.Add("request_id", "id-1");
  EXPECT_EQ(ConsoleLine(line, /*colours=*/false),
            std::string(kTimeText) +
                " info    rpc GetApiKey         OK http_status=200 write_sent=true "
                "duration_ms=12.345 request_id=id-1");
  EXPECT_EQ(ConsoleLine(LogLine(spdlog::level::warn, "drain", kTime).Add("message", "a b"),
                        /*colours=*/false),
            std::string(kTimeText) + " warning drain a b");
}

TEST(ConsoleLine, ColoursTheLevel) {
  const std::string time = "\x1b[2m" + std::string(kTimeText) + "\x1b[0m ";
  const auto coloured = [](LogLevel level) { return ConsoleLine(Line(level), /*colours=*/true); };
  EXPECT_EQ(coloured(spdlog::level::debug), time + "\x1b[36mdebug  \x1b[0m e");
  EXPECT_EQ(coloured(spdlog::level::info), time + "\x1b[32minfo   \x1b[0m e");
  EXPECT_EQ(coloured(spdlog::level::warn), time + "\x1b[33mwarning\x1b[0m e");
  EXPECT_EQ(coloured(spdlog::level::err), time + "\x1b[31merror  \x1b[0m e");
  EXPECT_THAT(ConsoleLine(Line().Add("a", "b"), /*colours=*/true), EndsWith(" \x1b[2ma=\x1b[0mb"));
  EXPECT_EQ(ConsoleLine(Line().Add("a", "b"), /*colours=*/false).find('\x1b'), std::string::npos);
}

TEST(ConsoleLine, IsOneLineThatSaysNothingToTheTerminal) {
  EXPECT_EQ(Plain(Line().Add("message", "a\nb\x1b[31m\xC2\x9B\x7F")),
            R"( "a\nb\u001B[31m\u009B?")");
  EXPECT_EQ(Plain(Line().Add("reason", "a b").Add("of", "\"c\"").Add("empty", "")),
            R"( reason="a b" of="\"c\"" empty=)");
  EXPECT_EQ(Plain(Line().Add("message", "\xFF\xFE")), " ??");
  EXPECT_EQ(Plain(Line().Add("method", "a\nb")), " \"a\\nb\"           ");
}

TEST(ConsoleFormatter, PrintsTheLinesOfALogger) {
  std::ostringstream out;
  spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger.set_formatter(ConsoleFormatter(/*colours=*/false));
  Line().Add("message", "m").WriteTo(logger);
  EXPECT_EQ(out.str(), std::string(kTimeText) + " info    e m\n");
}

}  // namespace
}  // namespace docspace::gateway
