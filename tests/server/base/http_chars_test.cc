#include "server/base/http_chars.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace docspace::gateway {
namespace {

constexpr std::string_view kAlphanumeric =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool Holds(std::string_view bytes, char byte) { return bytes.find(byte) != std::string_view::npos; }

TEST(HttpCharsTest, KnowsEachByteOfATokenAndOfAFieldsText) {
  for (int i = 0; i < 256; ++i) {
    const char byte = static_cast<char>(i);
    const std::string text = std::string("a") + byte;
    const bool alphanumeric = Holds(kAlphanumeric, byte);
    // RFC 9110 sections 5.6.2, 11.2 and 5.5.
    EXPECT_EQ(IsToken(text), alphanumeric || Holds("!#$%&'*+-.^_`|~", byte)) << i;
    EXPECT_EQ(IsToken68(text), alphanumeric || Holds("-._~+/=", byte)) << i;
    EXPECT_EQ(IsFieldText(text), i == '\t' || (i >= 0x20 && i != 0x7F)) << i;
  }
}

TEST(HttpCharsTest, ATokenHoldsSomething) {
  EXPECT_FALSE(IsToken(""));
  EXPECT_FALSE(IsToken68(""));
  EXPECT_TRUE(IsFieldText(""));
}

TEST(HttpCharsTest, AToken68IsPaddedAtItsEndOnly) {
  EXPECT_TRUE(IsToken68("YTpi"));
  EXPECT_TRUE(IsToken68("YQ=="));
  EXPECT_TRUE(IsToken68("a.b-c_d~e+f/g"));
  EXPECT_FALSE(IsToken68("="));
  EXPECT_FALSE(IsToken68("a=b"));
  EXPECT_FALSE(IsToken68("a, Bearer b"));
}

}  // namespace
}  // namespace docspace::gateway
