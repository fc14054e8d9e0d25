#include "server/base/utf8.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace docspace::gateway {
namespace {

TEST(IsValidUtf8, AcceptsEachEndOfEachLength) {
  for (const std::string_view character :
       {"", "\x01", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    for (std::size_t before = 0; before < 80; ++before) {
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
    for (std::size_t before = 0; before < 80; ++before) {
      // Several words are checked at a time if so many are left.
      for (const std::size_t after : {0, 1, 8, 80}) {
        const std::string text =
            std::string(before, 'a') + std::string(octets) + std::string(after, 'b');
        EXPECT_FALSE(IsValidUtf8(text)) << testing::PrintToString(text);
      }
    }
  }
}

TEST(TruncateUtf8, CutsBetweenCharacters) {
  const std::string_view text = "aé€😀";  // 1 + 2 + 3 + 4 bytes
  const std::string_view expected[] = {"",    "a",   "a",   "aé",  "aé",    "aé",
                                       "aé€", "aé€", "aé€", "aé€", "aé€😀", "aé€😀"};
  for (std::size_t limit = 0; limit < std::size(expected); ++limit) {
    EXPECT_EQ(TruncateUtf8(text, limit), expected[limit]) << limit;
  }
}

TEST(IsInvisible, IsTrueOfWhatMisleadsAndOfNothingElse) {
  for (const char32_t character :
       {0x0000, 0x001B, 0x001F, 0x007F, 0x0080, 0x009F, 0x00AD,  0x034F,  0x061C,
        0x200B, 0x200D, 0x200E, 0x200F, 0x2028, 0x202A, 0x202E,  0x2060,  0x2066,
        0x2069, 0x206F, 0xFE0F, 0xFEFF, 0xFFF9, 0xFFFB, 0xE0001, 0xE007F, 0xE0FFF}) {
    EXPECT_TRUE(IsInvisible(character)) << std::hex << static_cast<std::uint32_t>(character);
  }
  for (const char32_t character :
       {0x0020, 0x007E, 0x00A0,  0x00AC,  0x00AE,  0x0301,  0x05D0, 0x0627,
        0x200A, 0x2010, 0x2027,  0x202F,  0x205F,  0x2070,  0x4E00, 0xFDFF,
        0xFE10, 0xFFFC, 0x1F511, 0xDFFFF, 0xE1000, 0x10FFFF}) {
    EXPECT_FALSE(IsInvisible(character)) << std::hex << static_cast<std::uint32_t>(character);
  }
}

TEST(VisibleText, LeavesOutWhatIsInvisibleAndCutsBetweenCharacters) {
  EXPECT_EQ(VisibleText("", 9), "");
  EXPECT_EQ(VisibleText("a\u202eb\u200dc\U000E0041d\u0085e\x1b", 9), "abcde");
  EXPECT_EQ(VisibleText("\u202ea\u202e\u00e9\u20ac", 6), "a\u00e9\u20ac");
  EXPECT_EQ(VisibleText("\u202ea\u202e\u00e9\u20ac", 5), "a\u00e9");
  EXPECT_EQ(VisibleText("\U0001F511", 3), "");
}

}  // namespace
}  // namespace docspace::gateway
