#include "client/cpp/credential.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "client/cpp/secret.h"

namespace docspace::apikeys {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Printable<Secret>);
static_assert(!Printable<Credential>);
static_assert(!std::is_convertible_v<Secret, std::string>);

using Factory = Result<Credential> (*)(std::string_view);

constexpr Factory kTokenFactories[] = {&Credential::Bearer, &Credential::OAuth2,
                                       &Credential::OpenId, &Credential::ApiKey,
                                       &Credential::SessionCookie};

TEST(Credential, RefusesATokenThatCouldNotTravelAndNeverRepeatsIt) {
  const std::string kRefused[] = {
      "",
      "sk-planted\r\nx-evil: 1",
      "sk-planted\n",
      std::string("sk-planted\0", 11),
      "sk-planted\x7F",
      "sk-planted\x1F",
      "sk-planted\x80",
      "sk-planté",
      "Bearer sk-planted",
      "sk-planted" + std::string(kCredentialLimit, 'a'),
  };
  for (const Factory factory : kTokenFactories) {
    for (const std::string& token : kRefused) {
      const Result<Credential> credential = factory(token);
      ASSERT_FALSE(credential.ok());
      EXPECT_EQ(credential.error().code, grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_EQ(credential.error().reason, "CREDENTIALS_INVALID");
      EXPECT_EQ(credential.error().message.find("plant"), std::string::npos);
    }
  }
}

TEST(Credential, TakesEveryVisibleCharacter) {
  for (char octet = 0x21; octet < 0x7F; ++octet) {
    EXPECT_TRUE(Credential::Bearer(std::string(1, octet)).ok()) << octet;
    EXPECT_EQ(Credential::SessionCookie(std::string(1, octet)).ok(), octet != ';') << octet;
  }
}

TEST(Credential, TakesOnlyAnApiKeyForAnApiKey) {
  EXPECT_TRUE(Credential::ApiKey("sk-0123").ok());
  const Result<Credential> credential = Credential::ApiKey("eyJplanted");
  ASSERT_FALSE(credential.ok());
  EXPECT_EQ(credential.error().message.find("planted"), std::string::npos);
}

struct BasicRow {
  std::string email;
  std::string password;
  bool ok;
};

TEST(Credential, TakesAnyPasswordWithoutControlCharacters) {
  const BasicRow kRows[] = {
      {"me@example.com", "correct horse: battery", true},
      {"me@example.com", "пароль", true},
      {"", "password", false},
      {"me@example.com", "", false},
      {"me:planted@example.com", "password", false},
      {"me@example.com", "planted\r\n", false},
      {"planted\n@example.com", "password", false},
      {"me@example.com", std::string(kCredentialLimit, 'p'), false},
  };
  for (const BasicRow& row : kRows) {
    const Result<Credential> credential = Credential::Basic(row.email, row.password);
    EXPECT_EQ(credential.ok(), row.ok) << row.email;
    if (!credential.ok()) {
      EXPECT_EQ(credential.error().message.find("planted"), std::string::npos);
    }
  }
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
  for (const std::string& text : {std::string("short"), std::string(100, 'l')}) {
    Secret from(text);
    const Secret to(std::move(from));
    EXPECT_EQ(to.Reveal(), text);
    const char* left = from.Reveal().data();  // NOLINT(bugprone-use-after-move)
    for (std::size_t at = 0; at < from.Reveal().capacity(); ++at) EXPECT_EQ(left[at], '\0');
  }
}

}  // namespace
}  // namespace docspace::apikeys
