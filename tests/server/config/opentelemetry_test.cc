// The variables of OpenTelemetry's specification, by their effect on the configuration.
#include "server/config/opentelemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/config/render_config.h"
#include "tests/server/config/parse.h"

namespace docspace::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using testkit::Environment;
using testkit::ExistingFile;
using testkit::kPortalUrl;

// Returns the configuration by these variables and arguments, which must be accepted.
ParsedConfig With(Environment variables, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--docspace-url", kPortalUrl});
  auto parsed = testkit::ParseAll(arguments, variables);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

std::string CollectorOf(const ParsedConfig& parsed) {
  const http::Origin& collector = parsed.config.tracing.collector;
  return collector.host.empty() ? "" : collector.Url();
}

TEST(OpenTelemetry, GivesTheEndpoint) {
  const auto general = With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:4317"}});
  EXPECT_EQ(CollectorOf(general), "http://general:4317");
  EXPECT_THAT(general.warnings, IsEmpty());
  EXPECT_EQ(CollectorOf(With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:4317"},
                              {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces:4317/"}})),
            "https://traces:4317");
  EXPECT_EQ(CollectorOf(With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:4317\n"},
                              {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ""}})),
            "http://general:4317");
}

TEST(OpenTelemetry, AnEndpointWithoutASchemeIsSecureUnlessItIsSaidNotToBe) {
  EXPECT_EQ(CollectorOf(With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "general:4317"}})),
            "https://general:4317");
  EXPECT_EQ(CollectorOf(With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "general:4317"},
                              {"OTEL_EXPORTER_OTLP_INSECURE", "TRUE"}})),
            "http://general:4317");
  EXPECT_EQ(CollectorOf(With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "general:4317"},
                              {"OTEL_EXPORTER_OTLP_INSECURE", "true"},
                              {"OTEL_EXPORTER_OTLP_TRACES_INSECURE", "false"}})),
            "https://general:4317");
}

TEST(OpenTelemetry, CountsAfterOurOwnSettings) {
  const Environment environment = {
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:4317"},
      {"OTEL_SERVICE_NAME", "theirs"},
      {"OTEL_TRACES_SAMPLER", "always_off"},
      {"OTEL_SDK_DISABLED", "true"},
      {"DOCSPACE_TRACE_SERVICE_NAME", "ours"},
  };
  const auto parsed = With(environment, {"--trace-endpoint", "http://ours:4317", "--config-file",
                                         testkit::ConfigFile("trace-sample-ratio: 0.5\n")});
  EXPECT_EQ(CollectorOf(parsed), "http://ours:4317");
  EXPECT_EQ(parsed.config.tracing.service_name, "ours");
  EXPECT_EQ(parsed.config.tracing.sample_ratio, 0.5);
  // One half of a sampler would be a third one that nobody has chosen.
  EXPECT_TRUE(parsed.config.tracing.parent_decides);
}

TEST(OpenTelemetry, CanSwitchTheExportOff) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"OTEL_SDK_DISABLED", "True"}, {"OTEL_TRACES_EXPORTER", "none"}}) {
    const auto parsed = With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"}, {name, value}});
    EXPECT_EQ(CollectorOf(parsed), "") << name;
    EXPECT_THAT(parsed.warnings, IsEmpty());
  }
  for (const char* value : {"", "false", "FALSE"}) {
    const auto parsed =
        With({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"}, {"OTEL_SDK_DISABLED", value}});
    EXPECT_EQ(CollectorOf(parsed), "http://a:4317") << value;
    EXPECT_THAT(parsed.warnings, IsEmpty());
  }
}

TEST(OpenTelemetry, GivesTheSampler) {
  struct Case {
    const char* sampler;
    const char* argument;
    double ratio;
    bool parent_decides;
  };
  for (const Case& each :
       {Case{"always_on", "", 1, false}, Case{"always_off", "0.5", 0, false},
        Case{"traceidratio", "0.25", 0.25, false}, Case{"traceidratio", "", 1, false},
        Case{"parentbased_always_on", "", 1, true}, Case{"parentbased_always_off", "", 0, true},
        Case{"parentbased_traceidratio", "1e-3", 0.001, true}}) {
    const auto parsed =
        With({{"OTEL_TRACES_SAMPLER", each.sampler}, {"OTEL_TRACES_SAMPLER_ARG", each.argument}});
    EXPECT_EQ(parsed.config.tracing.sample_ratio, each.ratio) << each.sampler;
    EXPECT_EQ(parsed.config.tracing.parent_decides, each.parent_decides) << each.sampler;
    EXPECT_THAT(parsed.warnings, IsEmpty()) << each.sampler;
  }
  EXPECT_EQ(With({{"OTEL_TRACES_SAMPLER_ARG", "0.5"}}).config.tracing.sample_ratio,
            Config().tracing.sample_ratio);
}

TEST(OpenTelemetry, NamesTheServiceAndItsAttributes) {
  const auto parsed = With(
      {{"OTEL_RESOURCE_ATTRIBUTES",
        " service.name = theirs , deployment.environment=pre%20prod,service.instance.id=pod-1"}});
  EXPECT_EQ(parsed.config.tracing.service_name, "theirs");
  EXPECT_THAT(parsed.config.tracing.resource_attributes,
              ElementsAre(Pair("deployment.environment", "pre prod"),
                          Pair("service.instance.id", "pod-1")));
  EXPECT_EQ(
      With({{"OTEL_SERVICE_NAME", "named"}, {"OTEL_RESOURCE_ATTRIBUTES", "service.name=theirs"}})
          .config.tracing.service_name,
      "named");
}

TEST(OpenTelemetry, GivesHeadersThatAreNeverShown) {
  const auto parsed =
      With({{"OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20planted, x-scope = keys "}});
  const auto& headers = parsed.config.tracing.headers;
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].name, "authorization");
  EXPECT_EQ(headers[0].value.Reveal(), "Bearer planted");
  EXPECT_EQ(headers[1].name, "x-scope");
  EXPECT_EQ(headers[1].value.Reveal(), "keys");
  EXPECT_THAT(PrintedConfig(parsed),
              HasSubstr("trace-headers-file: \"\"  # OTEL_EXPORTER_OTLP_HEADERS\n"));
  EXPECT_THAT(PrintedConfig(parsed), Not(HasSubstr("planted")));
  const auto of_traces = With({{"OTEL_EXPORTER_OTLP_HEADERS", "a=general"},
                               {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=traces"}});
  EXPECT_EQ(of_traces.config.tracing.headers.at(0).value.Reveal(), "traces");
}

TEST(OpenTelemetry, HasHeadersInAFileOfOurOwnToo) {
  const auto parsed = With({{"OTEL_EXPORTER_OTLP_HEADERS", "a=theirs"}},
                           {"--trace-headers-file", testkit::HeadersFile("a=ours\n\nb=2,c=3\n")});
  std::string names;
  for (const auto& header : parsed.config.tracing.headers) names += header.name;
  EXPECT_EQ(names, "abc");
  EXPECT_EQ(parsed.config.tracing.headers.at(0).value.Reveal(), "ours");
  for (const std::string& wrong :
       {std::string("planted"), std::string("te=planted"), "a=" + std::string(8192, 'p')}) {
    const auto refused = testkit::Parse(
        {"--docspace-url", kPortalUrl, "--trace-headers-file", testkit::HeadersFile(wrong)});
    EXPECT_THAT(std::string(refused.status().message()),
                ::testing::AllOf(StartsWith("--trace-headers-file names a file"),
                                 Not(HasSubstr("planted"))));
  }
}

TEST(OpenTelemetry, GivesTheTimeoutAndTheAuthorities) {
  const auto parsed = With(
      {{"OTEL_EXPORTER_OTLP_TIMEOUT", "2500"}, {"OTEL_EXPORTER_OTLP_CERTIFICATE", ExistingFile()}});
  EXPECT_EQ(parsed.config.tracing.timeout, std::chrono::milliseconds(2500));
  EXPECT_EQ(parsed.config.tracing.certificates.ca_file, ExistingFile());
}

TEST(OpenTelemetry, AWrongValueIsAWarningAndTheDefault) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://planted"},
      {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://planted:4318/v1/traces"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "planted"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "authorization=planted%0a"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "grpc-timeout=planted"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "content-type=planted"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "planted-bin=a"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "a=planted%zz"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "10s planted"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "0"},
      {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/planted"},
      {"OTEL_TRACES_SAMPLER", "planted"},
      {"OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote"},
      {"OTEL_RESOURCE_ATTRIBUTES", "planted"},
      {"OTEL_RESOURCE_ATTRIBUTES", "service.name=planted,a=%"},
  };
  for (const auto& [name, value] : wrong) {
    const auto parsed = With({{name, value}});
    ASSERT_EQ(parsed.warnings.size(), 1U) << name << "=" << value;
    EXPECT_THAT(parsed.warnings[0], StartsWith(name + " "));
    EXPECT_THAT(parsed.warnings[0], Not(HasSubstr("planted")));
    EXPECT_EQ(PrintedConfig(parsed), PrintedConfig(With({}))) << name << "=" << value;
  }
}

TEST(OpenTelemetry, WarnsOfWhatItDoesNotSupport) {
  const auto endpoint = std::pair("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317");
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"OTEL_SDK_DISABLED", "yes"},
           {"OTEL_TRACES_EXPORTER", "zipkin"},
           {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
           {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"}}) {
    const auto parsed = With({endpoint, {name, value}});
    EXPECT_THAT(parsed.warnings, ElementsAre(StartsWith(name + " "))) << name;
    EXPECT_EQ(CollectorOf(parsed), "http://a:4317") << name;
  }
  const auto argument =
      With({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "many"}});
  EXPECT_THAT(argument.warnings, ElementsAre(StartsWith("OTEL_TRACES_SAMPLER_ARG ")));
  EXPECT_EQ(argument.config.tracing.sample_ratio, 1);
  EXPECT_THAT(With({endpoint, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}).warnings, IsEmpty());
}

TEST(OpenTelemetry, IsNamedInTheDocumentation) {
  for (const Setting& setting : SettingsTable()) {
    for (const std::string_view variable : setting.opentelemetry.variables) {
      EXPECT_THAT(Usage(), HasSubstr(std::string(variable)));
      EXPECT_THAT(ReferenceTable(), HasSubstr("`" + std::string(variable) + "`"));
    }
  }
}

}  // namespace
}  // namespace docspace::gateway
