#include "client/cli/table.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace docspace::apikeys::cli {
namespace {

std::string Printed(const std::vector<Row>& rows, bool colour) {
  std::ostringstream out;
  PrintTable(rows, colour, out);
  return out.str();
}

TEST(PrintTable, AlignsByColumnsOnTheTerminal) {
  EXPECT_EQ(Printed({{{"ID"}, {"NAME"}, {"STATE"}},
                     {{"1"}, {"鍵"}, {"active"}},
                     {{"22"}, {"e\u0301tude"}, {"inactive"}}},
                    false),
            "ID  NAME   STATE\n"
            "1   鍵     active\n"
            "22  e\u0301tude  inactive\n");
}

TEST(PrintTable, EscapesBeforeItMeasures) {
  EXPECT_EQ(Printed({{{"a\nb"}, {"x"}}, {{"\x1b"}, {"y"}}}, false),
            "a\\nb    x\n"
            "\\u{1b}  y\n");
}

TEST(PrintTable, PaintsTheTextAndNotThePadding) {
  EXPECT_EQ(Printed({{{"a", Emphasis::kStrong}, {"b"}}, {{"long"}, {"c", Emphasis::kBad}}}, true),
            "\033[1ma\033[0m     b\n"
            "long  \033[31mc\033[0m\n");
}

TEST(PrintTable, IsPlainWithoutColour) {
  EXPECT_EQ(Printed({{{"a", Emphasis::kGood}}}, false), "a\n");
}

TEST(PrintTable, PrintsNothingOfNoRows) { EXPECT_EQ(Printed({}, true), ""); }

}  // namespace
}  // namespace docspace::apikeys::cli
