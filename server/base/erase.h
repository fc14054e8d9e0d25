// Erases secrets from memory.
#ifndef SERVER_BASE_ERASE_H_
#define SERVER_BASE_ERASE_H_

#include <string.h>  // explicit_bzero is the C library's own.

#include <cstddef>

namespace docspace::gateway {

// Overwrites `size` bytes that may be freed at once, which compilers must not leave out. It takes
// as long as memset; OPENSSL_cleanse takes three instructions for eight bytes, and is called
// sixteen times in a call.
inline void Erase(void* memory, std::size_t size) {
  if (size != 0) explicit_bzero(memory, size);
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_ERASE_H_
