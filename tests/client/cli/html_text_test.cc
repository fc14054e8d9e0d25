#include "client/cli/html_text.h"

#include <gtest/gtest.h>

namespace docspace::apikeys::cli {
namespace {

struct Row {
  const char* encoded;
  const char* decoded;
};

TEST(DecodeHtml, DecodesWhatThePortalEncodes) {
  const Row kRows[] = {
      {"O&#39;Admin", "O'Admin"},
      {"&#220;lo &#252;&#160;", "\u00dclo \u00fc\u00a0"},
      {"&lt;b&gt; &amp; &quot;&apos;", "<b> & \"'"},
      {"&#x41;&#X42;", "AB"},
      {"&#8364;&#128273;", "\u20ac\U0001f511"},
      {"&amp;#39;", "&#39;"},
      {"&#55296;", "&#55296;"},
      {"&#1114112;&#99999999;", "&#1114112;&#99999999;"},
      {"&#0;&#;&#x;&#-1;&#39", "&#0;&#;&#x;&#-1;&#39"},
      {"&nbsp;&;&&amp;", "&nbsp;&;&&"},
      {"&#00000000039;", "&#00000000039;"},
      {"", ""},
      {"\xff&", "\xff&"},
  };
  for (const Row& row : kRows) EXPECT_EQ(DecodeHtml(row.encoded), row.decoded) << row.encoded;
}

}  // namespace
}  // namespace docspace::apikeys::cli
