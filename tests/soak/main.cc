// soak SECONDS: runs the soak for that long; fails where a promise was broken.
#include <charconv>
#include <exception>
#include <iostream>
#include <random>
#include <span>
#include <string_view>

#include "tests/soak/soak.h"

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  int seconds = 0;
  if (argc == 2) {
    const std::string_view text = arguments[1];
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  if (seconds <= 0) {
    std::cerr << "Usage: soak SECONDS\n";
    return 2;
  }
  try {
    const auto report = docspace::gateway::testing::RunSoak(
        {.duration = std::chrono::seconds(seconds), .seed = std::random_device()()});
    std::cout << report;
    return report.Passed() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "soak: " << error.what() << '\n';
    return 1;
  }
}
