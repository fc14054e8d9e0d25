// Reads the head of a response with Boost.Beast's parser, and refuses heads that Beast tolerates
// but that a gateway must not: those about whose end two parties could disagree, because then one
// caller's response becomes another's (RFC 9112 section 11).
//
// Beast's `basic_parser<false>` checks the syntax, and combines Content-Length, Transfer-Encoding
// and Connection. In addition, this file refuses statuses outside of 100 to 599 and 101, transfer
// codings other than one `chunked` (Beast would read until the connection ends), lists of lengths,
// content codings, interim responses with a body, and folded fields that define the body's framing
// (Beast joins folded lines without reporting it). FindHeadEnd checks the bytes before Beast does,
// because Beast waits for the rest of a head even if its start is wrong: row R23.
//
// Beast parses heads only. ResponseReader reads a body with a Content-Length into its place without
// a copy; chunk_decoder.h says why chunks are decoded by hand.
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

// A head that was read. If `problem` is not empty, nothing else in it may be used.
struct ResponseHead {
  int status = 0;
  // The fields in the order in which they came. The lines of a folded field are joined by a space.
  std::vector<Header> headers;
  // The framing of the body: chunks, or a number of bytes, or, with neither, the end of the
  // connection.
  bool chunked = false;
  std::optional<std::uint64_t> body_bytes;
  // True if the upstream accepts another request on the connection: RFC 9112 section 9.3.
  bool keep_alive = false;
  // True if the connection must be closed after this response although its framing is clear,
  // because it was written carelessly or the connection would be authenticated.
  bool close_after = false;
  // The parameters of the upstream's `Keep-Alive` field.
  std::optional<std::chrono::seconds> keep_alive_timeout;
  std::optional<std::uint32_t> keep_alive_max;
  // The rule of response_problems.h that the head breaks; empty if it breaks none.
  std::string_view problem;
};

// The result of a search for the end of a head.
struct HeadSearch {
  // The size of the head in bytes, with its empty line; 0 if the end has not come or `problem` is
  // not empty.
  std::size_t size = 0;
  // The rule that the text breaks, independently of later bytes; empty if it breaks none.
  std::string_view problem;
};

// Searches for the end of the head at the start of `text`, of which the first `searched` bytes have
// been searched before. Refuses at once bytes that no further bytes can correct, because waiting
// for the end of such a head would last until the call's deadline.
HeadSearch FindHeadEnd(std::string_view text, std::size_t searched);

// Reads `text`, which is a head up to and including its empty line. The caller limits its size.
// Refuses more than 256 fields, and more than 4 KiB of a folded one.
ResponseHead ReadResponseHead(std::string_view text);

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RESPONSE_HEAD_H_
