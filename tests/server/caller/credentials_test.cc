#include "server/caller/credentials.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

using absl::StatusCode;

constexpr std::string_view kKey =
    "sk-00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

// Returns the header that is sent, or the reason of the refusal.
std::string Read(const MetadataView& metadata) {
  const auto credential = ParseCredential(metadata);
  if (!credential.ok()) return ReasonOf(credential.status());
  return credential->name + ": " + std::string(credential->value.Reveal());
}

TEST(ParseCredential, KnowsEachScheme) {
  const std::string key(kKey);
  const std::string bearer = "Bearer " + key;
  const struct {
    MetadataView metadata;
    std::string header;
  } cases[] = {
      {{{"authorization", "Basic dXNlcjpwYXNz"}}, "Authorization: Basic dXNlcjpwYXNz"},
      {{{"authorization", "Bearer eyJh.eyJz.c2ln-_"}}, "Authorization: Bearer eyJh.eyJz.c2ln-_"},
      {{{"authorization", bearer}}, "Authorization: Bearer " + key},
      {{{"apikeybearer", key}}, "Authorization: Bearer " + key},
      {{{"asc_auth_key", "tok/en+1=="}}, "Cookie: asc_auth_key=tok/en+1=="},
      {{{"cookie", "asc_auth_key=tok"}}, "Cookie: asc_auth_key=tok"},
  };
  for (const auto& [metadata, header] : cases) EXPECT_EQ(Read(metadata), header);
}

TEST(ParseCredential, WritesTheSchemeWordAsThePortalWantsIt) {
  for (const std::string_view scheme : {"Bearer", "bearer", "BEARER", "bEaReR"}) {
    const std::string value = std::string(scheme) + " abc";
    EXPECT_EQ(Read({{"authorization", value}}), "Authorization: Bearer abc");
  }
  for (const std::string_view scheme : {"Basic", "basic", "BASIC"}) {
    const std::string value = std::string(scheme) + "   YTpi  ";
    EXPECT_EQ(Read({{"authorization", value}}), "Authorization: Basic YTpi");
  }
}

TEST(ParseCredential, ForwardsNoOtherCookie) {
  EXPECT_EQ(Read({{"cookie", "sid=1; asc_auth_key=tok; theme=dark"}}), "Cookie: asc_auth_key=tok");
  EXPECT_EQ(Read({{"cookie", "asc_auth_key=tok;xasc_auth_key=no;asc_auth_keyx=no"}}),
            "Cookie: asc_auth_key=tok");
  EXPECT_EQ(Read({{"cookie", "sid=1; ASC_AUTH_KEY=tok; theme"}}), "CREDENTIALS_MISSING");
}

TEST(ParseCredential, TakesTheSameCredentialTwiceForOne) {
  const std::string bearer = "Bearer " + std::string(kKey);
  EXPECT_EQ(Read({{"authorization", bearer}, {"authorization", bearer}}),
            "Authorization: " + bearer);
  EXPECT_EQ(Read({{"authorization", bearer}, {"apikeybearer", kKey}}), "Authorization: " + bearer);
  EXPECT_EQ(Read({{"authorization", "bearer abc"}, {"authorization", "Bearer  abc"}}),
            "Authorization: Bearer abc");
  EXPECT_EQ(Read({{"asc_auth_key", "tok"}, {"cookie", "a=b; asc_auth_key=tok; asc_auth_key=tok"}}),
            "Cookie: asc_auth_key=tok");
}

TEST(ParseCredential, RefusesTwoDifferentOnes) {
  const MetadataView cases[] = {
      {{"authorization", "Bearer a"}, {"authorization", "Bearer b"}},
      {{"authorization", "Bearer a"}, {"authorization", "Bearer A"}},
      {{"authorization", "Basic YTpi"}, {"authorization", "Bearer abc"}},
      {{"authorization", "Bearer tok"}, {"asc_auth_key", "tok"}},
      {{"authorization", "Bearer tok"}, {"cookie", "asc_auth_key=tok"}},
      {{"apikeybearer", kKey}, {"authorization", "Basic YTpi"}},
      {{"asc_auth_key", "a"}, {"cookie", "asc_auth_key=b"}},
      {{"cookie", "asc_auth_key=a"}, {"cookie", "asc_auth_key=b"}},
      {{"cookie", "asc_auth_key=a; asc_auth_key=b"}},
      {{"cookie", "asc_auth_key=a; asc_auth_key=b; asc_auth_key=a"}},
  };
  for (const MetadataView& metadata : cases) EXPECT_EQ(Read(metadata), "CREDENTIALS_INVALID");
}

TEST(ParseCredential, SaysThatThereIsNone) {
  const MetadataView cases[] = {
      {},
      {{"user-agent", "grpc"}, {"x-request-id", "1"}},
      {{"cookie", "sid=1"}},
      {{"cookie", ""}},
      {{"x-authorization", "Bearer a"}, {"proxy-authorization", "Bearer a"}},
  };
  for (const MetadataView& metadata : cases) {
    const auto credential = ParseCredential(metadata);
    EXPECT_EQ(credential.status().code(), StatusCode::kUnauthenticated);
    EXPECT_EQ(ReasonOf(credential.status()), "CREDENTIALS_MISSING");
  }
}

TEST(ParseCredential, RefusesWhatIsNoCredential) {
  const MetadataView cases[] = {
      {{"authorization", ""}},
      {{"authorization", "Bearer"}},
      {{"authorization", "Bearer "}},
      {{"authorization", "Bearerabc"}},
      {{"authorization", "abc"}},
      {{"authorization", "Digest abc"}},
      {{"authorization", "Negotiate abc"}},
      {{"authorization", "Bearer a b"}},
      {{"authorization", "Bearer a,b"}},
      {{"authorization", "Bearer a; asc_auth_key=b"}},
      {{"authorization", "Basic YTpi, Bearer abc"}},
      {{"authorization", "Basic ===="}},
      {{"authorization", "Basic YT=pi"}},
      {{"authorization", "Basic YTpi=="}},
      {{"authorization", "Basic dXNlcjpwYXN"}},
      {{"authorization", "Basic dXNlcg=="}},  // "user"
      {{"authorization", "Basic user.password"}},
      {{"authorization", "Basic dXNlcjpwYXN-"}},  // base64url
      {{"apikeybearer", ""}},
      {{"apikeybearer", "abc"}},
      {{"apikeybearer", "Bearer sk-abc"}},
      {{"apikeybearer", "SK-abc"}},
      {{"apikeybearer", "sk-a b"}},
      {{"asc_auth_key", ""}},
      {{"asc_auth_key", "a b"}},
      {{"asc_auth_key", "a;b"}},
      {{"asc_auth_key", "a,b"}},
      {{"asc_auth_key", "\"a\""}},
      {{"asc_auth_key", "a\\b"}},
      {{"cookie", "asc_auth_key="}},
      {{"cookie", "asc_auth_key=\"a\""}},
      {{"cookie", "asc_auth_key=a b"}},
  };
  for (const MetadataView& metadata : cases) {
    const auto credential = ParseCredential(metadata);
    EXPECT_EQ(credential.status().code(), StatusCode::kInvalidArgument) << metadata[0].second;
    EXPECT_EQ(ReasonOf(credential.status()), "CREDENTIALS_INVALID") << metadata[0].second;
  }
}

TEST(ParseCredential, G4RefusesEveryOctetOutsidePrintableAscii) {
  for (const std::string_view name : {"authorization", "apikeybearer", "asc_auth_key", "cookie"}) {
    for (int octet = 0; octet < 256; ++octet) {
      if (octet >= 0x20 && octet <= 0x7E) continue;
      std::string value = name == "authorization"  ? "Bearer abc"
                          : name == "apikeybearer" ? "sk-abc"
                          : name == "cookie"       ? "asc_auth_key=abc"
                                                   : "abc";
      for (const std::size_t at : {std::size_t{0}, value.size() - 1, value.size()}) {
        std::string injected = value;
        injected.insert(at, 1, static_cast<char>(octet));
        injected.append("Host: elsewhere");
        EXPECT_EQ(Read({{name, injected}}), "CREDENTIALS_INVALID") << name << " " << octet;
      }
    }
  }
}

TEST(ParseCredential, BoundsTheLength) {
  const std::string longest = "Bearer " + std::string(16 * 1024 - 7, 'a');
  EXPECT_EQ(Read({{"authorization", longest}}), "Authorization: " + longest);
  EXPECT_EQ(Read({{"authorization", longest + "a"}}), "CREDENTIALS_INVALID");
  EXPECT_EQ(Read({{"authorization", std::string(100 * 1024, 'a')}}), "CREDENTIALS_INVALID");
}

TEST(ParseCredential, NeverRepeatsAValue) {
  const MetadataView cases[] = {
      {{"authorization", "Bearer PLANTED PLANTED"}},
      {{"authorization", "PLANTED PLANTED"}},
      {{"authorization", "Bearer PLANTED\r\n"}},
      {{"apikeybearer", "PLANTED"}},
      {{"asc_auth_key", "PLANTED;"}},
      {{"authorization", "Bearer PLANTED"}, {"asc_auth_key", "PLANTED"}},
  };
  for (const MetadataView& metadata : cases) {
    const auto credential = ParseCredential(metadata);
    ASSERT_FALSE(credential.ok());
    EXPECT_EQ(credential.status().ToString().find("PLANTED"), std::string::npos);
  }
}

}  // namespace
}  // namespace docspace::gateway
