#include "client/cli/terminal_text.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::apikeys::cli {
namespace {

struct EscapeRow {
  std::string text;
  std::string escaped;
};

TEST(Escape, NeutralisesWhatCouldSteerATerminalOrMislead) {
  const EscapeRow kRows[] = {
      {"", ""},
      {"plain text", "plain text"},
      {"<b>&amp;</b>", "<b>&amp;</b>"},
      {"naïve 鍵 🔑 ключ", "naïve 鍵 🔑 ключ"},
      {"e\u0301", "e\u0301"},
      {"👩‍💻", "👩‍💻"},
      {"\x1b]0;owned\x07", "\\u{1b}]0;owned\\u{7}"},
      {"a\nb\r\tc", "a\\nb\\u{d}\\u{9}c"},
      {std::string("a\0b", 3), "a\\u{0}b"},
      {"\x7f", "\\u{7f}"},
      {"\u009b31m", "\\u{9b}31m"},
      {"\u202egnp.exe", "\\u{202e}gnp.exe"},
      {"\u2066\u2069\u200e\u061c", "\\u{2066}\\u{2069}\\u{200e}\\u{61c}"},
      {"\u2028\u2029", "\\u{2028}\\u{2029}"},
      {"a\u200bb\ufeff", "a\\u{200b}b\\u{feff}"},
      {"\U000E0041", "\\u{e0041}"},
      {"\\u{1b}", "\\\\u{1b}"},
      {"\xff\xc3", "\\xff\\xc3"},
      {"\xc0\x80", "\\xc0\\x80"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"\xe9\x8d", "\\xe9\\x8d"},
      {"\x9b"
       "31m",
       "\\x9b31m"},
  };
  for (const EscapeRow& row : kRows) EXPECT_EQ(Escape(row.text), row.escaped);
}

TEST(Escape, LeavesNoControlCharacterOfAnyInput) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const std::string escaped = Escape(text);
      EXPECT_TRUE(IsUtf8(escaped));
      for (const char octet : escaped) {
        EXPECT_FALSE(static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f) << first;
      }
      EXPECT_EQ(escaped.find("\xc2\x9b"), std::string::npos);
    }
  }
}

TEST(EscapeJson, EscapesWhatAReaderWouldNotSeeAndNothingElse) {
  const EscapeRow kRows[] = {
      {"", ""},
      {"{\n  \"name\": \"na\u00efve \\\" \\\\ \U0001F511\"\n}\n",
       "{\n  \"name\": \"na\u00efve \\\" \\\\ \U0001F511\"\n}\n"},
      {"\"\u202egnp.exe\"", "\"\\u202egnp.exe\""},
      {"\"\u2066\u2069\u061c\"", "\"\\u2066\\u2069\\u061c\""},
      {"\"a\u200bb\ufeff\"", "\"a\\u200bb\\ufeff\""},
      {"\"\x7f\u009b\"", "\"\\u007f\\u009b\""},
      {"\"\U000E0041\"", "\"\\udb40\\udc41\""},
  };
  for (const EscapeRow& row : kRows) EXPECT_EQ(EscapeJson(row.text), row.escaped);
}

struct WidthRow {
  std::string text;
  std::size_t columns;
};

TEST(DisplayWidth, CountsColumnsAndNotOctets) {
  const WidthRow kRows[] = {
      {"", 0}, {"abc", 3}, {"naïve", 5}, {"ключ", 4}, {"鍵盤", 4}, {"🔑", 2}, {"e\u0301", 1},
  };
  for (const WidthRow& row : kRows) EXPECT_EQ(DisplayWidth(row.text), row.columns) << row.text;
}

TEST(IsUtf8, RefusesWhatUtf8Forbids) {
  EXPECT_TRUE(IsUtf8("ключ 🔑"));
  for (const char* text : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                           "a\xe2\x82", "\xf0\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace docspace::apikeys::cli
