// Writes a request as bytes, RFC 9112 section 3.
//
// It is written by hand because the credential must be in one place that is erased, and be sent by
// one write. Beast's serializer takes the fields from its own container, which copies the
// credential into nodes that it frees without erasing them, and offers several buffers.
#ifndef SERVER_HTTP_REQUEST_WRITER_H_
#define SERVER_HTTP_REQUEST_WRITER_H_

#include <optional>
#include <span>

#include "server/base/secret.h"
#include "server/http/access_secrets.h"
#include "server/http/message.h"
#include "server/http/origin.h"

namespace docspace::gateway::http {

// Returns head and body in one piece, which is a secret because the credential is in it. Returns
// none if the target, a field or the credential contains a byte outside 0x20 to 0x7E, a name is no
// token, or a field's name is one that is written here, such as Host: the upstream would read it as
// something else. The code that made the request has checked it; this is the last line of defence.
//
// The fields of `replacing` are sent in place of the request's fields of the same names, and those
// of `fixed` beside them.
std::optional<Secret> WriteRequest(const Request& request, const Origin& origin,
                                   std::span<const Header> replacing = {},
                                   std::span<const SecretHeader> fixed = {});

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_REQUEST_WRITER_H_
