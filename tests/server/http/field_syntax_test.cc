#include "server/http/field_syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::gateway::http {
namespace {

using namespace std::string_literals;

// The table behind them is computed at compile time: every byte is checked here, by another rule.
TEST(FieldSyntaxTest, KnowsEveryByte) {
  for (int i = 0; i < 256; ++i) {
    const std::string byte(1, static_cast<char>(i));
    const bool alphanumeric =
        (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
    const bool sign = i != 0 && "!#$%&'*+-.^_`|~"s.find(byte) != std::string::npos;
    EXPECT_EQ(IsToken(byte), alphanumeric || sign) << i;
    EXPECT_EQ(IsText(byte), i == '\t' || (i >= 0x20 && i != 0x7F)) << i;
  }
}

TEST(FieldSyntaxTest, ATokenIsNotEmptyAndATextMayBe) {
  EXPECT_FALSE(IsToken(""));
  EXPECT_FALSE(IsToken("a b"));
  EXPECT_TRUE(IsToken("Content-Length"));
  EXPECT_TRUE(IsText(""));
  EXPECT_FALSE(IsText("a\0b"s));
}

TEST(FieldSyntaxTest, TrimsBlanksAtTheEndsOnly) {
  EXPECT_EQ(TrimBlanks(" \t a b\t "), "a b");
  EXPECT_EQ(TrimBlanks(" \t"), "");
  EXPECT_EQ(TrimBlanks(""), "");
  EXPECT_EQ(TrimBlanks("\ra\n"), "\ra\n");
}

TEST(FieldSyntaxTest, SplitsAFieldsLine) {
  const auto field = ParseFieldLine("X-A: \t b: c ");
  ASSERT_TRUE(field);
  EXPECT_EQ(field->name, "X-A");
  EXPECT_EQ(field->value, "b: c");
  EXPECT_EQ(ParseFieldLine("X-A:")->value, "");
  for (const char* line : {"", "X-A", ": b", "X-A : b", " X-A: b", "X A: b", "(a): b"}) {
    EXPECT_FALSE(ParseFieldLine(line)) << line;
  }
}

}  // namespace
}  // namespace docspace::gateway::http
