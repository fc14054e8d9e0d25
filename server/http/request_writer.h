// A request as octets, RFC 9112 section 3.
#ifndef SERVER_HTTP_REQUEST_WRITER_H_
#define SERVER_HTTP_REQUEST_WRITER_H_

#include <optional>
#include <span>

#include "server/base/secret.h"
#include "server/http/message.h"
#include "server/http/origin.h"

namespace docspace::gateway::http {

// Head and body in one piece, a secret because the credential is in it. None where the target, a
// header or the credential holds an octet outside 0x20–0x7E, a name that is no token, or the name
// of a header that is written here, such as Host: it would be read as something else by the portal.
// Whoever made the request has checked it; this is the last line of defence.
//
// `replacing` are sent in place of the request's headers of the same names.
std::optional<Secret> WriteRequest(const Request& request, const Origin& origin,
                                   std::span<const Header> replacing = {});

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_REQUEST_WRITER_H_
