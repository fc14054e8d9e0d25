#include "server/base/secret.h"

#include <openssl/crypto.h>

namespace docspace::gateway {

void Secret::Wipe() noexcept {
  // To the capacity: a short string lives inside the object, and a moved-from one leaves its bytes.
  OPENSSL_cleanse(value_.data(), value_.capacity());
  value_.clear();
}

}  // namespace docspace::gateway
