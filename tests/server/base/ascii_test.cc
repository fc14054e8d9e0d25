#include "server/base/ascii.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::gateway {
namespace {

TEST(AsciiTest, FindsEachCharacterThatIsNotPrintableOrVisibleAtEachPlace) {
  EXPECT_TRUE(IsPrintableAscii(""));
  EXPECT_TRUE(IsVisibleAscii(""));
  for (std::size_t length = 1; length <= 24; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(length, '~');
        text[place] = static_cast<char>(byte);
        EXPECT_EQ(IsPrintableAscii(text), byte >= 0x20 && byte < 0x7F) << length << " " << place;
        EXPECT_EQ(IsVisibleAscii(text), byte > 0x20 && byte < 0x7F) << length << " " << place;
      }
    }
  }
}

TEST(AsciiTest, IgnoresTheCaseOfAsciiLettersOnly) {
  EXPECT_TRUE(EqualsIgnoreCase("Content-LENGTH", "content-length"));
  EXPECT_FALSE(EqualsIgnoreCase("content-length", "content-length "));
  EXPECT_FALSE(EqualsIgnoreCase("a", ""));
  // These bytes differ by 0x20, as the two cases of a letter do, but are not letters.
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
  EXPECT_FALSE(EqualsIgnoreCase("\xC3\x89", "\xC3\xA9"));
  // The bytes after a NUL count.
  EXPECT_FALSE(EqualsIgnoreCase(std::string("a\0b", 3), std::string("a\0c", 3)));
  EXPECT_TRUE(StartsWithIgnoreCase("HTTPS://portal", "https://"));
  EXPECT_FALSE(StartsWithIgnoreCase("http", "https://"));
}

TEST(AsciiTest, StripsWhitespaceFromTheEndsOnly) {
  EXPECT_EQ(StripAsciiWhitespace(" \t\r\n a b \v\f"), "a b");
  EXPECT_EQ(StripAsciiWhitespace(" \n"), "");
  EXPECT_EQ(StripAsciiWhitespace(""), "");
  // A Unicode space is not ASCII whitespace.
  EXPECT_EQ(StripAsciiWhitespace("\xC2\xA0"), "\xC2\xA0");
}

}  // namespace
}  // namespace docspace::gateway
