#include "server/config/render_config.h"

#include <yaml-cpp/yaml.h>

#include <array>

#include "server/config/settings.h"

namespace docspace::gateway {

std::string OpenTelemetryNote(const Setting& setting, std::string_view quote) {
  std::string note;
  for (const std::string_view name : setting.opentelemetry.variables) {
    note.append(note.empty() ? " If it is unset: " : ", ");
    note.append(quote).append(name).append(quote);
  }
  return note.empty() ? note : note + ".";
}

std::string PrintedConfig(const ParsedConfig& parsed) {
  YAML::Emitter text;
  // The name is a comment, because a file may not name another one.
  const std::string& file = parsed.config.config_file;
  if (!file.empty()) text << YAML::Comment("config-file: " + file);
  text << YAML::BeginMap;
  for (const EffectiveSetting& setting : parsed.settings) {
    if (setting.name.flag == "--config-file") continue;
    text << YAML::Key << std::string(setting.name.key());
    text << YAML::Value << YAML::DoubleQuoted << setting.value << YAML::Comment(setting.source);
  }
  text << YAML::EndMap;
  return text.c_str() + std::string("\n");
}

std::span<const ActionFlag> ActionFlags() {
  static constexpr std::array<ActionFlag, 5> kFlags = {
      {{"--check-config", "Checks the settings, and each portal by calls; 0 if all is well."},
       {"--print-config", "Prints the value and the source of each setting."},
       {"--health-probe",
        "Asks the gateway with this configuration whether it serves; 0 if it does."},
       {"--help", "Prints this text."},
       {"--version", "Prints the version."}}};
  return kFlags;
}

std::string Usage() {
  std::string text =
      "docspace-apikeys-gateway: serves the ApiKeys API of a DocSpace portal over gRPC.\n\n"
      "A setting is a flag, an environment variable, or a line of the file of --config-file. A "
      "flag\n"
      "takes precedence over a variable, and a variable over the file:\n\n";
  for (const Setting& setting : SettingsTable()) {
    text.append("  ")
        .append(setting.name.flag)
        .append(" VALUE  (")
        .append(setting.name.environment);
    text.append(setting.default_value.empty() ? ")" : ", default ");
    if (!setting.default_value.empty()) text.append(setting.default_value).append(")");
    text.append("\n      ").append(setting.help).append(OpenTelemetryNote(setting, ""));
    text.append("\n");
  }
  for (const ActionFlag& action : ActionFlags()) {
    text.append("  ").append(action.flag).append("\n      ").append(action.help).append("\n");
  }
  return text;
}

std::string ReferenceTable() {
  std::string text = "| flag | environment | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const Setting& setting : SettingsTable()) {
    const std::string default_value =
        setting.default_value.empty() ? "" : "`" + std::string(setting.default_value) + "`";
    text.append("| `").append(setting.name.flag).append("` | `").append(setting.name.environment);
    text.append("` | ").append(default_value).append(" | ").append(setting.help);
    text.append(OpenTelemetryNote(setting, "`")).append(" |\n");
  }
  return text;
}

std::string DeprecatedNamesTable() {
  std::string text = "| flag | deprecated flag | deprecated variable |\n| --- | --- | --- |\n";
  for (const Setting& setting : SettingsTable()) {
    if (setting.former.flag.empty()) continue;
    text.append("| `").append(setting.name.flag).append("` | `").append(setting.former.flag);
    text.append("` | `").append(setting.former.environment).append("` |\n");
  }
  return text;
}

}  // namespace docspace::gateway
