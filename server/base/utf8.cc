#include "server/base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "server/base/ascii.h"

namespace docspace::gateway {
namespace {

constexpr bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Returns the number of bytes at the start of `text` that precede the first byte beyond ASCII.
std::size_t AsciiPrefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  // g++ and clang compile each operation to one instruction on machines that have vectors.
  using Words [[gnu::vector_size(16)]] = std::uint64_t;
  const auto words_at = [text](std::size_t at) {
    Words words{};
    std::memcpy(&words, text.data() + at, sizeof words);
    return words;
  };
  const auto word_at = [text](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
  };
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::size_t kWords = sizeof(Words);
  constexpr std::size_t kBlock = 4 * kWords;
  std::size_t at = 0;
  // Nearly all text is ASCII, so several words are checked at a time.
  while (text.size() - at >= kBlock) {
    const Words any = words_at(at) | words_at(at + kWords) | words_at(at + 2 * kWords) |
                      words_at(at + 3 * kWords);
    if (((any[0] | any[1]) & kHighBits) != 0) break;
    at += kBlock;
  }
  while (text.size() - at >= kWord && (word_at(at) & kHighBits) == 0) at += kWord;
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

// Returns the length of the well-formed character at the start of `text`, or 0 if there is none, by
// Unicode's table 3-7.
std::size_t CharacterLength(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!IsContinuation(at(i))) return 0;
  }
  const unsigned char second = at(1);
  if (lead == 0xE0 && second < 0xA0) return 0;   // overlong
  if (lead == 0xED && second >= 0xA0) return 0;  // surrogate
  if (lead == 0xF0 && second < 0x90) return 0;   // overlong
  if (lead == 0xF4 && second >= 0x90) return 0;  // above U+10FFFF
  return length;
}

struct Range {
  char32_t first;
  char32_t last;
};

// The ranges in ascending order: Unicode 15.0's Cc, Zl, Zp, Bidi_Control and
// Default_Ignorable_Code_Point, and the interlinear annotation characters.
constexpr std::array<Range, 19> kInvisible = {{
    {0x0000, 0x001F}, {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},
    {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
}};

// Returns the character that all of `bytes` encodes.
char32_t DecodeCharacter(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  if (bytes.size() == 1) return lead;
  char32_t character = lead & (0x7FU >> bytes.size());
  for (const char byte : bytes.substr(1)) {
    character = character << 6 | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  return character;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  while (true) {
    text.remove_prefix(AsciiPrefix(text));
    if (text.empty()) return true;
    const std::size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

std::string_view TruncateUtf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && IsContinuation(static_cast<unsigned char>(text[limit]))) --limit;
  return text.substr(0, limit);
}

bool IsInvisible(char32_t character) {
  const auto* const range = std::ranges::lower_bound(kInvisible, character, {}, &Range::last);
  return range != kInvisible.end() && range->first <= character;
}

std::string VisibleText(std::string_view text, std::size_t limit) {
  if (IsPrintableAscii(text)) return std::string(text.substr(0, limit));
  std::string visible;
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    if (length == 0 || visible.size() + length > limit) break;
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    if (!IsInvisible(DecodeCharacter(character))) visible.append(character);
  }
  return visible;
}

}  // namespace docspace::gateway
