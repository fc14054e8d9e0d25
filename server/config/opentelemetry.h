// The environment variables of OpenTelemetry's specification, as sources of settings:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
//
// They count only if the flag, the variable and the file do not give a setting. As that
// specification says, an empty value counts as unset, and one that is unknown or malformed is a
// warning and no error.
#ifndef SERVER_CONFIG_OPENTELEMETRY_H_
#define SERVER_CONFIG_OPENTELEMETRY_H_

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/setting_types.h"

namespace docspace::gateway {

// OpenTelemetryVariables looks up variables, and collects warnings. A warning names a variable and
// repeats no value.
class OpenTelemetryVariables {
 public:
  struct Variable {
    std::string_view name;
    std::string value;
  };

  // `lookup` returns the value of a variable, or an empty text.
  explicit OpenTelemetryVariables(std::function<std::string(std::string_view name)> lookup)
      : lookup_(std::move(lookup)) {}

  // Returns the first of `names`, which are literals, that is not empty.
  std::optional<Variable> First(std::initializer_list<std::string_view> names) const;
  // Returns whether a variable is `true`; any other value than `false` is a warning.
  bool IsTrue(std::string_view name);

  // Adds a warning, once.
  void Warn(std::string_view name, std::string_view what);
  std::vector<std::string> TakeWarnings() { return std::move(warnings_); }

 private:
  const std::function<std::string(std::string_view)> lookup_;
  std::vector<std::string> warnings_;
};

// The value of a setting that OpenTelemetry's variables give.
struct OpenTelemetryValue {
  std::string_view variable;
  // In the form of the flag; empty if it may not be shown.
  std::string value;
  // Parses it, if the setting's own parser does not.
  SettingParser parse{};
};

// OpenTelemetrySource describes how variables give the value of one setting.
struct OpenTelemetrySource {
  // The variables in the order of their precedence, for the documentation.
  std::vector<std::string_view> variables;
  std::function<std::optional<OpenTelemetryValue>(OpenTelemetryVariables&)> find;
  // If one of these settings is given otherwise, the variables do not count.
  std::vector<std::string_view> unless{};
};

// Each function below returns the source of the setting that its name says.
OpenTelemetrySource OpenTelemetryEndpoint();
OpenTelemetrySource OpenTelemetryCaFile();
OpenTelemetrySource OpenTelemetryHeaders();
OpenTelemetrySource OpenTelemetryTimeout();
OpenTelemetrySource OpenTelemetrySampleRatio();
OpenTelemetrySource OpenTelemetryParentDecides();
OpenTelemetrySource OpenTelemetryServiceName();
OpenTelemetrySource OpenTelemetryResourceAttributes();

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_OPENTELEMETRY_H_
