#include "server/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/server/config/examples.h"
#include "tests/server/config/parse.h"

namespace docspace::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testkit::ConfigFile;
using testkit::Environment;
using testkit::EnvironmentFor;
using testkit::Example;
using testkit::Examples;
using testkit::ExistingFile;
using testkit::FindSetting;
using testkit::kPortalUrl;
using testkit::Parse;

// Returns the name of the test for the setting with this flag.
std::string TestName(std::string_view flag) {
  std::string name(flag.substr(2));
  std::erase(name, '-');
  return name;
}

class SettingTest : public ::testing::TestWithParam<Example> {
 protected:
  static std::string Variable() {
    return std::string(FindSetting(GetParam().flag).name.environment);
  }
  static Environment Rest() { return EnvironmentFor(GetParam().flag); }

  static void ExpectValue(const absl::StatusOr<Config>& config) {
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(GetParam().read(*config), GetParam().expected);
  }
};

TEST_P(SettingTest, IsReadFromItsFlag) {
  const std::string flag(GetParam().flag);
  ExpectValue(Parse({flag, GetParam().value}, Rest()));
  ExpectValue(Parse({flag + "=" + GetParam().value}, Rest()));
}

TEST_P(SettingTest, IsReadFromItsEnvironmentVariable) {
  Environment environment = Rest();
  environment[Variable()] = GetParam().value;
  ExpectValue(Parse({}, environment));
}

TEST_P(SettingTest, IsReadFromTheFile) {
  const std::string file =
      ConfigFile(std::string(GetParam().flag.substr(2)) + ": \"" + GetParam().value + "\"\n");
  ExpectValue(Parse({"--config-file", file}, Rest()));
}

TEST_P(SettingTest, FlagTakesPrecedenceOverAnyVariable) {
  Environment environment = Rest();
  environment[Variable()] = "not even a value\n";
  ExpectValue(Parse({std::string(GetParam().flag), GetParam().value}, environment));
}

TEST_P(SettingTest, EmptyVariableCountsAsUnset) {
  Environment environment = Rest();
  environment[Variable()] = "";
  const std::string file =
      ConfigFile(std::string(GetParam().flag.substr(2)) + ": \"" + GetParam().value + "\"\n");
  ExpectValue(Parse({"--config-file", file}, environment));
}

TEST_P(SettingTest, DefaultIsThatOfTheTable) {
  if (GetParam().flag == "--docspace-url") return;  // It has no default.
  const auto defaults = Parse({"--docspace-url", kPortalUrl});
  ASSERT_TRUE(defaults.ok());
  EXPECT_EQ(GetParam().read(*defaults), GetParam().read(Config()));
}

INSTANTIATE_TEST_SUITE_P(All, SettingTest, ::testing::ValuesIn(Examples()),
                         [](const auto& example) { return TestName(example.param.flag); });

TEST(SettingsTable, HasAnExampleOfEverySetting) {
  std::set<std::string_view> flags = {"--config-file"};
  for (const Example& example : Examples()) flags.insert(example.flag);
  for (const Setting& setting : SettingsTable()) {
    EXPECT_TRUE(flags.contains(setting.name.flag)) << setting.name.flag;
  }
  EXPECT_EQ(flags.size(), SettingsTable().size());
}

TEST(SettingsTable, NamesVariablesLikeFlags) {
  for (const Setting& setting : SettingsTable()) {
    if (setting.name.flag == "--docspace-url") continue;
    std::string variable = "DOCSPACE_";
    for (const char c : setting.name.key()) {
      variable += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    }
    EXPECT_EQ(setting.name.environment, variable);
  }
}

struct WrongValues {
  const char* flag;
  std::vector<std::string> values;
};

// Every value that can contain "planted" does; no message may repeat it.
std::vector<WrongValues> AllWrongValues() {
  const std::vector<std::string> times = {"",    "planted",    "30",  "-1s", "0",
                                          "25h", "1s planted", "inf", "1e3s"};
  const std::vector<std::string> no_times = {"", "planted", "30", "-1s", "25h", "inf"};
  const std::vector<std::string> numbers = {
      "",    "planted", "-1",        "1.5",  "1.5e-1", "inf",
      "nan", " 1",      "1 planted", "0x10", "+1",     "99999999999999999999999"};
  const std::vector<std::string> files = {"/no/such/planted", "/", "planted"};
  return {
      {"--docspace-url",
       {"planted", "portal.example", "ftp://portal.example/planted",
        "https://user:planted@portal.example", "https://portal.example/?token=planted",
        "https://portal.example#planted", "https://", "http://portal.example:99999",
        "http://portal.example:planted", "https://portal.example/\r\nplanted"}},
      {"--config-file", {"/no/such/planted", "/"}},
      {"--portals",
       {"planted", "=https://planted.example", "planted!=https://a.example", "a=planted",
        "default=https://planted.example", "a=https://a.example,a=https://planted.example",
        "planted=https://a.example,planted=https://b.example", "planted=ftp://a.example",
        "a=https://a.example;planted=b", "a=https://a.example;host=planted/x",
        "a=https://a.example;server-name=planted:x", "a=https://a.example;proxy=planted",
        "a=https://a.example;headers-file=/no/such/planted",
        "a=https://a.example;proxy-credential-file=/no/such/planted",
        "a=https://user:planted@a.example", ","}},
      {"--portal-host", {"planted/", "user@planted", "planted:x", "planted\r\nx"}},
      {"--portal-server-name", {"planted/", "planted x", "planted_\r"}},
      {"--portal-proxy",
       {"planted", "https://planted:1", "http://planted", "http://user:planted@proxy.example:1",
        "http://planted:x", "http://planted:1/x", "Environment planted"}},
      {"--portal-proxy-credential-file", files},
      {"--portal-headers-file", files},
      {"--forward-client-address", {"", "planted", "yes"}},
      {"--portal-min-tls", {"", "planted", "1.1", "1"}},
      {"--health-listen", {"planted", "0.0.0.0", ":50051", "0.0.0.0:planted"}},
      {"--channelz-listen", {"planted", "0.0.0.0", ":50051", "0.0.0.0:planted"}},
      {"--readiness-needs-portal", {"", "planted", "yes"}},
      {"--caller-tls-client-auth", {"", "planted", "none"}},
      {"--allowed-callers",
       {",planted", "planted,", "a,,planted", "planted/*", "spiffe://Planted/a",
        "a.example,spiffe://planted/../a", "*.planted"}},
      {"--admin-hosts", {",planted", "planted,", "planted:9464/", "planted/", "a,planted b"}},
      {"--listen",
       {"", "planted", "0.0.0.0", ":50051", "0.0.0.0:", "0.0.0.0:planted", "0.0.0.0:65536",
        "0.0.0.0:99999", "0.0.0.0:-1", "0.0.0.0:+1", "0.0.0.0:99999999999999999999"}},
      {"--caller-tls-names", {",planted", "planted,", "planted/", "a,*.planted"}},
      {"--caller-tls-certificate-file", files},
      {"--caller-tls-private-key-file", files},
      {"--caller-tls-client-ca-file", files},
      {"--caller-tls-client-crl-file", files},
      {"--reflection", {"", "planted", "yes"}},
      {"--tls-refresh", times},
      {"--request-timeout", times},
      {"--portal-connect-timeout", times},
      {"--portal-ca-file", files},
      {"--portal-certificate-file", files},
      {"--portal-private-key-file", files},
      {"--portal-max-connections", numbers},
      {"--portal-idle-timeout", times},
      {"--portal-connection-max-age", times},
      {"--portal-dns-refresh", times},
      {"--portal-max-response-bytes", numbers},
      {"--threads", numbers},
      {"--caller-max-connections", numbers},
      {"--max-in-flight", numbers},
      {"--max-reads-per-credential", numbers},
      {"--max-writes-per-credential", numbers},
      {"--adaptive-limit", {"", "planted", "yes", "1", "ON "}},
      {"--require-permissions", {"", "planted", "yes", "1", "ON "}},
      {"--portal-share-connections", {"", "planted", "no", "0", "oFF"}},
      {"--max-buffered-bytes", numbers},
      {"--caller-max-request-bytes", numbers},
      {"--caller-max-metadata-bytes", numbers},
      {"--caller-max-streams", numbers},
      {"--max-grpc-memory", numbers},
      {"--caller-connection-max-age", times},
      {"--drain-delay", no_times},
      {"--drain-grace", no_times},
      {"--trace-endpoint",
       {"planted", "planted:4317", "ftp://planted", "http://planted:4317/v1/traces",
        "http://a:planted@b:4317"}},
      {"--trace-ca-file", files},
      {"--trace-headers-file", {"/no/such/planted", "/", "planted"}},
      {"--trace-timeout", times},
      {"--trace-parent-decides", {"", "planted", "yes"}},
      {"--trace-resource-attributes",
       {"planted", "a=planted,planted", "a=planted%", "a=planted%2", "a=%zzplanted", "=planted",
        "plan ted=a", "service.name=planted", "a=planted%ff"}},
      {"--trace-sample-ratio",
       {"", "planted", "-0.1", "1.1", "nan", "inf", "0.5x", "1e-05x", "+0.5"}},
      {"--trace-rate-limit", numbers},
      {"--log-format", {"", "planted", "JSON"}},
      {"--log-level", {"", "planted", "trace", "warn", "INFO"}},
      {"--log-peers", {"", "planted", "yes"}},
  };
}

class WrongValuesTest : public ::testing::TestWithParam<WrongValues> {};

TEST_P(WrongValuesTest, AreRefusedByNameAndSourceButNotRepeated) {
  const std::string flag = GetParam().flag;
  const std::string variable(FindSetting(flag).name.environment);
  for (const std::string& value : GetParam().values) {
    const auto by_flag = Parse({flag + "=" + value}, EnvironmentFor(flag));
    EXPECT_EQ(by_flag.status().code(), absl::StatusCode::kInvalidArgument) << value;
    EXPECT_THAT(std::string(by_flag.status().message()),
                AllOf(HasSubstr(flag), Not(HasSubstr("planted"))));

    if (value.empty()) continue;  // An empty variable counts as unset.
    Environment environment = EnvironmentFor(flag);
    environment[variable] = value;
    const auto by_variable = Parse({}, environment);
    EXPECT_EQ(by_variable.status().code(), absl::StatusCode::kInvalidArgument) << value;
    EXPECT_THAT(std::string(by_variable.status().message()),
                AllOf(StartsWith(variable), Not(HasSubstr("planted"))));
  }
}

INSTANTIATE_TEST_SUITE_P(All, WrongValuesTest, ::testing::ValuesIn(AllWrongValues()),
                         [](const auto& wrong) { return TestName(wrong.param.flag); });

// Helm renders numbers as Go does, and YAML reads `off` and `on` as booleans.
struct Spelling {
  const char* name;
  const char* flag;
  const char* value;
  std::string (*read)(const Config& config);
  const char* expected;
};

class SpellingTest : public ::testing::TestWithParam<Spelling> {};

TEST_P(SpellingTest, IsAcceptedIfItMeansTheSame) {
  const auto config = Parse({"--docspace-url", kPortalUrl, GetParam().flag, GetParam().value});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(GetParam().read(*config), GetParam().expected);
}

std::string BufferedBytes(const Config& config) {
  return std::to_string(config.limits.max_buffered_bytes);
}
std::string Ratio(const Config& config) {
  return std::to_string(config.tracing.sample_ratio * 1e6);
}
std::string Peers(const Config& config) { return config.log.peers ? "on" : "off"; }
std::string Level(const Config& config) { return config.log.level; }

INSTANTIATE_TEST_SUITE_P(
    All, SpellingTest,
    ::testing::Values(Spelling{"LargeNumber", "--max-buffered-bytes", "2.68435456e+08",
                               BufferedBytes, "268435456"},
                      Spelling{"WholeFraction", "--max-buffered-bytes", "2097152.0", BufferedBytes,
                               "2097152"},
                      Spelling{"SmallRatio", "--trace-sample-ratio", "1e-05", Ratio, "10.000000"},
                      Spelling{"WholeRatio", "--trace-sample-ratio", "1", Ratio, "1000000.000000"},
                      Spelling{"On", "--log-peers", "On", Peers, "on"},
                      Spelling{"UpperOn", "--log-peers", "ON", Peers, "on"},
                      Spelling{"True", "--log-peers", "true", Peers, "on"},
                      Spelling{"CapitalTrue", "--log-peers", "True", Peers, "on"},
                      Spelling{"Off", "--log-peers", "Off", Peers, "off"},
                      Spelling{"False", "--log-peers", "false", Peers, "off"},
                      Spelling{"UpperFalse", "--log-peers", "FALSE", Peers, "off"},
                      Spelling{"LevelOffAsYamlReadsIt", "--log-level", "false", Level, "off"},
                      Spelling{"LevelOffInCapitals", "--log-level", "OFF", Level, "off"}),
    [](const auto& spelling) { return std::string(spelling.param.name); });

}  // namespace
}  // namespace docspace::gateway
