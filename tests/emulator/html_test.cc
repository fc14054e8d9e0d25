#include "tests/emulator/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(HtmlEncoded, EncodesWhatDotNetEncodes) {
  EXPECT_EQ(HtmlEncoded("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(HtmlEncoded("\u00A0Ü\u00FF"), "&#160;&#220;&#255;");
  EXPECT_EQ(HtmlEncoded("🔑"), "&#128273;");
}

TEST(HtmlEncoded, LeavesAllOthers) {
  EXPECT_EQ(HtmlEncoded("\x7F\u009F\u0100 Ключ 鍵 \uFFFD"), "\x7F\u009F\u0100 Ключ 鍵 \uFFFD");
}

TEST(ProxyPage, IsThatOfTheProxy) {
  EXPECT_THAT(ProxyPage(503), HasSubstr("<title>503 Service Unavailable</title>"));
  EXPECT_THAT(ProxyPage(503), HasSubstr("<center><h1>503 Service Unavailable</h1></center>"));
  const std::string explained = ProxyPage(400, "Request Header Or Cookie Too Large");
  EXPECT_THAT(explained, HasSubstr("<title>400 Request Header Or Cookie Too Large</title>"));
  EXPECT_THAT(explained, HasSubstr("<h1>400 Bad Request</h1>"));
  EXPECT_THAT(explained, HasSubstr("<center>Request Header Or Cookie Too Large</center>"));
  EXPECT_THAT(ProxyPage(400), Not(HasSubstr("Too Large")));
}

}  // namespace
}  // namespace docspace::emulator
