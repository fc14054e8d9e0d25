#include "server/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::gateway {
namespace {

TEST(IsValidUtf8, AcceptsEachEndOfEachLength) {
  for (const std::string_view character :
       {"", "\x01", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    for (std::size_t before = 0; before < 9; ++before) {
      const std::string text = std::string(before, 'a') + std::string(character) + "b";
      EXPECT_TRUE(IsValidUtf8(text)) << testing::PrintToString(text);
    }
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("a\0b", 3)));
}

TEST(IsValidUtf8, RefusesWhatRfc3629Refuses) {
  for (const std::string_view octets :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2z", "\xE0\x9F\xBF", "\xE1\x80",
        "\xE1\x80z", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF1\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    for (std::size_t before = 0; before < 9; ++before) {
      for (const std::string_view after : {"", "b", "bbbbbbbb"}) {
        const std::string text =
            std::string(before, 'a') + std::string(octets) + std::string(after);
        EXPECT_FALSE(IsValidUtf8(text)) << testing::PrintToString(text);
      }
    }
  }
}

TEST(TruncateUtf8, CutsBetweenCharacters) {
  const std::string_view text = "aé€😀";  // 1 + 2 + 3 + 4 octets
  const std::string_view expected[] = {"",    "a",   "a",   "aé",  "aé",    "aé",
                                       "aé€", "aé€", "aé€", "aé€", "aé€😀", "aé€😀"};
  for (std::size_t limit = 0; limit < std::size(expected); ++limit) {
    EXPECT_EQ(TruncateUtf8(text, limit), expected[limit]) << limit;
  }
}

}  // namespace
}  // namespace docspace::gateway
