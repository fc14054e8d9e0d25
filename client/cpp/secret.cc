#include "client/cpp/secret.h"

#include <string.h>

namespace docspace::apikeys {

void Secret::Wipe(std::string& value) noexcept {
  // Erases the whole capacity, because a short string lives inside the object, and a moved-from one
  // keeps its bytes.
  value.resize(value.capacity());
  explicit_bzero(value.data(), value.size());
  value.clear();
}

}  // namespace docspace::apikeys
