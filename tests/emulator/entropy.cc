#include "tests/emulator/entropy.h"

#include <openssl/rand.h>

#include <stdexcept>
#include <string_view>

namespace docspace::emulator {

Entropy::Entropy(std::optional<std::uint64_t> seed) {
  if (seed) seeded_.emplace(*seed);
}

std::string Entropy::Bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (seeded_) {
    for (char& byte : bytes) byte = static_cast<char>((*seeded_)());
    return bytes;
  }
  std::basic_string<unsigned char> random(count, 0);
  if (RAND_bytes(random.data(), static_cast<int>(count)) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
  bytes.assign(random.begin(), random.end());
  return bytes;
}

std::string Entropy::Hex(std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char byte : Bytes(count)) {
    const auto value = static_cast<unsigned char>(byte);
    hex += kDigits[value >> 4];
    hex += kDigits[value & 15];
  }
  return hex;
}

std::string Entropy::Guid() {
  std::string guid = Hex(16);
  guid[12] = '4';
  guid[16] = "89ab"[guid[16] % 4];
  for (const std::size_t at : {8, 13, 18, 23}) guid.insert(at, 1, '-');
  return guid;
}

}  // namespace docspace::emulator
