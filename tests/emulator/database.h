// What a portal's database keeps of what is written to it.
#ifndef TESTS_EMULATOR_DATABASE_H_
#define TESTS_EMULATOR_DATABASE_H_

#include <string>
#include <string_view>

#include "tests/emulator/clock.h"

namespace docspace::emulator {

// Only the response to a creation shows what was written; every later read shows what was kept.
enum class Database {
  // Keeps whole seconds, and `?` for a character beyond U+FFFF.
  kMySql,
  // As kMySql, but fails on a character beyond U+FFFF.
  kStrictMySql,
  // Keeps microseconds, and every character.
  kPostgreSql,
};

// Both return what a later read shows.
Time Kept(Time time, Database database);
std::string Kept(std::string_view utf8, Database database);

// Whether a MySQL column, of three-byte UTF-8, lacks a character of valid UTF-8.
bool IsBeyondThreeBytes(std::string_view utf8);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_DATABASE_H_
