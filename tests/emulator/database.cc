#include "tests/emulator/database.h"

#include <algorithm>
#include <chrono>

namespace docspace::emulator {
namespace {

// Returns whether `c` begins a sequence of four bytes, which encodes U+10000 or above in UTF-8.
bool BeginsFourBytes(char c) { return static_cast<unsigned char>(c) >= 0xF0; }

}  // namespace

Time Kept(Time time, Database database) {
  if (database == Database::kPostgreSql) return std::chrono::floor<std::chrono::microseconds>(time);
  return std::chrono::floor<std::chrono::seconds>(time);
}

std::string Kept(std::string_view utf8, Database database) {
  if (database == Database::kPostgreSql) return std::string(utf8);
  std::string kept;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (BeginsFourBytes(utf8[i])) {
      kept += '?';
      i += 3;
    } else {
      kept += utf8[i];
    }
  }
  return kept;
}

bool IsBeyondThreeBytes(std::string_view utf8) {
  return std::any_of(utf8.begin(), utf8.end(), BeginsFourBytes);
}

}  // namespace docspace::emulator
