// How a portal's database alters the values that are written to it.
#ifndef TESTS_EMULATOR_DATABASE_H_
#define TESTS_EMULATOR_DATABASE_H_

#include <string>
#include <string_view>

#include "tests/emulator/clock.h"

namespace docspace::emulator {

// Only the response to a creation shows the value that was written; every later read shows the
// stored value.
enum class Database {
  // Stores whole seconds, and `?` for a character beyond U+FFFF.
  kMySql,
  // Like kMySql, but fails on a character beyond U+FFFF.
  kStrictMySql,
  // Stores microseconds and every character.
  kPostgreSql,
};

// Return the stored value, which a later read shows.
Time Kept(Time time, Database database);
std::string Kept(std::string_view utf8, Database database);

// Returns whether the valid UTF-8 has a character that a MySQL column of three-byte UTF-8 cannot
// store.
bool IsBeyondThreeBytes(std::string_view utf8);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_DATABASE_H_
