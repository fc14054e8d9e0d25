#include "client/cpp/secret.h"

#include <string.h>

namespace docspace::apikeys {

void Secret::Wipe(std::string& value) noexcept {
  // To the capacity: a short string lives inside the object, and a moved-from one leaves its bytes.
  value.resize(value.capacity());
  explicit_bzero(value.data(), value.size());
  value.clear();
}

}  // namespace docspace::apikeys
