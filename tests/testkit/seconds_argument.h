// The one argument of a program that runs for a given time.
#ifndef TESTS_TESTKIT_SECONDS_ARGUMENT_H_
#define TESTS_TESTKIT_SECONDS_ARGUMENT_H_

#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace docspace::gateway::testkit {

// Returns no value unless there is exactly one argument and it is a positive number.
inline std::optional<std::chrono::seconds> SecondsArgument(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  int seconds = 0;
  if (argc == 2) {
    const std::string_view text = arguments[1];
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_SECONDS_ARGUMENT_H_
