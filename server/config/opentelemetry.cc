#include "server/config/opentelemetry.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/config/key_values.h"
#include "server/config/trace_settings.h"

namespace docspace::gateway {
namespace {

using Variable = OpenTelemetryVariables::Variable;

constexpr std::string_view kSdkDisabled = "OTEL_SDK_DISABLED";
constexpr std::string_view kExporter = "OTEL_TRACES_EXPORTER";
constexpr std::string_view kProtocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
constexpr std::string_view kTracesProtocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
constexpr std::string_view kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
constexpr std::string_view kTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
constexpr std::string_view kInsecure = "OTEL_EXPORTER_OTLP_INSECURE";
constexpr std::string_view kTracesInsecure = "OTEL_EXPORTER_OTLP_TRACES_INSECURE";
constexpr std::string_view kCertificate = "OTEL_EXPORTER_OTLP_CERTIFICATE";
constexpr std::string_view kTracesCertificate = "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE";
constexpr std::string_view kHeaders = "OTEL_EXPORTER_OTLP_HEADERS";
constexpr std::string_view kTracesHeaders = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
constexpr std::string_view kTimeout = "OTEL_EXPORTER_OTLP_TIMEOUT";
constexpr std::string_view kTracesTimeout = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT";
constexpr std::string_view kSampler = "OTEL_TRACES_SAMPLER";
constexpr std::string_view kSamplerArgument = "OTEL_TRACES_SAMPLER_ARG";
constexpr std::string_view kServiceName = "OTEL_SERVICE_NAME";
constexpr std::string_view kResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";

absl::string_view AsAbseil(std::string_view text) { return {text.data(), text.size()}; }

// Returns whether the variables switch the export of spans off.
bool IsOff(OpenTelemetryVariables& variables) {
  if (variables.IsTrue(kSdkDisabled)) return true;
  const std::optional<Variable> exporter = variables.First({kExporter});
  if (!exporter || exporter->value == "otlp") return false;
  if (exporter->value == "none") return true;
  variables.Warn(kExporter, "names an exporter that the gateway does not have; it exports by OTLP");
  return false;
}

std::optional<OpenTelemetryValue> FindEndpoint(OpenTelemetryVariables& variables) {
  std::optional<Variable> endpoint = variables.First({kTracesEndpoint, kEndpoint});
  if (!endpoint || IsOff(variables)) return std::nullopt;
  const std::optional<Variable> protocol = variables.First({kTracesProtocol, kProtocol});
  if (protocol && protocol->value != "grpc") {
    variables.Warn(protocol->name, "is not grpc; spans are exported by OTLP over gRPC only");
  }
  std::string& url = endpoint->value;
  if (!absl::StrContains(url, "://")) {
    const std::optional<Variable> insecure = variables.First({kTracesInsecure, kInsecure});
    url.insert(0, insecure && variables.IsTrue(insecure->name) ? "http://" : "https://");
  }
  // OTLP over gRPC has no path, but a base URL often ends in a slash.
  if (url.ends_with('/')) url.pop_back();
  return OpenTelemetryValue{endpoint->name, std::move(url)};
}

std::optional<OpenTelemetryValue> FindHeaders(OpenTelemetryVariables& variables) {
  std::optional<Variable> headers = variables.First({kTracesHeaders, kHeaders});
  if (!headers) return std::nullopt;
  return OpenTelemetryValue{
      headers->name, "",
      [text = Secret(std::move(headers->value))](const std::string&, Config& config) {
        return ParseTraceHeaders(text, config);
      }};
}

std::optional<OpenTelemetryValue> FindTimeout(OpenTelemetryVariables& variables) {
  const std::optional<Variable> timeout = variables.First({kTracesTimeout, kTimeout});
  if (!timeout) return std::nullopt;
  std::uint32_t milliseconds = 0;
  if (!absl::SimpleAtoi(timeout->value, &milliseconds)) {
    variables.Warn(timeout->name, "is not a number of milliseconds; it is ignored");
    return std::nullopt;
  }
  return OpenTelemetryValue{timeout->name, absl::StrCat(milliseconds, "ms")};
}

struct Sampler {
  std::string_view ratio;  // Empty: the argument.
  std::string_view parent_decides;
};

std::optional<Sampler> SamplerNamed(std::string_view name) {
  constexpr std::string_view kParentBased = "parentbased_";
  const bool is_parent_based = name.starts_with(kParentBased);
  if (is_parent_based) name.remove_prefix(kParentBased.size());
  const std::string_view parent = is_parent_based ? "on" : "off";
  if (name == "always_on") return Sampler{"1", parent};
  if (name == "always_off") return Sampler{"0", parent};
  if (name == "traceidratio") return Sampler{"", parent};
  return std::nullopt;
}

std::optional<Sampler> FindSampler(OpenTelemetryVariables& variables) {
  const std::optional<Variable> name = variables.First({kSampler});
  if (!name) return std::nullopt;
  const std::optional<Sampler> sampler = SamplerNamed(name->value);
  if (!sampler) variables.Warn(kSampler, "names a sampler that the gateway does not have");
  return sampler;
}

std::optional<OpenTelemetryValue> FindSampleRatio(OpenTelemetryVariables& variables) {
  const std::optional<Sampler> sampler = FindSampler(variables);
  if (!sampler) return std::nullopt;
  if (!sampler->ratio.empty()) return OpenTelemetryValue{kSampler, std::string(sampler->ratio)};
  // The specification's value for a missing argument, and for one that is no ratio.
  constexpr const char* kAll = "1";
  std::optional<Variable> argument = variables.First({kSamplerArgument});
  if (!argument) return OpenTelemetryValue{kSampler, kAll};
  double ratio = 0;
  // A NaN is no ratio either.
  const bool is_ratio = absl::SimpleAtod(argument->value, &ratio) && ratio >= 0 && ratio <= 1;
  if (!is_ratio) {
    variables.Warn(kSamplerArgument, "is not a number from 0 to 1; every trace is sampled");
    return OpenTelemetryValue{kSampler, kAll};
  }
  return OpenTelemetryValue{kSamplerArgument, std::move(argument->value)};
}

std::optional<OpenTelemetryValue> FindParentDecides(OpenTelemetryVariables& variables) {
  const std::optional<Sampler> sampler = FindSampler(variables);
  if (!sampler) return std::nullopt;
  return OpenTelemetryValue{kSampler, std::string(sampler->parent_decides)};
}

// Returns the attributes; none if the variable is malformed, which is a warning.
KeyValues FindAttributes(OpenTelemetryVariables& variables) {
  const std::optional<Variable> attributes = variables.First({kResourceAttributes});
  if (!attributes) return {};
  absl::StatusOr<KeyValues> parsed = ParseKeyValues(attributes->value);
  if (parsed.ok()) return *std::move(parsed);
  variables.Warn(kResourceAttributes,
                 absl::StrCat(parsed.status().message(), "; all of it is ignored"));
  return {};
}

std::optional<OpenTelemetryValue> FindServiceName(OpenTelemetryVariables& variables) {
  std::optional<Variable> name = variables.First({kServiceName});
  if (name) return OpenTelemetryValue{kServiceName, std::move(name->value)};
  for (auto& [key, value] : FindAttributes(variables)) {
    if (key == "service.name" && !value.empty())
      return OpenTelemetryValue{kResourceAttributes, value};
  }
  return std::nullopt;
}

std::optional<OpenTelemetryValue> FindResourceAttributes(OpenTelemetryVariables& variables) {
  if (FindAttributes(variables).empty()) return std::nullopt;
  // The items stay as they are written, because the setting has the same form.
  std::vector<std::string> items =
      absl::StrSplit(variables.First({kResourceAttributes})->value, ',');
  std::erase_if(items, [](const std::string& item) {
    const std::string_view text = item;
    const std::string_view key = text.substr(0, text.find('='));
    return absl::StripAsciiWhitespace(AsAbseil(key)) == "service.name";
  });
  return OpenTelemetryValue{kResourceAttributes, absl::StrJoin(items, ",")};
}

}  // namespace

std::optional<Variable> OpenTelemetryVariables::First(
    std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    std::string value = lookup_(name);
    if (!value.empty()) return Variable{name, std::move(value)};
  }
  return std::nullopt;
}

bool OpenTelemetryVariables::IsTrue(std::string_view name) {
  const std::string value = lookup_(name);
  if (absl::EqualsIgnoreCase(value, "true")) return true;
  if (!value.empty() && !absl::EqualsIgnoreCase(value, "false")) {
    Warn(name, "is neither true nor false; it counts as false");
  }
  return false;
}

void OpenTelemetryVariables::Warn(std::string_view name, std::string_view what) {
  std::string warning = absl::StrCat(AsAbseil(name), " ", AsAbseil(what));
  if (std::ranges::find(warnings_, warning) == warnings_.end()) {
    warnings_.push_back(std::move(warning));
  }
}

OpenTelemetrySource OpenTelemetryEndpoint() { return {{kTracesEndpoint, kEndpoint}, FindEndpoint}; }

OpenTelemetrySource OpenTelemetryCaFile() {
  return {{kTracesCertificate, kCertificate},
          [](OpenTelemetryVariables& variables) -> std::optional<OpenTelemetryValue> {
            std::optional<Variable> file = variables.First({kTracesCertificate, kCertificate});
            if (!file) return std::nullopt;
            return OpenTelemetryValue{file->name, std::move(file->value)};
          }};
}

OpenTelemetrySource OpenTelemetryHeaders() { return {{kTracesHeaders, kHeaders}, FindHeaders}; }

OpenTelemetrySource OpenTelemetryTimeout() { return {{kTracesTimeout, kTimeout}, FindTimeout}; }

OpenTelemetrySource OpenTelemetrySampleRatio() {
  return {{kSampler, kSamplerArgument}, FindSampleRatio, {"--trace-parent-decides"}};
}

OpenTelemetrySource OpenTelemetryParentDecides() {
  return {{kSampler}, FindParentDecides, {"--trace-sample-ratio"}};
}

OpenTelemetrySource OpenTelemetryServiceName() {
  return {{kServiceName, kResourceAttributes}, FindServiceName};
}

OpenTelemetrySource OpenTelemetryResourceAttributes() {
  return {{kResourceAttributes}, FindResourceAttributes};
}

}  // namespace docspace::gateway
