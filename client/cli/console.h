// Everything of the world that the command line tool touches but files and the network.
#ifndef CLIENT_CLI_CONSOLE_H_
#define CLIENT_CLI_CONSOLE_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string_view>

#include "client/cpp/client.h"

namespace docspace::apikeys::cli {

// The value of an environment variable; empty where it is unset, for the two mean the same here.
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

  // By https://no-color.org.
  bool ColoursOut() const { return out_is_terminal && AllowsColour(); }
  bool ColoursErr() const { return err_is_terminal && AllowsColour(); }

 private:
  bool AllowsColour() const { return variables("NO_COLOR").empty() && variables("TERM") != "dumb"; }
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_CONSOLE_H_
