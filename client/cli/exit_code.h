// The exit codes of the tool, by kind of failure.
#ifndef CLIENT_CLI_EXIT_CODE_H_
#define CLIENT_CLI_EXIT_CODE_H_

#include <string_view>

#include "client/cpp/error.h"
#include "client/cpp/retry.h"

namespace docspace::apikeys::cli {

// Scripts depend on the numbers, so they never change.
enum class ExitCode {
  kOk = 0,
  kOther = 1,
  kUsage = 2,
  kUnauthenticated = 3,
  kPermissionDenied = 4,
  kNotFound = 5,
  kInvalid = 6,
  kExhausted = 7,
  kUnavailable = 8,
  kOutcomeUnknown = 9,
};

// The text of --help about exit codes.
inline constexpr std::string_view kExitCodeHelp =
    R"(Exit codes:
  0  done
  1  any other failure
  2  wrong usage
  3  not authenticated
  4  permission denied, or the portal responded with false
  5  not found
  6  invalid argument or failed precondition
  7  rate limited or overloaded
  8  unavailable, or the deadline passed; nothing was changed
  9  a change may have been made: its outcome is not known
)";

// Returns the exit code for a failed call.
ExitCode ExitCodeOf(const ApiKeysError& error, Access access);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_EXIT_CODE_H_
