// docspace-keys: see client/cli/run.h.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/run.h"

int main(int argc, char** argv) {
  // A core file would hold the credential.
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  // Failures are reported here, once; gRPC would add its own lines to stderr.
  ::setenv("GRPC_VERBOSITY", "NONE", 0);
  docspace::apikeys::cli::Console console{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .in_is_terminal = ::isatty(STDIN_FILENO) != 0,
      .out_is_terminal = ::isatty(STDOUT_FILENO) != 0,
      .err_is_terminal = ::isatty(STDERR_FILENO) != 0,
      .variables =
          [](const char* name) {
            const char* value = std::getenv(name);
            return std::string_view(value == nullptr ? "" : value);
          },
  };
  return docspace::apikeys::cli::Run({argv + std::min(argc, 1), argv + argc}, console);
}
