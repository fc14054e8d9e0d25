// The six sub-commands.
#ifndef CLIENT_CLI_COMMANDS_H_
#define CLIENT_CLI_COMMANDS_H_

#include "client/cli/command_line.h"
#include "client/cli/console.h"
#include "client/cli/exit_code.h"
#include "client/cpp/client.h"

namespace docspace::apikeys::cli {

// Makes the call, and shows its result on `console.out` and all else on `console.err`.
//
// Throws UsageError if a deletion, or a key with all permissions, is not confirmed and there is no
// terminal to ask for consent; and if the file of --secret-file cannot be made.
ExitCode Execute(const CommandLine& line, const Client& client, Console& console);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_COMMANDS_H_
