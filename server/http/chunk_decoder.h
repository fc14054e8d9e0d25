// Decodes a chunked body, RFC 9112 section 7.1, from bytes as they arrive.
//
// It is written by hand, although Beast reads the heads (response_head.h), because rows R18, R23
// and R5b cannot be met with Beast's parser. That parser refuses blanks after a chunk's size, with
// which servers pad sizes, and reports that error only after it has counted the chunk, so that code
// that wanted to remove the blanks would have to find the chunks first. It ignores a bare LF until
// the connection ends. It does not limit extensions and trailers. And it asserts how many bytes of
// the last chunk it is given at a time, differently in each version. This file goes when Beast
// accepts the blanks and reports a byte that no further byte can correct at once.
#ifndef SERVER_HTTP_CHUNK_DECODER_H_
#define SERVER_HTTP_CHUNK_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace docspace::gateway::http {

// Decodes one body. Not thread-safe.
class ChunkDecoder {
 public:
  enum class Progress { kNeedMore, kDone, kMalformed };

  // `max_body_bytes` limits the decoded body.
  explicit ChunkDecoder(std::size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  // Removes bytes from the front of `bytes` and appends the data among them to `body`, which must
  // be the same string in each call. Removes all of `bytes` unless it returns kDone, which leaves
  // the bytes behind the body, or kMalformed. Must not be called again after either.
  Progress Decode(std::string_view& bytes, std::string& body);

  // Returns how many of the bytes that were taken are not data: sizes, extensions, trailers. Each
  // line of them is limited to 64 KiB, but not their number.
  std::uint64_t framing_bytes() const { return framing_bytes_; }

  // Returns the memory that is held, in bytes.
  std::size_t held() const { return line_.capacity(); }

  // Returns, after kDone, whether the connection must be closed although the body is clear: there
  // were blanks after a chunk's size, or a trailer names a field of the connection or framing.
  bool close_after() const { return close_after_; }

  // Returns, after kMalformed, the rule of response_problems.h that the body breaks.
  std::string_view problem() const { return problem_; }

 private:
  // The line that comes next, outside of a chunk's data.
  enum class Line { kSize, kEndOfData, kTrailer };

  Progress DecodeFraming(char byte, const std::string& body);
  Progress EndLine(const std::string& body);
  Progress ReadSize(const std::string& body);
  Progress ReadTrailer();
  Progress Malformed(std::string_view problem);

  const std::size_t max_body_bytes_;
  Line next_ = Line::kSize;
  // The line so far, without its CR LF.
  std::string line_;
  bool after_cr_ = false;
  // Bytes of the chunk's data that have not come yet.
  std::size_t data_left_ = 0;
  std::uint64_t framing_bytes_ = 0;
  bool close_after_ = false;
  std::string_view problem_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CHUNK_DECODER_H_
