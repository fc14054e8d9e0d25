// The whole command line tool except `main`.
#ifndef CLIENT_CLI_RUN_H_
#define CLIENT_CLI_RUN_H_

#include <string>
#include <vector>

#include "client/cli/console.h"

namespace docspace::apikeys::cli {

// Runs the tool. `arguments` do not include the program's name. Returns the exit code.
int Run(const std::vector<std::string>& arguments, Console& console);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_RUN_H_
