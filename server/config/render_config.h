// Texts about settings: --help, --print-config and the documentation.
#ifndef SERVER_CONFIG_RENDER_CONFIG_H_
#define SERVER_CONFIG_RENDER_CONFIG_H_

#include <span>
#include <string>
#include <string_view>

#include "server/config/parse_config.h"

namespace docspace::gateway {

// A flag that is no setting: the program does this instead of serving.
struct ActionFlag {
  std::string_view flag;
  std::string_view help;
};

// Returns these flags, in the order in which they are documented.
std::span<const ActionFlag> ActionFlags();

// Returns " If it is unset: OTEL_A, OTEL_B." for a setting that variables of OpenTelemetry can
// give, with `quote` around each name; an empty text for another one.
std::string OpenTelemetryNote(const Setting& setting, std::string_view quote);

// Returns the text of --help: every setting, and every such flag.
std::string Usage();

// Returns the table of settings of docs/configuration.md, in Markdown.
std::string ReferenceTable();

// Returns the table of deprecated names of docs/configuration.md, in Markdown.
std::string DeprecatedNamesTable();

// Returns the text of --print-config: a configuration file with the value of each setting, and its
// source in a comment.
std::string PrintedConfig(const ParsedConfig& parsed);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_RENDER_CONFIG_H_
