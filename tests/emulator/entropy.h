// The source of secrets and ids.
#ifndef TESTS_EMULATOR_ENTROPY_H_
#define TESTS_EMULATOR_ENTROPY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

namespace docspace::emulator {

// `Entropy` generates the same values every time if it has a seed, and otherwise OpenSSL's random
// bytes.
class Entropy {
 public:
  explicit Entropy(std::optional<std::uint64_t> seed);

  std::string Bytes(std::size_t count);
  // Returns `count` bytes as lower-case hexadecimal digits.
  std::string Hex(std::size_t count);
  // Returns a random (version 4) GUID in lower case.
  std::string Guid();

 private:
  std::optional<std::mt19937_64> seeded_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_ENTROPY_H_
