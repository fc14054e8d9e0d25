#include "tests/emulator/json_web_token.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

using std::chrono::seconds;

constexpr Time kNow{seconds(1'780'000'000)};

Claims SomeClaims() {
  return {.subject = "user-1",
          .scopes = {"openid", "*:read"},
          .issued_at = kNow,
          .expires_at = kNow + seconds(60)};
}

// The example of RFC 7515, appendix A.1, which has the same form but another key.
constexpr std::string_view kForeignToken =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

TEST(JsonWebTokens, ReadsWhatItMints) {
  const JsonWebTokens tokens("key");
  const auto claims = tokens.Verify(tokens.Mint(SomeClaims()), kNow);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->subject, "user-1");
  EXPECT_EQ(claims->scopes, (std::vector<std::string>{"openid", "*:read"}));
  EXPECT_EQ(claims->expires_at, kNow + seconds(60));
}

TEST(JsonWebTokens, SignsAsTheStandardSays) {
  // `printf %s eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.<payload> | openssl dgst -sha256 -hmac key`
  const std::string token = JsonWebTokens("key").Mint(
      {.subject = "a", .scopes = {}, .issued_at = Time(), .expires_at = Time(seconds(1))});
  EXPECT_EQ(token,
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
            "eyJzdWIiOiJhIiwic2NvcGUiOltdLCJpYXQiOjAsImV4cCI6MX0."
            "HSfS4xoeQgeC65-zuHr9_MBnMJ9askdY1Ed8gDFd6d0");
}

TEST(JsonWebTokens, RefusesATokenPastItsTime) {
  const JsonWebTokens tokens("key");
  const std::string token = tokens.Mint(SomeClaims());
  EXPECT_TRUE(tokens.Verify(token, kNow + seconds(59)));
  EXPECT_FALSE(tokens.Verify(token, kNow + seconds(60)));
}

TEST(JsonWebTokens, RefusesAForeignOrChangedToken) {
  const JsonWebTokens tokens("key");
  EXPECT_FALSE(tokens.Verify(JsonWebTokens("other key").Mint(SomeClaims()), kNow));
  EXPECT_FALSE(tokens.Verify(kForeignToken, Time()));
  std::string changed = tokens.Mint(SomeClaims());
  changed[40] = changed[40] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(tokens.Verify(changed, kNow));
}

TEST(JsonWebTokens, RefusesWhatIsNoToken) {
  const JsonWebTokens tokens("key");
  for (const std::string_view text : {"", ".", "..", "a.b", "sk-0123", "a.b.c", "...."}) {
    EXPECT_FALSE(tokens.Verify(text, kNow)) << text;
  }
}

TEST(JsonWebTokens, KnowTheFormOfAToken) {
  using Form = JsonWebTokens::Form;
  for (const std::string_view text : {"", "a.b", "....", "sk-0123"}) {
    EXPECT_EQ(JsonWebTokens::FormOf(text), Form::kOther) << text;
  }
  // `e30` is {}, `W10` is [].
  for (const std::string_view text : {"..", "a.b.c", "e30.W10.x", "e30.!.x", "!.e30.x"}) {
    EXPECT_EQ(JsonWebTokens::FormOf(text), Form::kMalformed) << text;
  }
  EXPECT_EQ(JsonWebTokens::FormOf("e30.e30.x"), Form::kToken);
  EXPECT_EQ(JsonWebTokens::FormOf(kForeignToken), Form::kToken);
}

TEST(Base64, FollowsTheStandardsExamples) {
  // RFC 4648, section 10.
  const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(Base64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
}

TEST(Base64, RefusesOtherText) {
  EXPECT_FALSE(FromBase64("Zg="));
  EXPECT_FALSE(FromBase64("Z!=="));
}

}  // namespace
}  // namespace docspace::emulator
