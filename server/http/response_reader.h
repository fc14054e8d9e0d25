// Reads one response from bytes as they arrive. It does no I/O, so that a connection and the fuzzer
// use it in the same way.
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
  // The longest head. Chunking may add twice as many bytes to a body, and eight for each of its
  // own.
  std::size_t head_bytes = 64 * 1024;
  std::size_t body_bytes = 8 * 1024 * 1024;
};

// The spare capacity behind a body, which a parser that loads several bytes at a time needs.
inline constexpr std::size_t kBodyPadding = 16;

// Reads one response; interim responses (1xx) before it are skipped. Call Buffer, read into it,
// call Consume, and repeat this while Consume returns kNeedMore. At the end of the connection call
// ConsumeEnd. After kDone or kMalformed only the accessors and Take may be called. Not thread-safe.
class ResponseReader {
 public:
  enum class Progress { kNeedMore, kDone, kMalformed };

  explicit ResponseReader(const ResponseLimits& limits);
  // Overwrites the bytes that it has read and not handed over, which may hold the secret of a
  // created key.
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  // Returns the space for the next bytes; it is valid until the next call, and never empty. It adds
  // at most 64 KiB to what has come.
  std::span<char> Buffer();

  // Takes the first `size` bytes of the last Buffer.
  Progress Consume(std::size_t size);

  // Handles the end of the connection. `orderly` is false for a reset, and for TLS without
  // close_notify: then the end delimits no body. Never returns kNeedMore.
  Progress ConsumeEnd(bool orderly);

  // Returns whether any byte came.
  bool started() const { return started_; }

  // Returns an estimate of the memory that is held for the response, in bytes.
  std::size_t held() const;

  // Returns the response, after kDone, once. Its body has kBodyPadding bytes of capacity behind its
  // end, unless it came without a Content-Length.
  Response Take();

  // Returns, after kDone, whether the connection may carry another request. False if there is any
  // doubt about where this response ended, or if the upstream closes the connection.
  bool reusable() const { return reusable_; }
  std::optional<std::chrono::seconds> keep_alive_timeout() const { return keep_alive_timeout_; }
  std::optional<std::uint32_t> keep_alive_max() const { return keep_alive_max_; }

  // Returns, after kMalformed, the rule of response_problems.h that the response breaks.
  std::string_view problem() const { return problem_; }

 private:
  // The size of the first buffer, whose memory the next reader uses again.
  static constexpr std::size_t kFirstRoom = 8 * 1024;
  struct FreeOctets {
    std::size_t size;
    void operator()(char* octets) const;
  };
  using Octets = std::unique_ptr<char[], FreeOctets>;
  // Returns `size` bytes of any content. A string or a vector would be filled with zeros first.
  static Octets NewOctets(std::size_t size);

  // The part to which the next bytes belong.
  enum class Part { kHead, kBody, kChunks };

  Progress Malformed(std::string_view problem);
  // `news` is the number of bytes that came last.
  Progress ReadHead(std::size_t news);
  // `head`, of `size` bytes, is the head of the final response.
  Progress StartBody(ResponseHead head, std::size_t size);
  std::span<char> BodyBuffer();
  Progress ReadBody();
  Progress ReadChunks();
  Progress Done();

  const ResponseLimits limits_;
  Response response_;
  Part part_ = Part::kHead;

  // octets_[begin_, end_) has come but has not been parsed. A body without chunks is not stored
  // there.
  Octets octets_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  // The end of all that was ever in octets_.
  std::size_t used_ = 0;
  // The size of what Buffer returns, unless less can come.
  std::size_t room_ = kFirstRoom;

  // For a body without chunks: its length, unless it ends with the connection, and how much of it
  // has come, which is at the front of response_.body.
  std::optional<std::uint64_t> body_bytes_;
  std::size_t received_ = 0;

  // For a body in chunks.
  std::optional<ChunkDecoder> chunks_;
  // The size of the final response's head.
  std::size_t head_bytes_ = 0;
  int interim_responses_ = 0;
  // True if an interim response says, or leaves doubt about, that the connection ends.
  bool interim_close_ = false;
  bool started_ = false;
  bool reusable_ = false;
  std::optional<std::chrono::seconds> keep_alive_timeout_;
  std::optional<std::uint32_t> keep_alive_max_;
  std::string_view problem_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RESPONSE_READER_H_
