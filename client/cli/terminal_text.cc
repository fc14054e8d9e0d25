#include "client/cli/terminal_text.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "absl/strings/str_format.h"

namespace docspace::apikeys::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters of no width that are not marks on other characters. Joiners and variation selectors
// are not among them, because they make emoji and Indic letters.
constexpr Range kInvisible[] = {
    {0x00AD, 0x00AD}, {0x061C, 0x061C}, {0x115F, 0x1160}, {0x180E, 0x180E},  {0x200B, 0x200B},
    {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},  {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0xE000, 0xF8FF}, {0xE0000, 0xE007F}};

// Takes one character from the front of `rest`. If that is not UTF-8, takes one byte and returns
// nothing.
std::optional<char32_t> TakeCharacter(std::string_view& rest) {
  const auto lead = static_cast<unsigned char>(rest.front());
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                                           : 4;
  if (length == 0 || lead > 0xF4 || rest.size() < length) {
    rest.remove_prefix(1);
    return std::nullopt;
  }
  constexpr std::array<unsigned char, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  char32_t character = lead & kLeadBits[length];
  bool valid = true;
  for (std::size_t at = 1; at < length; ++at) {
    const auto octet = static_cast<unsigned char>(rest[at]);
    valid = valid && (octet & 0xC0) == 0x80;
    character = character << 6 | (octet & 0x3F);
  }
  valid = valid && character >= kLeast[length] && character <= 0x10FFFF &&
          (character < 0xD800 || character > 0xDFFF);
  rest.remove_prefix(valid ? length : 1);
  return valid ? std::optional(character) : std::nullopt;
}

// Returns the width of a character, or -1 if it must not be printed. It uses the locale C.UTF-8,
// which every Debian has, and not the user's.
int WidthOf(char32_t character) {
  static const locale_t kUtf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const auto within = [character](const Range& range) {
    return character >= range.first && character <= range.last;
  };
  if (std::any_of(std::begin(kInvisible), std::end(kInvisible), within)) return -1;
  if (character < 0x20 || (character >= 0x7F && character < 0xA0)) return -1;
  if (kUtf8 == nullptr) return 1;
  const locale_t before = ::uselocale(kUtf8);
  const int width = ::wcwidth(static_cast<wchar_t>(character));
  ::uselocale(before);
  return width;
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> character = TakeCharacter(text);
    if (!character) {
      absl::StrAppendFormat(&escaped, "\\x%02x", static_cast<unsigned char>(before.front()));
    } else if (*character == U'\\') {
      escaped += "\\\\";
    } else if (*character == U'\n') {
      escaped += "\\n";
    } else if (WidthOf(*character) < 0) {
      absl::StrAppendFormat(&escaped, "\\u{%x}", static_cast<unsigned>(*character));
    } else {
      escaped += before.substr(0, before.size() - text.size());
    }
  }
  return escaped;
}

std::string EscapeJson(std::string_view json) {
  std::string escaped;
  while (!json.empty()) {
    const std::string_view before = json;
    const char32_t character = TakeCharacter(json).value_or(U'\uFFFD');
    // Outside of strings JSON has only the blanks of its layout among these characters.
    if (character < 0x20 || WidthOf(character) >= 0) {
      escaped += before.substr(0, before.size() - json.size());
    } else if (character > 0xFFFF) {
      absl::StrAppendFormat(&escaped, "\\u%04x", 0xD800U + ((character - 0x10000U) >> 10U));
      absl::StrAppendFormat(&escaped, "\\u%04x", 0xDC00U + ((character - 0x10000U) & 0x3FFU));
    } else {
      absl::StrAppendFormat(&escaped, "\\u%04x", static_cast<unsigned>(character));
    }
  }
  return escaped;
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::optional<char32_t> character = TakeCharacter(text);
    if (character) columns += static_cast<std::size_t>(std::max(0, WidthOf(*character)));
  }
  return columns;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    if (!TakeCharacter(text)) return false;
  }
  return true;
}

}  // namespace docspace::apikeys::cli
