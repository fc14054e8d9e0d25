#include "server/http/field_syntax.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace docspace::gateway::http {
namespace {

// What a byte may be part of. The members have no default initializers, and each element is
// assigned: g++ 14.2 zeroes such members when it value-initializes the array in a constant
// expression, and then every response would be refused.
struct Kind {
  bool token;
  bool text;
};

constexpr auto kKinds = [] {
  constexpr std::string_view kTokenBytes =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~";
  std::array<Kind, 256> kinds{};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const char byte = static_cast<char>(i);
    const bool control = i < 0x20 || i == 0x7F;
    kinds[i] = Kind{.token = kTokenBytes.find(byte) != std::string_view::npos,
                    .text = byte == '\t' || !control};
  }
  return kinds;
}();
static_assert(kKinds['a'].token && kKinds['a'].text && kKinds['~'].token && kKinds[0xFF].text);
static_assert(kKinds['\t'].text && kKinds[' '].text && !kKinds[' '].token && !kKinds[':'].token);
static_assert(!kKinds['\0'].text && !kKinds['\n'].text && !kKinds['\r'].text && !kKinds[0x7F].text);

Kind KindOf(char byte) { return kKinds[static_cast<unsigned char>(byte)]; }

bool IsBlank(char byte) { return byte == ' ' || byte == '\t'; }

}  // namespace

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char byte) { return KindOf(byte).token; });
}

bool IsText(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return KindOf(byte).text; });
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<FieldLine> ParseFieldLine(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) return std::nullopt;
  return FieldLine{.name = line.substr(0, colon), .value = TrimBlanks(line.substr(colon + 1))};
}

}  // namespace docspace::gateway::http
