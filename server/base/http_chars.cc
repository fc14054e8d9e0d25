#include "server/base/http_chars.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace docspace::gateway {
namespace {

// The parts of a message in which a byte may occur. The members have no default initializers, and
// each element is assigned, because g++ 14.2 zeroes such members when it value-initializes the
// array in a constant expression; then every response would be refused.
struct Kind {
  bool token;
  bool token68;
  bool field_text;
};

constexpr auto kKinds = [] {
  constexpr std::string_view kAlphanumeric =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr auto holds = [](std::string_view bytes, char byte) {
    return bytes.find(byte) != std::string_view::npos;
  };
  std::array<Kind, 256> kinds{};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const char byte = static_cast<char>(i);
    const bool alphanumeric = holds(kAlphanumeric, byte);
    const bool control = i < 0x20 || i == 0x7F;
    kinds[i] = Kind{.token = alphanumeric || holds("!#$%&'*+-.^_`|~", byte),
                    .token68 = alphanumeric || holds("-._~+/", byte),
                    .field_text = byte == '\t' || !control};
  }
  return kinds;
}();
static_assert(kKinds['a'].token && kKinds['a'].token68 && kKinds['a'].field_text);
static_assert(kKinds['\t'].field_text && kKinds[0xFF].field_text && !kKinds['\0'].field_text);

Kind KindOf(char byte) { return kKinds[static_cast<unsigned char>(byte)]; }

}  // namespace

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char byte) { return KindOf(byte).token; });
}

bool IsToken68(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return !text.empty() && std::ranges::all_of(text, [](char byte) { return KindOf(byte).token68; });
}

bool IsFieldText(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return KindOf(byte).field_text; });
}

}  // namespace docspace::gateway
