// HTTP messages as values: what the layers of the gateway hand each other.
#ifndef SERVER_HTTP_MESSAGE_H_
#define SERVER_HTTP_MESSAGE_H_

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/base/secret.h"

namespace docspace::gateway::http {

enum class Method { kGet, kPost, kPut, kDelete };

// The method's token on the wire: "GET".
std::string_view ToString(Method method);

struct Header {
  std::string name;
  std::string value;
};

// The header that authenticates a request. Its value cannot be printed.
struct Credential {
  std::string name;
  Secret value;
};

struct Request {
  Method method = Method::kGet;
  // Origin form, RFC 9112 section 3.2.1: an absolute path and an optional query, already escaped.
  std::string target;
  std::vector<Header> headers;
  std::optional<Credential> credential;
  // Sent with Content-Length. The caller names its type among `headers`.
  std::string body;
  // The longest response body that is read, in bytes, if that is less than the client's own limit.
  std::size_t max_response_body = std::numeric_limits<std::size_t>::max();
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;

  // The value of the first header of that name, compared without case; empty where there is none.
  std::string_view Find(std::string_view name) const;
};

// Why no response came.
struct Failure {
  enum class Kind {
    // No connection could be had: name resolution, connect or TLS failed, or the circuit is open.
    kUnreachable,
    // The connection ended before the response was complete.
    kConnectionLost,
    // What came is not a response that may be believed: framing in doubt, a limit exceeded.
    kMalformed,
    // The deadline passed.
    kDeadline,
    // The caller went away.
    kCancelled,
    // The gateway carries as much as it may: nothing was done, or, if `sent`, there was no memory
    // left for the response.
    kOverloaded,
  };
  Kind kind = Kind::kUnreachable;
  // Whether a write was issued on a socket: if so, the portal may have acted on the request.
  bool sent = false;
  // For logs and messages: names no credential, no content and no address.
  std::string detail;
};

using Outcome = std::variant<Response, Failure>;

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_MESSAGE_H_
