// bazel run -c opt //tests/soak -- SECONDS
//
// Runs callers, the gateway, a proxy that disturbs a third of the exchanges, and an emulated portal
// in one process for SECONDS. Prints the numbers of calls, faults and resources in use. Fails if a
// write was applied twice or although its status says otherwise, if a response was wrong, or if
// memory or descriptors leak.
#include <exception>
#include <iostream>
#include <random>

#include "tests/soak/soak.h"
#include "tests/testkit/seconds_argument.h"

int main(int argc, char** argv) {
  const auto duration = docspace::gateway::testkit::SecondsArgument(argc, argv);
  if (!duration) {
    std::cerr << "Usage: soak SECONDS\n";
    return 2;
  }
  try {
    const auto report = docspace::gateway::testkit::RunSoak(
        {.duration = *duration, .seed = std::random_device()()});
    std::cout << report;
    return report.Passed() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "soak: " << error.what() << '\n';
    return 1;
  }
}
