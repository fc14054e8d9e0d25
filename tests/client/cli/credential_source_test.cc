#include "client/cli/credential_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <sstream>
#include <string>

#include "client/cli/usage_error.h"
#include "client/cpp/client.h"
#include "tests/client/cpp/fake_gateway.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::apikeys::cli {
namespace {

using gateway::testkit::TemporaryFile;

using Values = std::map<std::string, std::string>;

class ReadCredentialTest : public testing::Test {
 protected:
  Credential Read(const CredentialFlags& flags, const Values& values = {}) {
    const Variables variables = [&values](const char* name) {
      const auto found = values.find(name);
      return found == values.end() ? std::string_view() : std::string_view(found->second);
    };
    return ReadCredential(flags, variables, warnings_);
  }

  // Returns the one metadata entry that a call with the credential carries.
  std::string Sent(const CredentialFlags& flags, const Values& values = {}) {
    Client client = *Client::Connect(gateway_.target(), Plaintext{}, Read(flags, values));
    EXPECT_TRUE(client.GetApiKeys({}).ok());
    std::string sent;
    for (const char* name : {"authorization", "apikeybearer", "asc_auth_key"}) {
      for (const std::string& value : gateway_.calls().back().Values(name)) {
        sent += std::string(name) + ": " + value;
      }
    }
    return sent;
  }

  std::string Refusal(const CredentialFlags& flags, const Values& values = {}) {
    try {
      Read(flags, values);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "taken";
  }

  FakeGateway gateway_;
  std::ostringstream warnings_;
};

TEST_F(ReadCredentialTest, TakesTheVariableThatIsSet) {
  EXPECT_EQ(Sent({}, {{"DOCSPACE_API_KEY", "sk-1"}}), "apikeybearer: sk-1");
  EXPECT_EQ(Sent({}, {{"DOCSPACE_BEARER_TOKEN", "jwt"}}), "authorization: Bearer jwt");
  EXPECT_EQ(Sent({}, {{"DOCSPACE_BASIC", "a:b:c"}}), "authorization: Basic YTpiOmM=");
  EXPECT_EQ(Sent({}, {{"DOCSPACE_SESSION_TOKEN", "session"}}), "asc_auth_key: session");
}

TEST_F(ReadCredentialTest, TakesAnEmptyVariableForUnset) {
  EXPECT_EQ(Sent({}, {{"DOCSPACE_API_KEY", "sk-1"}, {"DOCSPACE_BASIC", ""}}), "apikeybearer: sk-1");
}

TEST_F(ReadCredentialTest, TakesAFileOfEachScheme) {
  const TemporaryFile token("token");
  const TemporaryFile key("sk-1\n");
  const TemporaryFile pair("a:b\r\n");
  EXPECT_EQ(Sent({.file = token.path(), .fd = {}, .scheme = "bearer"}),
            "authorization: Bearer token");
  EXPECT_EQ(Sent({.file = token.path(), .fd = {}, .scheme = "oauth2"}),
            "authorization: Bearer token");
  EXPECT_EQ(Sent({.file = token.path(), .fd = {}, .scheme = "openid"}),
            "authorization: Bearer token");
  EXPECT_EQ(Sent({.file = token.path(), .fd = {}, .scheme = "session"}), "asc_auth_key: token");
  EXPECT_EQ(Sent({.file = key.path(), .fd = {}, .scheme = "api-key"}), "apikeybearer: sk-1");
  EXPECT_EQ(Sent({.file = pair.path(), .fd = {}, .scheme = "basic"}), "authorization: Basic YTpi");
  EXPECT_EQ(warnings_.str(), "");
}

TEST_F(ReadCredentialTest, TakesAFileDescriptor) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ASSERT_EQ(::write(ends[1], "sk-1\n", 5), 5);
  ::close(ends[1]);
  EXPECT_EQ(Sent({.file = {}, .fd = ends[0], .scheme = "api-key"}), "apikeybearer: sk-1");
  ::close(ends[0]);
}

TEST_F(ReadCredentialTest, WarnsOfAFileThatOthersMayRead) {
  for (const mode_t mode : {0640, 0604, 0644}) {
    const TemporaryFile file("sk-planted", mode);
    warnings_.str("");
    Read({.file = file.path(), .fd = {}, .scheme = "api-key"});
    EXPECT_NE(warnings_.str().find(file.path() + " is readable by others"), std::string::npos);
    EXPECT_EQ(warnings_.str().find("planted"), std::string::npos);
  }
}

TEST_F(ReadCredentialTest, NamesTheSettingsWhereThereIsNone) {
  const std::string refusal = Refusal({});
  for (const char* name : {"DOCSPACE_API_KEY", "DOCSPACE_BEARER_TOKEN", "DOCSPACE_BASIC",
                           "DOCSPACE_SESSION_TOKEN", "--credential-file", "--credential-fd"}) {
    EXPECT_NE(refusal.find(name), std::string::npos) << name;
  }
}

TEST_F(ReadCredentialTest, NamesTheSettingsWhereThereAreSeveral) {
  EXPECT_EQ(Refusal({.file = "/nowhere", .fd = 3, .scheme = "basic"},
                    {{"DOCSPACE_API_KEY", "sk-planted"}, {"DOCSPACE_BASIC", "a:planted"}}),
            "more than one credential: DOCSPACE_API_KEY, DOCSPACE_BASIC, --credential-file, "
            "--credential-fd; leave one of them");
}

TEST_F(ReadCredentialTest, NamesTheSettingAndNeverTheValueOfABadOne) {
  const TemporaryFile two_lines("sk-planted\nsk-planted\n");
  const TemporaryFile empty("");
  const TemporaryFile large(std::string(1 << 20, 'p'));
  const struct {
    CredentialFlags flags;
    Values values;
    std::string setting;
  } kRows[] = {
      {{}, {{"DOCSPACE_API_KEY", "planted"}}, "DOCSPACE_API_KEY"},
      {{}, {{"DOCSPACE_API_KEY", "sk-planted\r\nx: y"}}, "DOCSPACE_API_KEY"},
      {{}, {{"DOCSPACE_BASIC", "planted"}}, "DOCSPACE_BASIC"},
      {{}, {{"DOCSPACE_BEARER_TOKEN", "Bearer planted"}}, "DOCSPACE_BEARER_TOKEN"},
      {{}, {{"DOCSPACE_SESSION_TOKEN", "planted;"}}, "DOCSPACE_SESSION_TOKEN"},
      {{.file = two_lines.path(), .fd = {}, .scheme = "api-key"}, {}, "--credential-file"},
      {{.file = empty.path(), .fd = {}, .scheme = "bearer"}, {}, "--credential-file"},
      {{.file = large.path(), .fd = {}, .scheme = "bearer"}, {}, "--credential-file"},
      {{.file = "/nowhere", .fd = {}, .scheme = "bearer"}, {}, "--credential-file"},
      {{.file = "/", .fd = {}, .scheme = "bearer"}, {}, "--credential-file"},
      {{.file = two_lines.path(), .fd = {}, .scheme = {}}, {}, "--credential-scheme"},
      {{.file = {}, .fd = 1000000, .scheme = "bearer"}, {}, "--credential-fd"},
      {{.file = {}, .fd = {}, .scheme = "bearer"},
       {{"DOCSPACE_API_KEY", "sk-planted"}},
       "--credential-scheme"},
  };
  for (const auto& row : kRows) {
    const std::string refusal = Refusal(row.flags, row.values);
    EXPECT_NE(refusal.find(row.setting), std::string::npos) << refusal;
    EXPECT_EQ(refusal.find("planted"), std::string::npos) << refusal;
  }
}

}  // namespace
}  // namespace docspace::apikeys::cli
