// Takes the secret of a new key out of the response that brought it.
#ifndef CLIENT_CPP_TAKE_SECRET_H_
#define CLIENT_CPP_TAKE_SECRET_H_

#include "client/cpp/secret.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::apikeys {

// Moves the secret out of `created` and leaves the masked form that later responses have. Call it
// before any code can print the response, because `DebugString` of a message shows all of its
// fields. The result is empty if the response has no secret, or if it has been taken already.
// `Secret::Reveal` is the only place where the secret is read.
Secret TakeSecret(v1::CreateApiKeyResponse& created);

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_TAKE_SECRET_H_
