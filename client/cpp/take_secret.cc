#include "client/cpp/take_secret.h"

#include <algorithm>
#include <string>
#include <utility>

namespace docspace::apikeys {

Secret TakeSecret(v1::CreateApiKeyResponse& created) {
  constexpr std::string_view kMask = "sk-***";
  constexpr std::size_t kShown = 4;
  const std::string& key = created.api_key().key();
  if (key.empty() || key.starts_with(kMask)) return {};
  std::string masked(kMask);
  masked += key.substr(key.size() - std::min(key.size(), kShown));
  Secret secret(std::move(*created.mutable_api_key()->mutable_key()));
  created.mutable_api_key()->set_key(masked);
  return secret;
}

}  // namespace docspace::apikeys
