#include "server/config/parse_config.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/caller/portal_router.h"
#include "server/config/config_file.h"
#include "server/config/opentelemetry.h"
#include "server/config/proxy_choice.h"
#include "server/config/setting_types.h"

namespace docspace::gateway {
namespace {

using Lookup = std::function<const char*(const char*)>;
using FileValues = std::map<std::string, FileValue>;

// Returns a message that names the first argument in the form of a flag, without a value in the
// same argument. It repeats no other argument, because that may be a credential in the wrong place.
std::string UnexpectedArguments(const std::vector<std::string>& arguments) {
  constexpr std::size_t kLongestFlag = 40;
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    const bool is_flag =
        name.starts_with("--") && name.size() > 2 && name.size() <= kLongestFlag &&
        std::ranges::all_of(name, [](char c) { return c == '-' || absl::ascii_islower(c); });
    if (is_flag) return name + " is not a setting; --help lists all settings";
  }
  return "an argument is not a setting; --help lists all settings";
}

// Checks the rules that concern more than one setting.
absl::Status CheckConsistency(const Config& config) {
  const PortalConfig& portal = config.portal;
  const TlsConfig& tls = config.tls;
  if (portal.origin.host.empty()) {
    if (portal.named.empty()) {
      return InvalidSetting(
          "--docspace-url (or DOCSPACE_URL) is required: the portal's URL, such as "
          "https://docs.example.com");
    }
    if (!portal.origin.host_header.empty() || !portal.origin.server_name.empty()) {
      return InvalidSetting("--portal-host and --portal-server-name need --docspace-url");
    }
    if (!config.AccessTo(std::string(kDefaultPortal)).headers_file.empty()) {
      return InvalidSetting("--portal-headers-file needs --docspace-url");
    }
  }
  for (const CertificateFiles* files : {&tls.certificates, &portal.certificates}) {
    if (files->certificate_file.empty() != files->private_key_file.empty()) {
      return InvalidSetting(std::string(files->certificate_setting) + " and " +
                            std::string(files->private_key_setting) + " go together");
    }
  }
  if (tls.certificates.certificate_file.empty() && !tls.certificates.ca_file.empty()) {
    return InvalidSetting(std::string(tls.certificates.ca_setting) + " needs " +
                          std::string(tls.certificates.certificate_setting));
  }
  if (tls.certificates.ca_file.empty() && !tls.certificates.revocation_file.empty()) {
    return InvalidSetting(std::string(tls.certificates.revocation_setting) + " needs " +
                          std::string(tls.certificates.ca_setting));
  }
  if (tls.certificates.ca_file.empty() && !tls.allowed_callers.empty()) {
    return InvalidSetting("--allowed-callers needs " + std::string(tls.certificates.ca_setting));
  }
  return absl::OkStatus();
}

// Replaces a deprecated flag at the beginning of a message of CLI11.
std::string WithNewName(const std::string& message) {
  const std::string_view flag = std::string_view(message).substr(0, message.find(':'));
  for (const Setting& setting : SettingsTable()) {
    if (setting.former.flag != flag) continue;
    return std::string(setting.name.flag) + message.substr(flag.size());
  }
  return message;
}

// Returns the value of each flag that is given.
absl::StatusOr<std::map<std::string_view, std::string>> ParseFlags(
    std::span<const std::string> arguments) {
  CLI::App app;
  app.set_help_flag();
  std::map<std::string_view, std::string> values;
  const auto add = [&app, &values](std::string_view flag) {
    app.add_option_function<std::string>(
        std::string(flag), [&values, flag](const std::string& value) { values[flag] = value; });
  };
  for (const Setting& setting : SettingsTable()) {
    add(setting.name.flag);
    if (!setting.former.flag.empty()) add(setting.former.flag);
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ExtrasError&) {
    // The message of CLI11 repeats the arguments, and one may be a password in the wrong place.
    return InvalidSetting(UnexpectedArguments(app.remaining()));
  } catch (const CLI::ParseError& error) {
    return InvalidSetting(WithNewName(error.what()));
  }
  return values;
}

// The value of one setting in the form of its source.
struct SourcedValue {
  std::string value;
  // The source as EffectiveSetting names it.
  std::string source;
  // The beginning of a message about the value: the name of the setting and its source.
  std::string subject;
};

// Returns the value of a variable; an empty text if there is none.
std::string ValueOf(const Lookup& lookup, const std::string& name) {
  const char* found = lookup(name.c_str());
  std::string_view value = found == nullptr ? "" : found;
  // A Secret that was made of a file often ends in a line break, which is part of no setting.
  if (value.ends_with('\n')) value.remove_suffix(value.ends_with("\r\n") ? 2 : 1);
  return std::string(value);
}

// Finds the values of settings. A source may use the deprecated name of a setting; if it has the
// setting's own name too, that one counts.
class Sources {
 public:
  Sources(std::map<std::string_view, std::string> flags, const Lookup& lookup)
      : flags_(std::move(flags)), lookup_(lookup) {}

  // Adds the values of a file, which have the lowest precedence.
  void AddFile(FileValues file) { file_ = std::move(file); }

  // Returns nothing if no source has the setting.
  std::optional<SourcedValue> Find(const Setting& setting) {
    std::optional<SourcedValue> found;
    // `name_of` is the member of SettingName that the source uses.
    const auto look = [&](auto name_of, auto take) {
      for (const SettingName* name : {&setting.name, &setting.former}) {
        if (name->flag.empty()) continue;
        const std::string used(std::invoke(name_of, *name));
        std::optional<SourcedValue> value = take(used);
        if (!value) continue;
        if (name == &setting.former) {
          std::string replacement(std::invoke(name_of, setting.name));
          value->subject = absl::StrCat(replacement, " (given as ", value->subject, ")");
          deprecated_names_.push_back({used, std::move(replacement)});
        }
        if (!found) found = std::move(value);
      }
    };
    look(&SettingName::flag, [this](const std::string& name) { return TakeFlag(name); });
    look(&SettingName::environment, [this](const std::string& name) { return TakeVariable(name); });
    look(&SettingName::key, [this](const std::string& name) { return TakeLine(name); });
    return found;
  }

  // Returns the deprecated names that Find has used.
  std::vector<DeprecatedName> TakeDeprecatedNames() { return std::move(deprecated_names_); }

  // Returns INVALID_ARGUMENT if the file has a key that no setting has taken.
  absl::Status CheckAllFound() const {
    if (file_.empty()) return absl::OkStatus();
    return InvalidSetting(absl::StrCat("line ", file_.begin()->second.line,
                                       " of the file is not a setting; --help lists all settings"));
  }

 private:
  std::optional<SourcedValue> TakeFlag(const std::string& name) const {
    const auto found = flags_.find(name);
    if (found == flags_.end()) return std::nullopt;
    return SourcedValue{found->second, name, name};
  }

  std::optional<SourcedValue> TakeVariable(const std::string& name) const {
    std::string value = ValueOf(lookup_, name);
    if (value.empty()) return std::nullopt;
    return SourcedValue{std::move(value), name, name};
  }

  std::optional<SourcedValue> TakeLine(const std::string& name) {
    auto found = file_.extract(name);
    if (!found) return std::nullopt;
    const std::string line = absl::StrCat("line ", found.mapped().line, " of the file");
    return SourcedValue{std::move(found.mapped().value), line, absl::StrCat(name, " (", line, ")")};
  }

  const std::map<std::string_view, std::string> flags_;
  const Lookup& lookup_;
  FileValues file_;
  std::vector<DeprecatedName> deprecated_names_;
};

SourcedValue DefaultOf(const Setting& setting) {
  return {std::string(setting.default_value), "default",
          std::string(setting.name.flag) + " (or " + std::string(setting.name.environment) + ")"};
}

// Sets a setting that no source has by OpenTelemetry's variables. Returns nothing if they do not
// have it either, or have a wrong value, which is a warning.
std::optional<SourcedValue> ApplyOpenTelemetry(const Setting& setting,
                                               OpenTelemetryVariables& variables, Config& config) {
  if (!setting.opentelemetry.find) return std::nullopt;
  std::optional<OpenTelemetryValue> found = setting.opentelemetry.find(variables);
  if (!found) return std::nullopt;
  const SettingParser& parse = found->parse ? found->parse : setting.parse;
  const absl::Status status = parse(found->value, config);
  if (!status.ok()) {
    variables.Warn(found->variable, absl::StrCat(status.message(), "; it is ignored"));
    return std::nullopt;
  }
  return SourcedValue{std::move(found->value), std::string(found->variable), ""};
}

absl::Status Annotate(const SourcedValue& value, const absl::Status& status) {
  return InvalidSetting(absl::StrCat(value.subject, " ", status.message()));
}

absl::StatusOr<FileValues> ReadFile(const SourcedValue& path) {
  if (path.value.empty()) return FileValues();
  absl::StatusOr<FileValues> file = ReadConfigFile(path.value);
  if (!file.ok()) return Annotate(path, file.status());
  if (file->contains("config-file")) {
    return InvalidSetting(path.subject + " names another file: config-file may not be in it");
  }
  return file;
}

}  // namespace

absl::StatusOr<ParsedConfig> ParseConfig(std::span<const std::string> arguments,
                                         const Lookup& lookup) {
  auto flags = ParseFlags(arguments);
  if (!flags.ok()) return flags.status();
  Sources sources(*std::move(flags), lookup);
  const std::span<const Setting> table = SettingsTable();
  // The first setting is --config-file.
  absl::StatusOr<FileValues> file =
      ReadFile(sources.Find(table.front()).value_or(DefaultOf(table.front())));
  if (!file.ok()) return file.status();
  sources.AddFile(*std::move(file));

  std::vector<std::optional<SourcedValue>> given;
  std::set<std::string_view> given_flags;
  for (const Setting& setting : table) {
    given.push_back(sources.Find(setting));
    if (given.back()) given_flags.insert(setting.name.flag);
  }
  OpenTelemetryVariables variables(
      [&lookup](std::string_view name) { return ValueOf(lookup, std::string(name)); });
  ParsedConfig parsed;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Setting& setting = table[i];
    std::optional<SourcedValue>& found = given[i];
    const bool others_may_give = std::ranges::none_of(
        setting.opentelemetry.unless,
        [&given_flags](std::string_view flag) { return given_flags.contains(flag); });
    bool is_applied = false;
    if (!found && others_may_give) {
      found = ApplyOpenTelemetry(setting, variables, parsed.config);
      is_applied = found.has_value();
    }
    if (!is_applied) {
      if (!found) found = DefaultOf(setting);
      const absl::Status status = setting.parse(found->value, parsed.config);
      if (!status.ok()) return Annotate(*found, status);
    }
    parsed.settings.push_back({setting.name, std::move(found->value), std::move(found->source)});
  }
  parsed.warnings = variables.TakeWarnings();
  parsed.deprecated_names = sources.TakeDeprecatedNames();
  if (absl::Status status = sources.CheckAllFound(); !status.ok()) return status;
  if (absl::Status status = CheckConsistency(parsed.config); !status.ok()) return status;
  if (absl::Status status = ChooseProxies(lookup, parsed.config); !status.ok()) return status;
  return parsed;
}

}  // namespace docspace::gateway
