#include "server/http/connection_owner.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "server/base/erase.h"

namespace docspace::gateway::http {

ConnectionOwners::ConnectionOwners() {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
}

ConnectionOwners::~ConnectionOwners() { Erase(key_.data(), key_.size()); }

ConnectionOwner ConnectionOwners::Of(const std::optional<Credential>& credential) const {
  ConnectionOwner owner{};
  if (!credential) return owner;
  const std::string_view value = credential->value.Reveal();
  std::string text;
  text.reserve(credential->name.size() + 1 + value.size());  // Growing would leave copies.
  text.append(credential->name).append(":").append(value);
  const Secret input(std::move(text));
  const std::string_view bytes = input.Reveal();
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), owner.data(),
           nullptr) == nullptr) {
    throw std::bad_alloc();
  }
  return owner;
}

}  // namespace docspace::gateway::http
