#include "server/http/chunk_decoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "server/base/ascii.h"
#include "server/base/http_chars.h"
#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{64} * 1024;

// Returns whether RFC 9110 section 6.5.1 forbids the field in a trailer. It has no effect here, but
// another reader of the same bytes may have obeyed it.
bool MustNotBeTrailer(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"connection",     "proxy-connection",
                                                      "keep-alive",     "upgrade",
                                                      "content-length", "transfer-encoding"};
  return std::ranges::any_of(
      kNames, [name](std::string_view other) { return EqualsIgnoreCase(name, other); });
}

}  // namespace

ChunkDecoder::Progress ChunkDecoder::Decode(std::string_view& bytes, std::string& body) {
  while (!bytes.empty()) {
    if (data_left_ > 0) {
      const std::size_t size = std::min(data_left_, bytes.size());
      body.append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      data_left_ -= size;
      continue;
    }
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    ++framing_bytes_;
    const Progress progress = DecodeFraming(byte, body);
    if (progress != Progress::kNeedMore) return progress;
  }
  return Progress::kNeedMore;
}

ChunkDecoder::Progress ChunkDecoder::DecodeFraming(char byte, const std::string& body) {
  if (after_cr_ != (byte == '\n')) return Malformed(kBareLineEnd);
  if (byte == '\n') return EndLine(body);
  after_cr_ = byte == '\r';
  if (after_cr_) return Progress::kNeedMore;
  if (next_ == Line::kEndOfData) return Malformed(kChunkTooLong);
  if (!IsFieldText({&byte, 1})) return Malformed(kControlInChunks);
  if (line_.size() == kMaxLineBytes) return Malformed(kTooMuchFraming);
  line_.push_back(byte);
  return Progress::kNeedMore;
}

ChunkDecoder::Progress ChunkDecoder::EndLine(const std::string& body) {
  Progress progress = Progress::kNeedMore;
  switch (next_) {
    case Line::kSize:
      progress = ReadSize(body);
      break;
    case Line::kEndOfData:
      next_ = Line::kSize;
      break;
    case Line::kTrailer:
      progress = ReadTrailer();
      break;
  }
  line_.clear();
  after_cr_ = false;
  return progress;
}

ChunkDecoder::Progress ChunkDecoder::ReadSize(const std::string& body) {
  std::uint64_t size = 0;
  const char* const end = line_.data() + line_.size();
  const auto [rest, error] = std::from_chars(line_.data(), end, size, 16);
  if (error != std::errc()) return Malformed(kBadChunkSize);
  const std::string_view behind(rest, static_cast<std::size_t>(end - rest));
  const std::string_view extension = StripAsciiWhitespace(behind);
  if (!extension.empty() && extension.front() != ';') {
    return Malformed(kBadChunkSize);
  }
  close_after_ = close_after_ || (!behind.empty() && behind.front() != ';');
  if (size > max_body_bytes_ - body.size()) return Malformed(kBodyTooLong);
  data_left_ = size;
  next_ = size > 0 ? Line::kEndOfData : Line::kTrailer;
  return Progress::kNeedMore;
}

ChunkDecoder::Progress ChunkDecoder::ReadTrailer() {
  if (line_.empty()) return Progress::kDone;
  // Two readers may interpret a blank before the colon in two ways (RFC 9112 section 5.1).
  const std::size_t colon = line_.find(':');
  const std::string_view name = std::string_view(line_).substr(0, colon);
  if (colon == std::string::npos || !IsToken(name)) return Malformed(kBadTrailerName);
  close_after_ = close_after_ || MustNotBeTrailer(name);
  return Progress::kNeedMore;
}

ChunkDecoder::Progress ChunkDecoder::Malformed(std::string_view problem) {
  problem_ = problem;
  return Progress::kMalformed;
}

}  // namespace docspace::gateway::http
