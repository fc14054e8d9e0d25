#include "server/config/render_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/server/config/examples.h"
#include "tests/server/config/parse.h"

namespace docspace::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testkit::ConfigFile;
using testkit::EnvironmentFor;
using testkit::Example;
using testkit::Examples;
using testkit::kPortalUrl;
using testkit::Parse;
using testkit::ParseAll;

TEST(PrintedConfig, StatesTheSourceOfEachValue) {
  const std::string file = ConfigFile("caller-max-streams: 1\n\nportal-max-connections: 3\n");
  const auto parsed = ParseAll({"--config-file", file, "--caller-max-streams", "7"},
                               {{"DOCSPACE_URL", kPortalUrl}, {"DOCSPACE_MAX_IN_FLIGHT", "8"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const std::string printed = PrintedConfig(*parsed);
  EXPECT_THAT(printed, HasSubstr("# config-file: " + file + "\n"));
  EXPECT_THAT(printed, HasSubstr("caller-max-streams: \"7\"  # --caller-max-streams\n"));
  EXPECT_THAT(printed, HasSubstr("max-in-flight: \"8\"  # DOCSPACE_MAX_IN_FLIGHT\n"));
  EXPECT_THAT(printed, HasSubstr("portal-max-connections: \"3\"  # line 3 of the file\n"));
  EXPECT_THAT(printed, HasSubstr("tls-refresh: \"60s\"  # default\n"));
}

TEST(PrintedConfig, IsAConfigurationFileOfTheSame) {
  for (const Example& example : Examples()) {
    const auto parsed =
        ParseAll({std::string(example.flag), example.value}, EnvironmentFor(example.flag));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    const auto again = Parse({"--config-file", ConfigFile(PrintedConfig(*parsed))});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(example.read(*again), example.expected) << example.flag;
  }
}

TEST(Usage, AndTheReferenceNameEverySetting) {
  for (const Setting& setting : SettingsTable()) {
    for (const std::string& text : {Usage(), ReferenceTable()}) {
      EXPECT_THAT(text, HasSubstr(std::string(setting.name.flag)));
      EXPECT_THAT(text, HasSubstr(std::string(setting.name.environment)));
      EXPECT_THAT(text, HasSubstr(std::string(setting.default_value)));
      EXPECT_THAT(text, HasSubstr(std::string(setting.help)));
    }
  }
}

TEST(Usage, HidesDeprecatedNames) {
  for (const Setting& setting : SettingsTable()) {
    if (setting.former.flag.empty()) continue;
    EXPECT_THAT(Usage(), Not(HasSubstr("  " + std::string(setting.former.flag) + " ")));
    EXPECT_THAT(DeprecatedNamesTable(), HasSubstr("`" + std::string(setting.former.flag) + "`"));
  }
}

}  // namespace
}  // namespace docspace::gateway
