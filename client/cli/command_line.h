// Arguments and environment → what to do.
#ifndef CLIENT_CLI_COMMAND_LINE_H_
#define CLIENT_CLI_COMMAND_LINE_H_

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/cli/console.h"
#include "client/cli/credential_source.h"
#include "client/cli/proxy.h"
#include "client/cpp/channel.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::apikeys::cli {

enum class OutputFormat { kTable, kJson };

// A sub-command is the request that it sends.
using Request =
    std::variant<v1::CreateApiKeyRequest, v1::GetApiKeysRequest, v1::GetApiKeyRequest,
                 v1::UpdateApiKeyRequest, v1::DeleteApiKeyRequest, v1::GetAllPermissionsRequest>;

struct CommandLine {
  std::string target;
  Transport transport;
  // Of those that the gateway serves; empty: its default.
  std::string portal;
  std::chrono::nanoseconds timeout{};
  OutputFormat output = OutputFormat::kTable;
  CredentialFlags credential;
  // Leads to `target`, if any does.
  std::optional<ProxyInUse> proxy;
  // --yes: delete without asking.
  bool confirmed = false;
  // Where create writes the secret instead of showing it; empty: it shows it.
  std::string secret_file;
  // doctor: examine the portal, instead of sending `request`.
  bool examines = false;
  Request request;
};

// --help was given.
struct Help {
  std::string text;
};

// `arguments` without the program's name. Reads the files of TLS, but no credential.
//
// Throws UsageError.
std::variant<CommandLine, Help> ParseCommandLine(const std::vector<std::string>& arguments,
                                                 const Variables& variables);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_COMMAND_LINE_H_
