#include "client/cli/doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>

namespace docspace::apikeys::cli {
namespace {

using testing::HasSubstr;

Report SomeReport() {
  Report report;
  report.release = "3.7";
  report.database = "keeps whole seconds";
  report.limits = {"limit 15, remaining 0"};
  report.Add("agreeing", "");
  return report;
}

std::string Printed(const Report& report, OutputFormat format) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Console console{.in = in, .out = out, .err = err, .variables = [](const char*) { return ""; }};
  PrintReport(report, format, console);
  EXPECT_EQ(err.str(), "");
  return out.str();
}

TEST(ExitStatusOf, IsThatOfTheWorstFinding) {
  Report report = SomeReport();
  EXPECT_EQ(ExitStatusOf(report), 0);
  report.AddNotMade("late", "DEADLINE_EXCEEDED");
  EXPECT_EQ(ExitStatusOf(report), 8);
  report.Add("differing", "it is another");
  EXPECT_EQ(ExitStatusOf(report), 1);
  report.signal = SIGTERM;
  EXPECT_EQ(ExitStatusOf(report), 128 + SIGTERM);
  report.keys_left = {"3fa85f64-5717-4562-b3fc-2c963f66afa6"};
  EXPECT_EQ(ExitStatusOf(report), 9);
}

TEST(PrintReport, TellsEveryCheckAndTheSummary) {
  Report report = SomeReport();
  report.Add("differing", "it is \x1b[31mred");
  report.AddNotMade("late", "DEADLINE_EXCEEDED");
  const std::string text = Printed(report, OutputFormat::kTable);
  EXPECT_THAT(text, HasSubstr("agrees    agreeing\n"));
  EXPECT_THAT(text, HasSubstr("differs   differing  it is \\u{1b}[31mred\n"));
  EXPECT_THAT(text, HasSubstr("not made  late       DEADLINE_EXCEEDED\n"));
  EXPECT_THAT(text, HasSubstr("release    3.7\n"));
  EXPECT_THAT(text, HasSubstr("limits     limit 15, remaining 0\n"));
  EXPECT_THAT(text, HasSubstr("checks     1 agree, 1 differ, 1 not made\n"));
  EXPECT_THAT(text, HasSubstr("keys left  none\n"));
}

TEST(PrintReport, IsJsonIfItIsAskedTo) {
  Report report = SomeReport();
  report.Add("differing", "it is \"another\"");
  report.keys_left = {"an id"};
  const std::string text = Printed(report, OutputFormat::kJson);
  EXPECT_THAT(text, HasSubstr(R"("release": "3.7")"));
  EXPECT_THAT(text, HasSubstr(R"("verdict": "differs")"));
  EXPECT_THAT(text, HasSubstr(R"("detail": "it is \"another\"")"));
  EXPECT_THAT(text, HasSubstr(R"("keysLeft": [)"));
}

}  // namespace
}  // namespace docspace::apikeys::cli
