// Where secrets and ids come from.
#ifndef TESTS_EMULATOR_ENTROPY_H_
#define TESTS_EMULATOR_ENTROPY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

namespace docspace::emulator {

// With a seed the same values every time, in tests; without one OpenSSL's random bytes.
class Entropy {
 public:
  explicit Entropy(std::optional<std::uint64_t> seed);

  std::string Bytes(std::size_t count);
  // `count` bytes as lower-case hexadecimal digits.
  std::string Hex(std::size_t count);
  // A random (version 4) GUID in lower case.
  std::string Guid();

 private:
  std::optional<std::mt19937_64> seeded_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_ENTROPY_H_
