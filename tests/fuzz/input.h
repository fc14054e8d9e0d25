// Helpers with which fuzz targets read their input. The input formats are text, so that a corpus is
// readable.
#ifndef TESTS_FUZZ_INPUT_H_
#define TESTS_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace docspace::fuzz {

// Returns the bytes that LLVMFuzzerTestOneInput receives as text.
inline std::string_view Text(const std::uint8_t* data, std::size_t size) {
  // The standard allows access to any object as chars.
  return {reinterpret_cast<const char*>(data), size};
}

// Removes the text before the first `end`, and `end` itself, from the front of `rest`, and returns
// the text. Takes all of `rest` if `end` does not occur.
inline std::string_view TakeUntil(std::string_view& rest, std::string_view end) {
  const std::string_view taken = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), taken.size() + end.size()));
  return taken;
}

// Returns a number below `limit` computed from any text; decimal digits give their number modulo
// `limit`.
inline std::size_t NumberBelow(std::size_t limit, std::string_view text) {
  std::size_t number = 0;
  for (const char c : text) number = (number * 10 + static_cast<unsigned char>(c - '0')) % limit;
  return number;
}

}  // namespace docspace::fuzz

#endif  // TESTS_FUZZ_INPUT_H_
