// soak SECONDS: runs the soak for that long; fails where a promise was broken.
#include <exception>
#include <iostream>
#include <random>

#include "tests/soak/soak.h"
#include "tests/testing/seconds_argument.h"

int main(int argc, char** argv) {
  const auto duration = docspace::gateway::testing::SecondsArgument(argc, argv);
  if (!duration) {
    std::cerr << "Usage: soak SECONDS\n";
    return 2;
  }
  try {
    const auto report = docspace::gateway::testing::RunSoak(
        {.duration = *duration, .seed = std::random_device()()});
    std::cout << report;
    return report.Passed() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "soak: " << error.what() << '\n';
    return 1;
  }
}
