// An error that the user of the command line has to correct.
#ifndef CLIENT_CLI_USAGE_ERROR_H_
#define CLIENT_CLI_USAGE_ERROR_H_

#include <stdexcept>

namespace docspace::apikeys::cli {

// The message names the setting, and never repeats a credential.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_USAGE_ERROR_H_
