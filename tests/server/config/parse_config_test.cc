#include "server/config/parse_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/server/config/parse.h"

namespace docspace::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using testkit::ConfigFile;
using testkit::ExistingFile;
using testkit::kPortalUrl;
using testkit::Parse;
using testkit::ParseAll;

std::string ErrorOf(const std::vector<std::string>& arguments) {
  const auto config = Parse(arguments);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(config.status().message());
}

TEST(ParseConfig, PrefersFlagsToVariablesAndTheseToTheFile) {
  const std::string file = ConfigFile(
      "# Of the operator.\ncaller-max-streams: 1\nmax-in-flight: 2\nportal-max-connections: 3\n");
  const auto parsed = ParseAll({"--config-file", file, "--caller-max-streams", "7"},
                               {{"DOCSPACE_URL", kPortalUrl},
                                {"DOCSPACE_CALLER_MAX_STREAMS", "planted"},
                                {"DOCSPACE_MAX_IN_FLIGHT", "8"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Config& config = parsed->config;
  EXPECT_EQ(config.limits.max_streams, 7U);
  EXPECT_EQ(config.limits.max_in_flight, 8U);
  EXPECT_EQ(config.portal.pool.max_connections, 3U);
}

TEST(ParseConfig, TakesPortalsAndCallersFromTheFileAsMapsAndLists) {
  const auto config =
      Parse({"--config-file", ConfigFile(R"(
docspace-url: https://docs.example
portals:
  acme: https://acme.example
  beta: {host: beta.example, url: "https://10.0.0.7", server-name: beta.example}
caller-tls-certificate-file: )" + ExistingFile() +
                                         "\ncaller-tls-private-key-file: " + ExistingFile() +
                                         "\ncaller-tls-client-ca-file: " + ExistingFile() + R"(
allowed-callers:
  - spiffe://example.org/a
  - jobs.example
)")});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->tls.allowed_callers,
              ::testing::ElementsAre("spiffe://example.org/a", "jobs.example"));
  const auto portals = config->Portals();
  ASSERT_EQ(portals.size(), 3U);
  EXPECT_EQ(portals[0].first, "default");
  EXPECT_EQ(portals[1].first, "acme");
  EXPECT_EQ(portals[2].second.Url(), "https://10.0.0.7");
  EXPECT_EQ(portals[2].second.Authority(), "beta.example");
}

TEST(ParseConfig, RemovesALineBreakAtTheEndOfAVariable) {
  for (const std::string line_break : {"\n", "\r\n"}) {
    const auto config = Parse({}, {{"DOCSPACE_URL", kPortalUrl + line_break},
                                   {"DOCSPACE_LOG_LEVEL", "error" + line_break},
                                   {"DOCSPACE_THREADS", line_break}});
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->portal.origin.host, "portal.example");
    EXPECT_EQ(config->log.level, "error");
    EXPECT_EQ(config->threads, 0u);
  }
  // Only one line break is removed, because a value of several lines is invalid.
  EXPECT_FALSE(Parse({}, {{"DOCSPACE_URL", std::string(kPortalUrl) + "\n\n"}}).ok());
}

TEST(ParseConfig, TakesTheFileFromAVariable) {
  const std::string file = ConfigFile("caller-max-streams: 5\n");
  const auto config = Parse({}, {{"DOCSPACE_URL", kPortalUrl}, {"DOCSPACE_CONFIG_FILE", file}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->limits.max_streams, 5U);
  EXPECT_EQ(config->config_file, file);
}

TEST(ParseConfig, RefusesAFileThatCannotBeRead) {
  for (const char* path : {"/no/such/planted", "/"}) {
    EXPECT_THAT(ErrorOf({"--docspace-url", kPortalUrl, "--config-file", path}),
                AllOf(HasSubstr("--config-file"), Not(HasSubstr("planted"))));
  }
}

struct WrongFile {
  std::string text;
  // The place that the message names.
  std::string place;
};

class WrongFileTest : public ::testing::TestWithParam<WrongFile> {};

TEST_P(WrongFileTest, IsRefusedByItsLineButNotRepeated) {
  EXPECT_THAT(ErrorOf({"--docspace-url", kPortalUrl, "--config-file", ConfigFile(GetParam().text)}),
              AllOf(HasSubstr(GetParam().place), Not(HasSubstr("planted"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongFileTest,
    ::testing::ValuesIn(std::vector<WrongFile>{
        {"docspace-url: https://a.example\nplanted: 1\n", "line 2"},
        {"caller-max-streams: 1\n\ncaller-max-streams: 1\n", "line 3"},
        {"- planted\n", "line 1"},
        {"planted\n", "line 1"},
        {"caller-max-streams: [1, \n", "line "},
        {"caller-max-streams: {planted: {a: 1}, planted: 2}\n", "line 1"},
        {"portals: {a: [planted]}\n", "line 1"},
        {"portals: {a: 'https://a.example,planted=https://b.example'}\n", "line 1"},
        {"config-file: planted\n", "config-file"},
        {"caller-max-streams: planted\n", "caller-max-streams (line 1 of the file)"},
        {"caller-max-streams:\n", "caller-max-streams (line 1 of the file)"},
    }));

TEST(ParseConfig, AFileOfMoreThanOneMebibyteIsRefused) {
  const std::string file = ConfigFile(std::string(1024 * 1024 + 1, '#'));
  EXPECT_THAT(ErrorOf({"--docspace-url", kPortalUrl, "--config-file", file}), HasSubstr("1 MiB"));
}

TEST(ParseConfig, NamedPortalsNeedNoDefaultPortal) {
  const auto config = Parse({"--portals", "a=https://a.example"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Portals().size(), 1U);
  EXPECT_THAT(ErrorOf({"--portals", "a=https://a.example", "--portal-host", "b"}),
              HasSubstr("--docspace-url"));
}

TEST(ParseConfig, RequiresAPortal) {
  EXPECT_THAT(ErrorOf({}),
              AllOf(HasSubstr("--docspace-url"), HasSubstr("DOCSPACE_URL"), HasSubstr("required")));
}

TEST(ParseConfig, AllowedCallersNeedCertificates) {
  EXPECT_THAT(ErrorOf({"--docspace-url", kPortalUrl, "--allowed-callers", "jobs.example"}),
              HasSubstr("--caller-tls-client-ca-file"));
}

TEST(ParseConfig, ACertificateNeedsItsKey) {
  for (const char* flag :
       {"--portal-certificate-file", "--portal-private-key-file", "--caller-tls-certificate-file",
        "--caller-tls-private-key-file", "--caller-tls-client-ca-file"}) {
    EXPECT_THAT(ErrorOf({"--docspace-url", kPortalUrl, flag, ExistingFile()}), HasSubstr(flag));
  }
}

// Returns the settings that have a deprecated name.
std::vector<Setting> RenamedSettings() {
  std::vector<Setting> renamed;
  for (const Setting& setting : SettingsTable()) {
    if (!setting.former.flag.empty()) renamed.push_back(setting);
  }
  return renamed;
}

class DeprecatedNameTest : public ::testing::TestWithParam<Setting> {
 protected:
  // A value that every type of setting refuses.
  static constexpr const char* kWrong = "/planted";

  // Expects that a source refuses the value by the setting's own name.
  static void ExpectRefused(const std::vector<std::string>& arguments,
                            const testkit::Environment& environment, std::string_view own_name) {
    const std::string message(Parse(arguments, environment).status().message());
    EXPECT_THAT(message, AllOf(StartsWith(std::string(own_name) + " "), Not(HasSubstr("planted"))));
  }
};

TEST_P(DeprecatedNameTest, IsAcceptedByEachSourceAndErrorsNameTheNewOne) {
  const SettingName& name = GetParam().name;
  const SettingName& former = GetParam().former;
  ExpectRefused({"--docspace-url", kPortalUrl, std::string(former.flag), kWrong}, {}, name.flag);
  ExpectRefused({"--docspace-url", kPortalUrl}, {{std::string(former.environment), kWrong}},
                name.environment);
  const std::string file = ConfigFile(std::string(former.key()) + ": " + kWrong + "\n");
  ExpectRefused({"--docspace-url", kPortalUrl, "--config-file", file}, {}, name.key());
}

TEST_P(DeprecatedNameTest, WithoutAValueIsRefusedByTheNewOne) {
  const std::string message = ErrorOf({std::string(GetParam().former.flag)});
  EXPECT_THAT(message, StartsWith(std::string(GetParam().name.flag)));
}

INSTANTIATE_TEST_SUITE_P(All, DeprecatedNameTest, ::testing::ValuesIn(RenamedSettings()),
                         [](const auto& setting) {
                           std::string name(setting.param.former.key());
                           std::erase(name, '-');
                           return name;
                         });

TEST(ParseConfig, ReportsDeprecatedNamesAndPrefersTheNewOnes) {
  const std::string file = ConfigFile("idle-timeout: 7s\ndns-refresh: 8s\n");
  const auto parsed = ParseAll({"--config-file", file, "--max-streams=5", "--caller-max-streams=6"},
                               {{"DOCSPACE_URL", kPortalUrl},
                                {"DOCSPACE_MAX_CONNECTIONS", "9"},
                                {"DOCSPACE_PORTAL_DNS_REFRESH", "9s"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->config.limits.max_streams, 6U);
  EXPECT_EQ(parsed->config.portal.pool.max_connections, 9U);
  EXPECT_EQ(parsed->config.portal.pool.idle_timeout, std::chrono::seconds(7));
  EXPECT_EQ(parsed->config.portal.dns_refresh, std::chrono::seconds(9));
  std::vector<std::string> names;
  for (const DeprecatedName& name : parsed->deprecated_names) {
    names.push_back(name.used + " " + name.replacement);
  }
  EXPECT_THAT(names, UnorderedElementsAre(
                         "DOCSPACE_MAX_CONNECTIONS DOCSPACE_PORTAL_MAX_CONNECTIONS",
                         "idle-timeout portal-idle-timeout", "dns-refresh portal-dns-refresh",
                         "--max-streams --caller-max-streams"));
}

class UnexpectedArgumentsTest : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(UnexpectedArgumentsTest, AreRefusedButNotRepeated) {
  const auto config = Parse(GetParam(), {{"DOCSPACE_URL", kPortalUrl}});
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(config.status().message()),
              AllOf(Not(HasSubstr("planted")), Not(IsEmpty())));
}

INSTANTIATE_TEST_SUITE_P(All, UnexpectedArgumentsTest,
                         ::testing::ValuesIn(std::vector<std::vector<std::string>>{
                             {"planted"},
                             {"https://user:planted@portal.example"},
                             {"--other=planted"},
                             {"--other", "planted"},
                             {"--planted\n"},
                             {"--Planted"},
                             {"--token:planted"},
                             {"--planted1"},
                             {"-x", "planted"},
                             {"--", "planted"},
                             {"--listen"},
                             {"--docspace-url", "https://planted.example", "--listen"},
                             {"--listen", "127.0.0.1:0", "--listen", "planted"},
                         }));

TEST(ParseConfig, NamesAnUnknownFlag) {
  EXPECT_THAT(ErrorOf({"--other=planted"}), AllOf(HasSubstr("--other"), Not(HasSubstr("planted"))));
}

}  // namespace
}  // namespace docspace::gateway
