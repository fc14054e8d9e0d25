// Reports that a property does not hold in a fuzz target.
#ifndef TESTS_FUZZ_REQUIRE_H_
#define TESTS_FUZZ_REQUIRE_H_

#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace docspace::fuzz {

// Throws std::logic_error unless `holds`. libFuzzer treats the exception as a crash and saves the
// input; GoogleTest reports a failure and continues.
inline void Require(bool holds, std::string_view property,
                    const std::source_location& where = std::source_location::current()) {
  if (holds) return;
  throw std::logic_error(std::string(where.file_name()) + ":" + std::to_string(where.line()) +
                         ": it does not hold that " + std::string(property));
}

}  // namespace docspace::fuzz

#endif  // TESTS_FUZZ_REQUIRE_H_
