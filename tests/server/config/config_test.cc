#include "server/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

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

absl::StatusOr<ParsedConfig> ParseAll(const std::vector<std::string>& arguments,
                                      const Environment& environment = {}) {
  return ParseConfig(arguments, [&environment](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

absl::StatusOr<Config> Parse(const std::vector<std::string>& arguments,
                             const Environment& environment = {}) {
  auto parsed = ParseAll(arguments, environment);
  if (!parsed.ok()) return parsed.status();
  return std::move(parsed->config);
}

constexpr const char* kUrl = "https://portal.example";

// A value that a setting may have, and what is then in the configuration.
struct Example {
  const char* flag;
  std::string value;
  std::string (*read)(const Config& config);
  std::string expected;
};

// Each with a line end.
std::string Lines(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += text + "\n";
  return lines;
}

std::string Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

// A file that is there.
std::string File() {
  std::string path = ::testing::TempDir() + "/config_test_file";
  std::ofstream(path) << "x";
  return path;
}

// A configuration file that says `text`.
std::string ConfigFile(const std::string& text) {
  std::string path = ::testing::TempDir() + "/config_test.yaml";
  std::ofstream(path) << text;
  return path;
}

std::vector<Example> Examples() {
  const auto number = [](const char* flag, const char* value, std::string (*read)(const Config&)) {
    return Example{flag, value, read, value};
  };
  return {
      {"--config-file", ConfigFile(""), [](const Config& c) { return c.config_file; },
       ConfigFile("")},
      {"--portals",
       "a=http://a.example/base,b-1=https://10.0.0.7:8443;host=b.example:1;server-name=b",
       [](const Config& c) {
         std::string text;
         for (const auto& [name, origin] : c.portal.named) {
           text += name + " " + origin.Url() + " " + origin.Authority() + " " +
                   origin.ServerName() + "\n";
         }
         return text;
       },
       "a http://a.example/base a.example a.example\n"
       "b-1 https://10.0.0.7:8443 b.example:1 b\n"},
      {"--portal-host", "docs.example:8080",
       [](const Config& c) { return c.portal.origin.host_header; }, "docs.example:8080"},
      {"--portal-server-name", "docs.example",
       [](const Config& c) { return c.portal.origin.server_name; }, "docs.example"},
      {"--portal-min-tls", "1.3", [](const Config& c) { return std::to_string(c.portal.min_tls); },
       std::to_string(TLS1_3_VERSION)},
      {"--health-listen", "127.0.0.1:0", [](const Config& c) { return c.listen.health; },
       "127.0.0.1:0"},
      {"--channelz-listen", "127.0.0.1:0", [](const Config& c) { return c.listen.channelz; },
       "127.0.0.1:0"},
      {"--readiness-needs-portal", "off",
       [](const Config& c) { return std::to_string(c.listen.readiness_needs_portal); }, "0"},
      {"--tls-client-auth", "optional",
       [](const Config& c) { return std::to_string(c.tls.callers_need_certificate); }, "0"},
      {"--allowed-callers", "spiffe://example.org/a,spiffe://example.org/b/*",
       [](const Config& c) { return Lines(c.tls.allowed_callers); },
       "spiffe://example.org/a\nspiffe://example.org/b/*\n"},
      {"--docspace-url", "http://portal.example:8080/base",
       [](const Config& c) { return c.portal.origin.Authority() + c.portal.origin.base_path; },
       "portal.example:8080/base"},
      {"--listen", "[::1]:0", [](const Config& c) { return c.listen.address; }, "[::1]:0"},
      {"--tls-certificate-file", File(),
       [](const Config& c) { return c.tls.certificates.certificate_file; }, File()},
      {"--tls-private-key-file", File(),
       [](const Config& c) { return c.tls.certificates.private_key_file; }, File()},
      {"--tls-names", "gateway.example,10.0.0.1",
       [](const Config& c) { return Lines(c.tls.certificates.names); },
       "gateway.example\n10.0.0.1\n"},
      {"--tls-client-ca-file", File(), [](const Config& c) { return c.tls.certificates.ca_file; },
       File()},
      {"--reflection", "off", [](const Config& c) { return std::to_string(c.listen.reflection); },
       "0"},
      {"--tls-refresh", "5s", [](const Config& c) { return Milliseconds(c.tls.refresh); }, "5000"},
      {"--request-timeout", "1m30s",
       [](const Config& c) { return Milliseconds(c.limits.request_timeout); }, "90000"},
      {"--connect-timeout", "250ms",
       [](const Config& c) { return Milliseconds(c.portal.connect.timeout); }, "250"},
      {"--portal-ca-file", File(), [](const Config& c) { return c.portal.certificates.ca_file; },
       File()},
      {"--portal-certificate-file", File(),
       [](const Config& c) { return c.portal.certificates.certificate_file; }, File()},
      {"--portal-private-key-file", File(),
       [](const Config& c) { return c.portal.certificates.private_key_file; }, File()},
      number("--max-connections", "7",
             [](const Config& c) { return std::to_string(c.portal.pool.max_connections); }),
      {"--idle-timeout", "5s",
       [](const Config& c) { return Milliseconds(c.portal.pool.idle_timeout); }, "5000"},
      {"--max-connection-use", "1h",
       [](const Config& c) { return Milliseconds(c.portal.pool.max_age); }, "3600000"},
      {"--dns-refresh", "10s", [](const Config& c) { return Milliseconds(c.portal.dns_refresh); },
       "10000"},
      number("--max-response-bytes", "4096",
             [](const Config& c) { return std::to_string(c.portal.client.response.body_bytes); }),
      number("--threads", "3", [](const Config& c) { return std::to_string(c.threads); }),
      number("--max-caller-connections", "12",
             [](const Config& c) { return std::to_string(c.limits.max_caller_connections); }),
      number("--max-in-flight", "9",
             [](const Config& c) { return std::to_string(c.limits.max_in_flight); }),
      {"--require-permissions", "on",
       [](const Config& c) { return std::string(c.require_permissions ? "on" : "off"); }, "on"},
      number("--max-reads-per-credential", "50",
             [](const Config& c) { return std::to_string(c.limits.max_reads_per_credential); }),
      number("--max-writes-per-credential", "15",
             [](const Config& c) { return std::to_string(c.limits.max_writes_per_credential); }),
      {"--share-portal-connections", "off",
       [](const Config& c) { return std::string(c.portal.pool.share ? "on" : "off"); }, "off"},
      {"--adaptive-limit", "on",
       [](const Config& c) { return std::string(c.limits.adaptive_limit ? "on" : "off"); }, "on"},
      number("--max-buffered-bytes", "1048576",
             [](const Config& c) { return std::to_string(c.limits.max_buffered_bytes); }),
      number("--max-request-bytes", "2048",
             [](const Config& c) { return std::to_string(c.limits.max_request_bytes); }),
      number("--max-metadata-bytes", "8192",
             [](const Config& c) { return std::to_string(c.limits.max_metadata_bytes); }),
      number("--max-streams", "11",
             [](const Config& c) { return std::to_string(c.limits.max_streams); }),
      number("--max-grpc-memory", "33554432",
             [](const Config& c) { return std::to_string(c.limits.max_grpc_memory); }),
      {"--max-connection-age", "2m",
       [](const Config& c) { return Milliseconds(c.limits.max_connection_age); }, "120000"},
      {"--drain-delay", "0", [](const Config& c) { return Milliseconds(c.drain.delay); }, "0"},
      {"--drain-grace", "7s", [](const Config& c) { return Milliseconds(c.drain.grace); }, "7000"},
      {"--trace-endpoint", "https://collector.example:4317",
       [](const Config& c) { return c.tracing.collector.Url(); }, "https://collector.example:4317"},
      {"--trace-ca-file", File(), [](const Config& c) { return c.tracing.certificates.ca_file; },
       File()},
      {"--trace-sample-ratio", "0.25",
       [](const Config& c) { return std::to_string(c.tracing.sample_ratio); }, "0.250000"},
      number("--trace-rate-limit", "7",
             [](const Config& c) { return std::to_string(c.tracing.rate_limit); }),
      {"--trace-service-name", "name", [](const Config& c) { return c.tracing.service_name; },
       "name"},
      {"--log-format", "console", [](const Config& c) { return c.log.format; }, "console"},
      {"--log-level", "debug", [](const Config& c) { return c.log.level; }, "debug"},
      {"--log-peers", "off",
       [](const Config& c) { return std::string(c.log.peers ? "on" : "off"); }, "off"},
      {"--ready-file", "/run/ready", [](const Config& c) { return c.listen.ready_file; },
       "/run/ready"},
      {"--admin-listen", "[::1]:0", [](const Config& c) { return c.admin.listen; }, "[::1]:0"},
      {"--admin-hosts", "gateway.example,gateway",
       [](const Config& c) { return Lines(c.admin.hosts); }, "gateway.example\ngateway\n"},
      {"--admin-ready-file", "/run/admin", [](const Config& c) { return c.admin.ready_file; },
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
  if (flag.starts_with("--portal-") && flag.ends_with("-file") && !flag.ends_with("-ca-file")) {
    rest["DOCSPACE_PORTAL_CERTIFICATE_FILE"] = File();
    rest["DOCSPACE_PORTAL_PRIVATE_KEY_FILE"] = File();
  }
  if (flag.starts_with("--tls-") && flag.ends_with("-file")) {
    rest["DOCSPACE_TLS_CERTIFICATE_FILE"] = File();
    rest["DOCSPACE_TLS_PRIVATE_KEY_FILE"] = File();
  }
  if (flag == "--allowed-callers") {
    rest = {{"DOCSPACE_URL", kUrl},
            {"DOCSPACE_TLS_CERTIFICATE_FILE", File()},
            {"DOCSPACE_TLS_PRIVATE_KEY_FILE", File()},
            {"DOCSPACE_TLS_CLIENT_CA_FILE", File()}};
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

TEST(Config, ReadsEverySettingFromTheFile) {
  for (const Example& example : Examples()) {
    const std::string_view flag = example.flag;
    if (flag == "--config-file") continue;
    const std::string file =
        ConfigFile(std::string(flag.substr(2)) + ": \"" + example.value + "\"\n");
    const auto config = Parse({"--config-file", file}, Rest(example));
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(example.read(*config), example.expected) << flag;
  }
}

TEST(Config, PutsFlagsOverTheEnvironmentOverTheFileAndSaysSo) {
  const std::string file =
      ConfigFile("# Of the operator.\nmax-streams: 1\nmax-in-flight: 2\nmax-connections: 3\n");
  const auto parsed =
      ParseAll({"--config-file", file, "--max-streams", "7"}, {{"DOCSPACE_URL", kUrl},
                                                               {"DOCSPACE_MAX_STREAMS", "planted"},
                                                               {"DOCSPACE_MAX_IN_FLIGHT", "8"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Config& config = parsed->config;
  EXPECT_EQ(config.limits.max_streams, 7U);
  EXPECT_EQ(config.limits.max_in_flight, 8U);
  EXPECT_EQ(config.portal.pool.max_connections, 3U);
  const std::string printed = PrintedConfig(*parsed);
  EXPECT_THAT(printed, HasSubstr("# config-file: " + file + "\n"));
  EXPECT_THAT(printed, HasSubstr("max-streams: \"7\"  # --max-streams\n"));
  EXPECT_THAT(printed, HasSubstr("max-in-flight: \"8\"  # DOCSPACE_MAX_IN_FLIGHT\n"));
  EXPECT_THAT(printed, HasSubstr("max-connections: \"3\"  # line 4 of the file\n"));
  EXPECT_THAT(printed, HasSubstr("tls-refresh: \"60s\"  # default\n"));
}

TEST(Config, WhatIsPrintedIsAConfigurationFileOfTheSame) {
  for (const Example& example : Examples()) {
    const auto parsed = ParseAll({example.flag, example.value}, Rest(example));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    const auto again = Parse({"--config-file", ConfigFile(PrintedConfig(*parsed))});
    ASSERT_TRUE(again.ok()) << again.status();
    if (std::string_view(example.flag) == "--config-file") continue;
    EXPECT_EQ(example.read(*again), example.expected) << example.flag;
  }
}

TEST(Config, TakesPortalsAndCallersFromTheFileAsMapsAndLists) {
  const auto config =
      Parse({"--config-file", ConfigFile(R"(
docspace-url: https://docs.example
portals:
  acme: https://acme.example
  beta: {host: beta.example, url: "https://10.0.0.7", server-name: beta.example}
tls-certificate-file: )" + File() + "\ntls-private-key-file: " +
                                         File() + "\ntls-client-ca-file: " + File() + R"(
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

TEST(Config, RefusesAFileThatIsWrongByItsLineWithoutRepeatingIt) {
  const std::pair<const char*, const char*> wrong[] = {
      {"docspace-url: https://a.example\nplanted: 1\n", "line 2"},
      {"max-streams: 1\n\nmax-streams: 1\n", "line 3"},
      {"- planted\n", "line 1"},
      {"planted\n", "line 1"},
      {"max-streams: [1, \n", "line "},
      {"max-streams: {planted: {a: 1}, planted: 2}\n", "line 1"},
      {"portals: {a: [planted]}\n", "line 1"},
      {"portals: {a: 'https://a.example,planted=https://b.example'}\n", "line 1"},
      {"config-file: planted\n", "config-file"},
      {"max-streams: planted\n", "max-streams (line 1 of the file)"},
      {"max-streams:\n", "max-streams (line 1 of the file)"},
  };
  for (const auto& [text, where] : wrong) {
    const auto config = Parse({"--config-file", ConfigFile(text)}, {{"DOCSPACE_URL", kUrl}});
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(config.status().message()),
                AllOf(HasSubstr(where), Not(HasSubstr("planted"))))
        << text;
  }
}

TEST(Config, RefusesAFileOfMoreThanAMebibyte) {
  const std::string file = ConfigFile(std::string(1024 * 1024 + 1, '#'));
  EXPECT_FALSE(Parse({"--config-file", file}, {{"DOCSPACE_URL", kUrl}}).ok());
}

TEST(Config, NamesOfPortalsDoWithoutAUrlOfTheirOwn) {
  const auto config = Parse({"--portals", "a=https://a.example"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Portals().size(), 1U);
  EXPECT_FALSE(Parse({"--portals", "a=https://a.example", "--portal-host", "b"}).ok());
}

TEST(Config, AllowedCallersNeedCertificates) {
  const auto config = Parse({"--docspace-url", kUrl, "--allowed-callers", "jobs.example"});
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("--tls-client-ca-file"));
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
    const std::string_view flag = example.flag;
    if (flag == "--docspace-url") continue;
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
        "a=https://a.example;server-name=planted:x", "a=https://user:planted@a.example", ","}},
      {"--portal-host", {"planted/", "user@planted", "planted:x", "planted\r\n"}},
      {"--portal-server-name", {"planted/", "planted x", "planted_\r"}},
      {"--portal-min-tls", {"", "planted", "1.1", "1"}},
      {"--health-listen", {"planted", "0.0.0.0", ":50051", "0.0.0.0:planted"}},
      {"--channelz-listen", {"planted", "0.0.0.0", ":50051", "0.0.0.0:planted"}},
      {"--readiness-needs-portal", {"", "planted", "yes"}},
      {"--tls-client-auth", {"", "planted", "none"}},
      {"--allowed-callers",
       {",planted", "planted,", "a,,planted", "planted/*", "spiffe://Planted/a",
        "a.example,spiffe://planted/../a", "*.planted"}},
      {"--admin-hosts", {",planted", "planted,", "planted:9464/", "planted/", "a,planted b"}},
      {"--listen",
       {"", "planted", "0.0.0.0", ":50051", "0.0.0.0:", "0.0.0.0:planted", "0.0.0.0:65536",
        "0.0.0.0:99999", "0.0.0.0:-1", "0.0.0.0:+1", "0.0.0.0:99999999999999999999"}},
      {"--tls-names", {",planted", "planted,", "planted/", "a,*.planted"}},
      {"--tls-certificate-file", files},
      {"--tls-private-key-file", files},
      {"--tls-client-ca-file", files},
      {"--reflection", {"", "planted", "yes"}},
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
      {"--max-reads-per-credential", numbers},
      {"--max-writes-per-credential", numbers},
      {"--adaptive-limit", {"", "planted", "On", "1"}},
      {"--require-permissions", {"", "planted", "On", "1"}},
      {"--share-portal-connections", {"", "planted", "Off", "0"}},
      {"--max-buffered-bytes", numbers},
      {"--max-request-bytes", numbers},
      {"--max-metadata-bytes", numbers},
      {"--max-streams", numbers},
      {"--max-grpc-memory", numbers},
      {"--max-connection-age", times},
      {"--drain-delay", no_times},
      {"--drain-grace", no_times},
      {"--trace-endpoint",
       {"planted", "planted:4317", "ftp://planted", "http://planted:4317/v1/traces",
        "http://a:planted@b:4317"}},
      {"--trace-ca-file", files},
      {"--trace-sample-ratio", {"", "planted", "-0.1", "1.1", "nan", "inf", "1e-2", "0.5x"}},
      {"--trace-rate-limit", numbers},
      {"--log-format", {"", "planted", "JSON"}},
      {"--log-level", {"", "planted", "trace", "warn", "INFO"}},
      {"--log-peers", {"", "planted", "yes"}},
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
      {"--planted\n"},
      {"--Planted"},
      {"--token:planted"},
      {"--planted1"},
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
