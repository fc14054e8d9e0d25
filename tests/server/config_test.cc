#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace docspace::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using Environment = std::map<std::string, std::string>;

absl::StatusOr<Config> Parse(const std::vector<std::string>& arguments,
                             const Environment& environment = {}) {
  return ParseConfig(arguments, [&environment](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

constexpr const char* kUrl = "https://portal.example";

// A value that a setting may have, and what is then in the configuration.
struct Example {
  const char* flag;
  std::string value;
  std::string (*read)(const Config& config);
  std::string expected;
};

std::string Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

// A file that is there.
std::string File() {
  std::string path = ::testing::TempDir() + "/config_test_file";
  std::ofstream(path) << "x";
  return path;
}

std::vector<Example> Examples() {
  const auto number = [](const char* flag, const char* value, std::string (*read)(const Config&)) {
    return Example{flag, value, read, value};
  };
  return {
      {"--docspace-url", "http://portal.example:8080/base",
       [](const Config& c) { return c.portal.Authority() + c.portal.base_path; },
       "portal.example:8080/base"},
      {"--listen", "[::1]:0", [](const Config& c) { return c.listen; }, "[::1]:0"},
      {"--tls-certificate-file", File(), [](const Config& c) { return c.tls.certificate_file; },
       File()},
      {"--tls-private-key-file", File(), [](const Config& c) { return c.tls.private_key_file; },
       File()},
      {"--tls-client-ca-file", File(), [](const Config& c) { return c.tls.ca_file; }, File()},
      {"--tls-refresh", "5s", [](const Config& c) { return Milliseconds(c.tls_refresh); }, "5000"},
      {"--request-timeout", "1m30s",
       [](const Config& c) { return Milliseconds(c.request_timeout); }, "90000"},
      {"--connect-timeout", "250ms",
       [](const Config& c) { return Milliseconds(c.connect.timeout); }, "250"},
      {"--portal-ca-file", File(), [](const Config& c) { return c.portal_tls.ca_file; }, File()},
      {"--portal-certificate-file", File(),
       [](const Config& c) { return c.portal_tls.certificate_file; }, File()},
      {"--portal-private-key-file", File(),
       [](const Config& c) { return c.portal_tls.private_key_file; }, File()},
      number("--max-connections", "7",
             [](const Config& c) { return std::to_string(c.pool.max_connections); }),
      {"--idle-timeout", "5s", [](const Config& c) { return Milliseconds(c.pool.idle_timeout); },
       "5000"},
      {"--max-connection-use", "1h", [](const Config& c) { return Milliseconds(c.pool.max_age); },
       "3600000"},
      {"--dns-refresh", "10s", [](const Config& c) { return Milliseconds(c.dns_refresh); },
       "10000"},
      number("--max-response-bytes", "4096",
             [](const Config& c) { return std::to_string(c.client.response.body_bytes); }),
      number("--threads", "3", [](const Config& c) { return std::to_string(c.threads); }),
      number("--max-caller-connections", "12",
             [](const Config& c) { return std::to_string(c.max_caller_connections); }),
      number("--max-in-flight", "9",
             [](const Config& c) { return std::to_string(c.max_in_flight); }),
      {"--adaptive-limit", "on",
       [](const Config& c) { return std::string(c.adaptive_limit ? "on" : "off"); }, "on"},
      number("--max-buffered-bytes", "1048576",
             [](const Config& c) { return std::to_string(c.max_buffered_bytes); }),
      number("--max-request-bytes", "2048",
             [](const Config& c) { return std::to_string(c.max_request_bytes); }),
      number("--max-metadata-bytes", "8192",
             [](const Config& c) { return std::to_string(c.max_metadata_bytes); }),
      number("--max-streams", "11", [](const Config& c) { return std::to_string(c.max_streams); }),
      number("--max-grpc-memory", "33554432",
             [](const Config& c) { return std::to_string(c.max_grpc_memory); }),
      {"--max-connection-age", "2m",
       [](const Config& c) { return Milliseconds(c.max_connection_age); }, "120000"},
      {"--drain-delay", "0", [](const Config& c) { return Milliseconds(c.drain_delay); }, "0"},
      {"--drain-grace", "7s", [](const Config& c) { return Milliseconds(c.drain_grace); }, "7000"},
      {"--log-level", "warning", [](const Config& c) { return c.log_level; }, "warning"},
      {"--ready-file", "/run/ready", [](const Config& c) { return c.ready_file; }, "/run/ready"},
      {"--admin-listen", "[::1]:0", [](const Config& c) { return c.admin_listen; }, "[::1]:0"},
      {"--admin-ready-file", "/run/admin", [](const Config& c) { return c.admin_ready_file; },
       "/run/admin"},
  };
}

const Setting& SettingOf(std::string_view flag) {
  for (const Setting& setting : Settings()) {
    if (setting.flag == flag) return setting;
  }
  throw std::out_of_range("no such setting");
}

// What the example needs beside itself to be a whole configuration.
Environment Rest(const Example& example) {
  Environment rest = {{"DOCSPACE_URL", kUrl}};
  const std::string_view flag = example.flag;
  if (flag.starts_with("--portal-") && !flag.ends_with("-ca-file")) {
    rest["DOCSPACE_PORTAL_CERTIFICATE_FILE"] = File();
    rest["DOCSPACE_PORTAL_PRIVATE_KEY_FILE"] = File();
  }
  if (flag.starts_with("--tls-") && flag.ends_with("-file")) {
    rest["DOCSPACE_TLS_CERTIFICATE_FILE"] = File();
    rest["DOCSPACE_TLS_PRIVATE_KEY_FILE"] = File();
  }
  rest.erase(std::string(SettingOf(example.flag).environment));
  return rest;
}

TEST(Config, EverySettingHasAnExample) {
  std::set<std::string_view> flags;
  for (const Example& example : Examples()) flags.insert(example.flag);
  for (const Setting& setting : Settings())
    EXPECT_TRUE(flags.contains(setting.flag)) << setting.flag;
  EXPECT_EQ(flags.size(), Settings().size());
}

TEST(Config, ReadsEverySettingFromItsFlag) {
  for (const Example& example : Examples()) {
    for (const auto& arguments : {std::vector<std::string>{example.flag, example.value},
                                  {std::string(example.flag) + "=" + example.value}}) {
      const auto config = Parse(arguments, Rest(example));
      ASSERT_TRUE(config.ok()) << config.status();
      EXPECT_EQ(example.read(*config), example.expected) << example.flag;
    }
  }
}

TEST(Config, ReadsEverySettingFromItsEnvironmentVariable) {
  for (const Example& example : Examples()) {
    Environment environment = Rest(example);
    environment[std::string(SettingOf(example.flag).environment)] = example.value;
    const auto config = Parse({}, environment);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(example.read(*config), example.expected) << example.flag;
  }
}

TEST(Config, PutsTheFlagOverTheEnvironmentWhateverThatHolds) {
  for (const Example& example : Examples()) {
    Environment environment = Rest(example);
    environment[std::string(SettingOf(example.flag).environment)] = "not even a value\n";
    const auto config = Parse({example.flag, example.value}, environment);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(example.read(*config), example.expected) << example.flag;
  }
}

TEST(Config, DefaultsAreThoseThatHelpNames) {
  const auto defaults = Parse({"--docspace-url", kUrl});
  ASSERT_TRUE(defaults.ok());
  const Config built;
  for (const Example& example : Examples()) {
    if (std::string_view(example.flag) == "--docspace-url") continue;
    EXPECT_EQ(example.read(*defaults), example.read(built)) << example.flag;
  }
}

struct WrongValues {
  const char* flag;
  std::vector<std::string> values;
};

// "planted" stands in each that has room for it: no message may repeat it.
std::vector<WrongValues> Wrong() {
  const std::vector<std::string> times = {"",    "planted",    "30",  "-1s", "0",
                                          "25h", "1s planted", "inf", "1e3s"};
  const std::vector<std::string> no_times = {"", "planted", "30", "-1s", "25h", "inf"};
  const std::vector<std::string> numbers = {
      "", "planted", "-1", "1.5", " 1", "1 planted", "0x10", "+1", "99999999999999999999999"};
  const std::vector<std::string> files = {"/no/such/planted", "/", "planted"};
  return {
      {"--docspace-url",
       {"", "planted", "portal.example", "ftp://portal.example/planted",
        "https://user:planted@portal.example", "https://portal.example/?token=planted",
        "https://portal.example#planted", "https://", "http://portal.example:99999",
        "http://portal.example:planted", "https://portal.example/\r\nplanted"}},
      {"--listen",
       {"", "planted", "0.0.0.0", ":50051", "0.0.0.0:", "0.0.0.0:planted", "0.0.0.0:65536",
        "0.0.0.0:99999", "0.0.0.0:-1", "0.0.0.0:+1", "0.0.0.0:99999999999999999999"}},
      {"--tls-certificate-file", files},
      {"--tls-private-key-file", files},
      {"--tls-client-ca-file", files},
      {"--tls-refresh", times},
      {"--request-timeout", times},
      {"--connect-timeout", times},
      {"--portal-ca-file", files},
      {"--portal-certificate-file", files},
      {"--portal-private-key-file", files},
      {"--max-connections", numbers},
      {"--idle-timeout", times},
      {"--max-connection-use", times},
      {"--dns-refresh", times},
      {"--max-response-bytes", numbers},
      {"--threads", numbers},
      {"--max-caller-connections", numbers},
      {"--max-in-flight", numbers},
      {"--adaptive-limit", {"", "planted", "true", "On", "1"}},
      {"--max-buffered-bytes", numbers},
      {"--max-request-bytes", numbers},
      {"--max-metadata-bytes", numbers},
      {"--max-streams", numbers},
      {"--max-grpc-memory", numbers},
      {"--max-connection-age", times},
      {"--drain-delay", no_times},
      {"--drain-grace", no_times},
      {"--log-level", {"", "planted", "debug", "INFO"}},
  };
}

TEST(Config, RefusesWrongValuesByNameAndSourceWithoutRepeatingThem) {
  for (const auto& [flag, values] : Wrong()) {
    const std::string environment(SettingOf(flag).environment);
    for (const std::string& value : values) {
      const Example example{flag, value, nullptr, ""};
      const auto by_flag = Parse({std::string(flag) + "=" + value}, Rest(example));
      EXPECT_EQ(by_flag.status().code(), absl::StatusCode::kInvalidArgument)
          << flag << "=" << value;
      EXPECT_THAT(std::string(by_flag.status().message()),
                  AllOf(HasSubstr(flag), Not(HasSubstr("planted"))));

      Environment variables = Rest(example);
      variables[environment] = value;
      const auto by_variable = Parse({}, variables);
      EXPECT_EQ(by_variable.status().code(), absl::StatusCode::kInvalidArgument)
          << environment << "=" << value;
      EXPECT_THAT(std::string(by_variable.status().message()),
                  AllOf(StartsWith(environment), Not(HasSubstr("planted"))));
    }
  }
}

TEST(Config, TheUrlIsRequired) {
  const auto config = Parse({});
  EXPECT_THAT(std::string(config.status().message()),
              AllOf(HasSubstr("--docspace-url"), HasSubstr("DOCSPACE_URL"), HasSubstr("required")));
}

TEST(Config, ACertificateNeedsItsKey) {
  for (const char* flag :
       {"--portal-certificate-file", "--portal-private-key-file", "--tls-certificate-file",
        "--tls-private-key-file", "--tls-client-ca-file"}) {
    const auto config = Parse({"--docspace-url", kUrl, flag, File()});
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(flag));
  }
}

TEST(Config, RefusesWhatIsNoSettingWithoutRepeatingIt) {
  const std::vector<std::string> surplus[] = {
      {"planted"},
      {"https://user:planted@portal.example"},
      {"--other=planted"},
      {"--other", "planted"},
      {"-x", "planted"},
      {"--", "planted"},
      {"--listen"},
      {"--docspace-url", "https://planted.example", "--listen"},
      {"--listen", "127.0.0.1:0", "--listen", "planted"},
  };
  for (std::vector<std::string> arguments : surplus) {
    const auto config = Parse(arguments, {{"DOCSPACE_URL", kUrl}});
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << arguments.front();
    EXPECT_THAT(std::string(config.status().message()),
                AllOf(Not(HasSubstr("planted")), Not(::testing::IsEmpty())));
  }
  EXPECT_THAT(std::string(Parse({"--other=planted"}).status().message()), HasSubstr("--other"));
}

TEST(Config, HelpAndTheReferenceNameEverySetting) {
  for (const Setting& setting : Settings()) {
    for (const std::string& text : {Usage(), ReferenceTable()}) {
      EXPECT_THAT(text, HasSubstr(std::string(setting.flag)));
      EXPECT_THAT(text, HasSubstr(std::string(setting.environment)));
      EXPECT_THAT(text, HasSubstr(std::string(setting.default_value)));
      EXPECT_THAT(text, HasSubstr(std::string(setting.help)));
    }
  }
}

}  // namespace
}  // namespace docspace::gateway
