// Characters of valid UTF-8.
#ifndef TESTS_EMULATOR_UTF8_H_
#define TESTS_EMULATOR_UTF8_H_

#include <cstddef>
#include <string_view>

namespace docspace::emulator {

// Calls `visit(char32_t character, std::string_view bytes)` for each character, in order.
template <typename Visitor>
void ForEachCharacter(std::string_view utf8, Visitor visit) {
  while (!utf8.empty()) {
    const auto lead = static_cast<unsigned char>(utf8.front());
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view bytes = utf8.substr(0, size);
    char32_t character = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (const char continuation : bytes.substr(1)) {
      character = character << 6 | (static_cast<unsigned char>(continuation) & 0x3FU);
    }
    visit(character, bytes);
    utf8.remove_prefix(bytes.size());
  }
}

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_UTF8_H_
