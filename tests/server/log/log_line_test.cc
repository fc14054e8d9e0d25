#include "server/log/log_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>

#include "server/base/secret.h"
#include "server/log/json_log.h"

namespace docspace::gateway {
namespace {

namespace json = boost::json;
using ::testing::IsEmpty;

const LogLine::Time kTime =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + std::chrono::microseconds(3);

template <class Value>
concept MayBeAField = requires(LogLine& line, const Value& value) { line.Add("name", value); } ||
                      requires(LogLine& line, const Value& value) { line.AddIfAny("name", value); };
static_assert(MayBeAField<std::string>);
static_assert(!MayBeAField<Secret>);

std::string Fields(const LogLine& line) {
  const std::string text = JsonLine(line);
  const std::string begin = R"({"time":"2026-01-02T00:00:00.000003Z","level":"info","event":"e")";
  EXPECT_EQ(text.substr(0, begin.size()), begin);
  return text.substr(begin.size());
}

struct Line : LogLine {
  Line() : LogLine(spdlog::level::info, "e", kTime) {}
};

TEST(JsonLine, HasEachFieldInItsOrder) {
  EXPECT_EQ(Fields(Line()), "}");
  EXPECT_EQ(Fields(Line().Add("text", "a").Add("empty", "").AddIfAny("none", "")),
            R"(,"text":"a","empty":""})");
  EXPECT_EQ(Fields(Line()
                       .Add("number", std::numeric_limits<std::uint64_t>::max())
                       .AddFlag("flag", false)
                       .AddDuration("ms", std::chrono::nanoseconds(12'345'678))),
            R"(,"number":18446744073709551615,"flag":false,"ms":12.345})");
}

TEST(JsonLine, IsJsonWhateverItHolds) {
  const std::string text("\xff\xfe a \"quote\"\n\0\x01 \xc3\xa9", 19);
  const json::value parsed = json::parse(JsonLine(Line().Add("message", text)));
  EXPECT_EQ(parsed.at("message").as_string(), std::string("?? a \"quote\"\n\0\x01 ??", 19));
  EXPECT_EQ(json::parse(JsonLine(Line().Add("message", "\xc3\xa9"))).at("message"), "\xc3\xa9");
}

class FormatterTest : public ::testing::Test {
 protected:
  FormatterTest() { logger_.set_formatter(JsonFormatter()); }

  std::ostringstream out_;
  spdlog::logger logger_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)};
};

TEST_F(FormatterTest, PrintsTheLineThatIsWritten) {
  Line().Add("a", "b").WriteTo(logger_);
  EXPECT_EQ(out_.str(), JsonLine(Line().Add("a", "b")) + "\n");
}

TEST_F(FormatterTest, TheLoggersLevelDecides) {
  logger_.set_level(spdlog::level::warn);
  Line().WriteTo(logger_);
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(FormatterTest, PrintsAMessageFromElsewhereAsALine) {
  Line().WriteTo(logger_);
  out_.str({});
  logger_.warn("plain \"text\"");
  const json::object line = json::parse(out_.str()).as_object();
  EXPECT_EQ(line.at("event"), "text");
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("message"), "plain \"text\"");
}

}  // namespace
}  // namespace docspace::gateway
