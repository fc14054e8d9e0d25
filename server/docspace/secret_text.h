// Erases a created key's secret from memory that is about to be freed.
#ifndef SERVER_DOCSPACE_SECRET_TEXT_H_
#define SERVER_DOCSPACE_SECRET_TEXT_H_

#include <string>
#include <type_traits>

#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/base/erase.h"

namespace docspace::gateway {

// True if a response can hold the secret of a created key.
template <class Response>
constexpr bool kHoldsSecret = std::is_same_v<Response, apikeys::v1::CreateApiKeyResponse>;

// Overwrites the body of a response if it can hold the secret of a created key.
template <class Response>
void WipeBodyOf(std::string& body) {
  if constexpr (kHoldsSecret<Response>) Erase(body.data(), body.size());
}

// Overwrites the secret in a message if it has one.
template <class Response>
void WipeSecretsOf(Response& response) {
  if constexpr (kHoldsSecret<Response>) {
    if (!response.has_api_key()) return;
    std::string& key = *response.mutable_api_key()->mutable_key();
    Erase(key.data(), key.size());
  }
}

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_SECRET_TEXT_H_
