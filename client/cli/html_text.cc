#include "client/cli/html_text.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace docspace::apikeys::cli {
namespace {

struct NamedReference {
  std::string_view name;
  char character;
};

constexpr NamedReference kNamed[] = {
    {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

// A longer reference, which must have leading zeros, stays as it is.
constexpr std::size_t kLongestName = 10;

std::optional<std::uint32_t> NumberOf(std::string_view digits) {
  const bool is_hexadecimal = digits.starts_with('x') || digits.starts_with('X');
  if (is_hexadecimal) digits.remove_prefix(1);
  std::uint32_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, number, is_hexadecimal ? 16 : 10);
  const bool is_character =
      number > 0 && number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
  if (parsed.ec != std::errc() || parsed.ptr != end || !is_character) return std::nullopt;
  return number;
}

void AppendUtf8(std::uint32_t character, std::string& out) {
  const auto continuation = [character](int shift) {
    return static_cast<char>(0x80 | (character >> shift & 0x3F));
  };
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += {static_cast<char>(0xC0 | character >> 6), continuation(0)};
  } else if (character < 0x10000) {
    out += {static_cast<char>(0xE0 | character >> 12), continuation(6), continuation(0)};
  } else {
    out += {static_cast<char>(0xF0 | character >> 18), continuation(12), continuation(6),
            continuation(0)};
  }
}

// Appends the character that the reference `name`, without `&` and `;`, stands for. Returns false
// if there is none.
bool AppendReference(std::string_view name, std::string& out) {
  if (name.starts_with('#')) {
    const auto number = NumberOf(name.substr(1));
    if (number) AppendUtf8(*number, out);
    return number.has_value();
  }
  for (const NamedReference& reference : kNamed) {
    if (reference.name != name) continue;
    out += reference.character;
    return true;
  }
  return false;
}

}  // namespace

std::string DecodeHtml(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const std::size_t end = text.substr(0, kLongestName + 2).find(';');
    if (text.front() == '&' && end != std::string_view::npos &&
        AppendReference(text.substr(1, end - 1), decoded)) {
      text.remove_prefix(end + 1);
    } else {
      decoded += text.front();
      text.remove_prefix(1);
    }
  }
  return decoded;
}

}  // namespace docspace::apikeys::cli
