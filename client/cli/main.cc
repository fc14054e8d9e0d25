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
  // The tool itself reports failures, and gRPC would add its own lines to stderr.
  ::setenv("GRPC_VERBOSITY", "NONE", 0);
  if (const char* trace = std::getenv("GRPC_TRACE"); trace != nullptr && *trace != '\0') {
    std::cerr << "warning: GRPC_TRACE is ignored, because it shows credentials\n";
    ::unsetenv("GRPC_TRACE");
  }
  // client/cli/proxy.h decides whether a proxy is used. gRPC uses the first of its own variables
  // that is set, and no host ends in this value.
  const char* no_grpc_proxy = std::getenv("no_grpc_proxy");
  const std::string exempt = no_grpc_proxy == nullptr ? "" : no_grpc_proxy;
  ::setenv("no_grpc_proxy", "/", 1);
  docspace::apikeys::cli::Console console{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .in_is_terminal = ::isatty(STDIN_FILENO) != 0,
      .out_is_terminal = ::isatty(STDOUT_FILENO) != 0,
      .err_is_terminal = ::isatty(STDERR_FILENO) != 0,
      .variables =
          [&exempt](const char* name) {
            if (std::string_view(name) == "no_grpc_proxy") return std::string_view(exempt);
            const char* value = std::getenv(name);
            return std::string_view(value == nullptr ? "" : value);
          },
  };
  return docspace::apikeys::cli::Run({argv + std::min(argc, 1), argv + argc}, console);
}
