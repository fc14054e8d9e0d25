// Reads one response from octets as they come, without doing I/O: what a connection feeds and what
// the fuzzer feeds are the same.
#ifndef SERVER_HTTP_RESPONSE_READER_H_
#define SERVER_HTTP_RESPONSE_READER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/http/chunk_decoder.h"
#include "server/http/message.h"
#include "server/http/response_head.h"

namespace docspace::gateway::http {

struct ResponseLimits {
  // Of the status line and header fields together, and of what chunking adds to a small body.
  std::size_t head_bytes = 64 * 1024;
  std::size_t body_bytes = 8 * 1024 * 1024;
};

// For parsers that load several octets at a time.
inline constexpr std::size_t kBodyPadding = 8;

// Use: `Buffer`, read into it, `Consume`; again while it answers kNeedMore. At the end of the
// connection, `ConsumeEnd`. Interim responses (1xx) are skipped.
class ResponseReader {
 public:
  enum class Progress { kNeedMore, kDone, kMalformed };

  explicit ResponseReader(const ResponseLimits& limits);
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  // Where the next octets go; valid until the next call. Never empty.
  std::span<char> Buffer();

  // Takes the first `size` octets of the last Buffer.
  Progress Consume(std::size_t size);

  // The connection has ended. `orderly` is false for a reset, or TLS without close_notify: then the
  // end delimits no body. Never answers kNeedMore.
  Progress ConsumeEnd(bool orderly);

  // Whether any octet came.
  bool started() const { return started_; }

  // The memory that it holds for the response, an estimate in octets.
  std::size_t held() const;

  // After kDone, once. The body has kBodyPadding octets of capacity behind its end, unless it came
  // without a Content-Length.
  Response Take();

  // After kDone: whether the connection may carry another request. False on any doubt about where
  // this response ended, and where the portal says so.
  bool reusable() const { return reusable_; }
  std::optional<std::chrono::seconds> keep_alive_timeout() const { return keep_alive_timeout_; }
  std::optional<std::uint32_t> keep_alive_max() const { return keep_alive_max_; }

  // After kMalformed: what is wrong, by rule and not by content.
  std::string_view problem() const { return problem_; }

 private:
  // What the next octets belong to.
  enum class Part { kHead, kBody, kChunks };

  Progress Malformed(std::string_view problem);
  // `news` is how many octets came last.
  Progress ReadHead(std::size_t news);
  // `head`, of `size` octets, may be believed.
  Progress StartBody(ResponseHead head, std::size_t size);
  std::span<char> BodyBuffer();
  Progress ReadBody();
  Progress ReadChunks();
  Progress Done();

  const ResponseLimits limits_;
  Response response_;
  Part part_ = Part::kHead;

  // octets_[begin_, end_) is what came, outside of a body without chunks, and has not been parsed.
  std::unique_ptr<char[]> octets_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  // What Buffer offers, unless it knows that less will come.
  std::size_t room_ = 8 * 1024;

  // Of a body without chunks: its length, if it does not end with the connection, and what came,
  // which response_.body begins with.
  std::optional<std::uint64_t> body_bytes_;
  std::size_t received_ = 0;

  // Of a body in chunks.
  std::optional<ChunkDecoder> chunks_;
  // Of the head that is believed.
  std::size_t head_bytes_ = 0;
  int interim_responses_ = 0;
  bool started_ = false;
  bool reusable_ = false;
  std::optional<std::chrono::seconds> keep_alive_timeout_;
  std::optional<std::uint32_t> keep_alive_max_;
  std::string_view problem_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RESPONSE_READER_H_
