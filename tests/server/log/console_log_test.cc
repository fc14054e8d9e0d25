#include "server/log/console_log.h"

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>
#include <string>

namespace docspace::gateway {
namespace {

constexpr const char* kRpc =
    R"({"time":"2026-11-24T22:10:11.123456Z","level":"info","event":"rpc","method":"GetApiKey",)"
    R"("code":"OK","http_status":200,"duration_ms":12.345,"request_id":"id-1"})";

TEST(ConsoleLine, ShowsEveryFieldAligned) {
  EXPECT_EQ(ConsoleLine(kRpc, false),
            "2026-11-24T22:10:11.123456Z info    rpc GetApiKey         OK http_status=200 "
            "duration_ms=12.345 request_id=id-1");
  EXPECT_EQ(ConsoleLine(R"({"time":"t","level":"warning","event":"drain","message":"a b"})", false),
            "t warning drain a b");
}

TEST(ConsoleLine, ColoursTheLevel) {
  const auto coloured = [](const std::string& level) {
    return ConsoleLine(R"({"level":")" + level + R"(","event":"e"})", true);
  };
  EXPECT_EQ(coloured("info"), "\x1b[32minfo   \x1b[0m e");
  EXPECT_EQ(coloured("warning"), "\x1b[33mwarning\x1b[0m e");
  EXPECT_EQ(coloured("error"), "\x1b[31merror  \x1b[0m e");
  EXPECT_EQ(ConsoleLine(kRpc, false).find('\x1b'), std::string::npos);
}

TEST(ConsoleLine, IsOneLineThatSaysNothingToTheTerminal) {
  EXPECT_EQ(ConsoleLine(R"({"event":"e","message":"a\nb\u001b[31m\u009b\u007f"})", false),
            R"(e "a\nb\u001B[31m\u009B?")");
  EXPECT_EQ(ConsoleLine(R"({"event":"e","reason":"a b","of":"\"c\"","empty":""})", false),
            R"(e reason="a b" of="\"c\"" empty=)");
}

TEST(ConsoleLine, LeavesWhatIsNoJsonAsItIs) {
  for (const char* text : {"", "plain text", "[1]", "{\"a\":"}) {
    EXPECT_EQ(ConsoleLine(text, true), text);
  }
}

TEST(ConsoleFormatter, IsALoggers) {
  std::ostringstream out;
  spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger.set_formatter(ConsoleFormatter(false));
  logger.info(R"({"event":"e","message":"m"})");
  EXPECT_EQ(out.str(), "e m\n");
}

}  // namespace
}  // namespace docspace::gateway
