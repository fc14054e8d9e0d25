// Random numbers for ids, which must be unique but need not be secret.
#ifndef SERVER_BASE_RANDOM_BITS_H_
#define SERVER_BASE_RANDOM_BITS_H_

#include <cstdint>
#include <random>

namespace docspace::gateway {

// Returns 64 bits of a generator that belongs to the calling thread.
inline std::uint64_t RandomBits() {
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return random();
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_RANDOM_BITS_H_
