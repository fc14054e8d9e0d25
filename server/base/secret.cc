#include "server/base/secret.h"

#include "server/base/erase.h"

namespace docspace::gateway {

void Secret::Wipe() noexcept {
  // Erases the whole capacity, because a short string lives inside the object, and a moved-from one
  // keeps its bytes.
  Erase(value_.data(), value_.capacity());
  value_.clear();
}

}  // namespace docspace::gateway
