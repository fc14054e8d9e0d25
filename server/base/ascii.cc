#include "server/base/ascii.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace docspace::gateway {
namespace {

// Returns whether each character of `text` is from `first`, which is ASCII, to tilde.
template <char first>
bool IsFromTo(std::string_view text) {
  // g++ and clang compile each operation to one instruction on machines that have vectors.
  using Bytes [[gnu::vector_size(16)]] = std::uint8_t;
  Bytes bytes;
  if (text.size() < sizeof bytes) {
    return std::ranges::all_of(text, [](char c) { return c >= first && c < 0x7F; });
  }
  Bytes refused{};
  const auto look_at = [&](std::size_t at) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    refused |= static_cast<Bytes>((bytes < first) | (bytes >= 0x7F));
  };
  std::size_t at = 0;
  for (; text.size() - at > sizeof bytes; at += sizeof bytes) look_at(at);
  // The last block may overlap the one before it.
  look_at(text.size() - sizeof bytes);
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), &refused, sizeof words);
  return (words[0] | words[1]) == 0;
}

}  // namespace

bool IsPrintableAscii(std::string_view text) { return IsFromTo<' '>(text); }

bool IsVisibleAscii(std::string_view text) { return IsFromTo<'!'>(text); }

}  // namespace docspace::gateway
