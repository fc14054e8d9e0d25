// The secret of a new key, out of the answer that brought it.
#ifndef CLIENT_CPP_TAKE_SECRET_H_
#define CLIENT_CPP_TAKE_SECRET_H_

#include "client/cpp/secret.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::apikeys {

// Moves the secret out of `created` and leaves the masked form, as later answers show it. Call it
// before anything can print the answer: `DebugString` of a message shows all of its fields. The
// result is empty if the answer has no secret, or if it has been taken already. `Secret::Reveal` is
// the only place where the secret is read.
Secret TakeSecret(v1::CreateApiKeyResponse& created);

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_TAKE_SECRET_H_
