// Parses the arguments and the environment.
#ifndef CLIENT_CLI_COMMAND_LINE_H_
#define CLIENT_CLI_COMMAND_LINE_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "client/cli/console.h"
#include "client/cli/credential_source.h"
#include "client/cli/proxy.h"
#include "client/cpp/channel.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::apikeys::cli {

// The version of the tool, which is that of the gateway.
inline constexpr std::string_view kVersion = "0.1.0";

enum class OutputFormat { kTable, kJson };

// A sub-command is the request that it sends.
using Request =
    std::variant<v1::CreateApiKeyRequest, v1::GetApiKeysRequest, v1::GetApiKeyRequest,
                 v1::UpdateApiKeyRequest, v1::DeleteApiKeyRequest, v1::GetAllPermissionsRequest>;

struct CommandLine {
  std::string target;
  Transport transport;
  // The name of the portal at the gateway; empty for the gateway's default portal.
  std::string portal;
  std::chrono::nanoseconds timeout{};
  OutputFormat output = OutputFormat::kTable;
  CredentialFlags credential;
  // The proxy on the way to `target`, if there is one.
  std::optional<ProxyInUse> proxy;
  // True with --yes: a deletion needs no consent.
  bool confirmed = false;
  // The file for the secret of a created key. If empty, the secret is shown.
  std::string secret_file;
  // True for doctor, which examines the portal instead of sending `request`.
  bool examines = false;
  Request request;
};

// The result for --help and --version.
struct Help {
  std::string text;
};

// Parses `arguments`, which do not include the program's name. Reads the files of TLS, but no
// credential. Throws UsageError.
std::variant<CommandLine, Help> ParseCommandLine(const std::vector<std::string>& arguments,
                                                 const Variables& variables);

// An option of the tool or of a command, or an argument without a name.
struct OptionDescription {
  // "--output"; for an argument without a name what --help calls it, "KEY_ID".
  std::string name;
  // What --help calls the value, "PATH"; empty if there is none.
  std::string value_name;
  // The only values, if there are only some.
  std::vector<std::string> choices;
  std::string default_value;
  std::string help;
  bool is_repeatable = false;
};

// What --help tells of a command, or of the tool.
struct CommandDescription {
  std::string name;
  std::string help;
  std::vector<OptionDescription> options;
  // The text that follows the options.
  std::string more;
  std::vector<CommandDescription> commands;
};

// Returns the description of the tool, for manuals and completions.
CommandDescription DescribeCommandLine();

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_COMMAND_LINE_H_
