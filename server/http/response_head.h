// The framing of a response, judged before anything of it is believed.
//
// Beast's parser is lenient where a gateway must not be: it reads unknown transfer codings to the
// end of the connection, takes a Content-Length beside a Transfer-Encoding, and accepts statuses
// such as 099. Each of these is how one caller's answer becomes another's (RFC 9112 section 11).
#ifndef SERVER_HTTP_RESPONSE_HEAD_H_
#define SERVER_HTTP_RESPONSE_HEAD_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace docspace::gateway::http {

struct ResponseHead {
  int status = 0;
  // Framing that may be believed, but was written carelessly: the connection is not used again.
  bool doubtful = false;
  // What the portal says of the connection's future, in a `Keep-Alive` header.
  std::optional<std::chrono::seconds> keep_alive_timeout;
  std::optional<std::uint32_t> keep_alive_max;
  // Names what is wrong, by rule and not by content; empty for a head that may be parsed.
  std::string_view problem;
};

// Judges the octets up to and including the empty line.
ResponseHead ReadResponseHead(std::string_view text);

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RESPONSE_HEAD_H_
