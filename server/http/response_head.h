// The head of a response, judged before anything of it is believed.
//
// Beast's parser is lenient where a gateway must not be: it reads unknown transfer codings to the
// end of the connection, takes a Content-Length beside a Transfer-Encoding, and accepts statuses
// such as 099. Each of these is how one caller's answer becomes another's (RFC 9112 section 11).
#ifndef SERVER_HTTP_RESPONSE_HEAD_H_
#define SERVER_HTTP_RESPONSE_HEAD_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/http/message.h"

namespace docspace::gateway::http {

struct ResponseHead {
  int status = 0;
  // In the order they came; the lines of a folded one are joined by a space.
  std::vector<Header> headers;
  // How the body is framed: in chunks, or as so many octets, or, with neither, as all until the
  // connection ends.
  bool chunked = false;
  std::optional<std::uint64_t> body_bytes;
  // Whether the portal will take another request on the connection: RFC 9112 section 9.3.
  bool keep_alive = false;
  // Framing that may be believed, but was written carelessly: the connection is not used again.
  bool doubtful = false;
  // What the portal says of that in a `Keep-Alive` header.
  std::optional<std::chrono::seconds> keep_alive_timeout;
  std::optional<std::uint32_t> keep_alive_max;
  // Names what is wrong, by rule and not by content; empty for a head that may be parsed.
  std::string_view problem;
};

// Where a head ends in what has come so far.
struct HeadSearch {
  // The head's size, the empty line included; 0 if its end has not come, or there is a problem.
  std::size_t size = 0;
  // Names what makes the text the start of no head, however it goes on; empty if nothing does.
  std::string_view problem;
};

// Looks for the end of the head that `text` starts with; the first `searched` bytes have been
// looked at before. Refuses at once what more bytes cannot mend, because waiting for the end of a
// head that never ends would last until the call's deadline.
HeadSearch FindHeadEnd(std::string_view text, std::size_t searched);

// Judges the octets up to and including the empty line.
ResponseHead ReadResponseHead(std::string_view text);

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RESPONSE_HEAD_H_
