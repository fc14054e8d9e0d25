// The streams, terminals, variables and clock that the command line tool uses.
#ifndef CLIENT_CLI_CONSOLE_H_
#define CLIENT_CLI_CONSOLE_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string_view>

#include "client/cpp/client.h"

namespace docspace::apikeys::cli {

// Returns the value of an environment variable; empty if it is unset, because the tool does not
// distinguish the two.
using Variables = std::function<std::string_view(const char* name)>;

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  Variables variables;
  RetryTimer timer = RetryTimer::System();

  // Return whether output may have colours, by the rules of https://no-color.org.
  bool ColoursOut() const { return out_is_terminal && AllowsColour(); }
  bool ColoursErr() const { return err_is_terminal && AllowsColour(); }

 private:
  bool AllowsColour() const { return variables("NO_COLOR").empty() && variables("TERM") != "dumb"; }
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_CONSOLE_H_
