#include "server/base/ascii.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace docspace::gateway {
namespace {

// Returns whether each character of `text` is from `first`, which is ASCII, to tilde.
template <char first>
bool IsFromTo(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kLeast = kOnes * static_cast<unsigned char>(first);
  // Eight bytes at a time: a byte has its high bit set if it is not ASCII, if `first` cannot be
  // subtracted from it, or if it is 0x7F. A borrow or a carry comes only from a byte that is
  // refused itself.
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t bytes;  // NOLINT(cppcoreguidelines-init-variables): memcpy sets it.
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (((bytes | (bytes - kLeast) | (bytes + kOnes)) & (0x80 * kOnes)) != 0) return false;
    text.remove_prefix(sizeof bytes);
  }
  return std::ranges::all_of(text, [](char c) { return c >= first && c < 0x7F; });
}

}  // namespace

bool IsPrintableAscii(std::string_view text) { return IsFromTo<' '>(text); }

bool IsVisibleAscii(std::string_view text) { return IsFromTo<'!'>(text); }

}  // namespace docspace::gateway
