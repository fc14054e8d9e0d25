#include "server/http/response_reader.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "server/base/block_cache.h"
#include "server/base/erase.h"
#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

constexpr std::size_t kMaxReadBytes = 64 * 1024;
constexpr int kMaxInterimResponses = 16;
constexpr std::size_t kFirstBodyBytes = 4 * 1024;
// Honest chunking adds at most this much: a chunk of one byte is `1\r\nx\r\n`.
constexpr std::uint64_t kFramingPerBodyByte = 8;

}  // namespace

ResponseReader::ResponseReader(const ResponseLimits& limits) : limits_(limits) {}

ResponseReader::~ResponseReader() {
  Erase(octets_.get(), used_);
  Erase(response_.body.data(), response_.body.size());
}

ResponseReader::Octets ResponseReader::NewOctets(std::size_t size) {
  void* const octets = size == kFirstRoom ? BlockCache<kFirstRoom>::Take() : ::operator new(size);
  return Octets(static_cast<char*>(octets), {.size = size});
}

void ResponseReader::FreeOctets::operator()(char* octets) const {
  if (size == kFirstRoom) return BlockCache<kFirstRoom>::Free(octets);
  ::operator delete(octets);
}

std::span<char> ResponseReader::Buffer() {
  if (part_ == Part::kBody) return BodyBuffer();
  const std::size_t kept = end_ - begin_;
  if (capacity_ < kept + room_) {
    Octets larger = NewOctets(kept + room_);
    if (kept > 0) std::memcpy(larger.get(), octets_.get() + begin_, kept);
    Erase(octets_.get(), std::exchange(used_, kept));
    octets_ = std::move(larger);
    capacity_ = kept + room_;
  } else if (begin_ > 0) {
    std::memmove(octets_.get(), octets_.get() + begin_, kept);
  }
  begin_ = 0;
  end_ = kept;
  return {octets_.get() + end_, capacity_ - end_};
}

std::span<char> ResponseReader::BodyBuffer() {
  // The room is one byte larger than the rest, so that a surplus byte is noticed.
  const std::uint64_t rest = body_bytes_.value_or(limits_.body_bytes) - received_ + 1;
  const std::size_t room = std::min<std::uint64_t>(rest, room_);
  std::string& body = response_.body;
  if (body.size() < received_ + room) body.resize(received_ + room);
  return {body.data() + received_, room};
}

ResponseReader::Progress ResponseReader::Consume(std::size_t size) {
  if (size == 0) return Progress::kNeedMore;
  started_ = true;
  // A read that fills its room belongs to a long response, for which fewer and larger reads are
  // better.
  if (size >= room_) room_ = std::min(kMaxReadBytes, 2 * room_);
  if (part_ == Part::kBody) {
    received_ += size;
    return ReadBody();
  }
  end_ += size;
  used_ = std::max(used_, end_);
  return part_ == Part::kHead ? ReadHead(size) : ReadChunks();
}

ResponseReader::Progress ResponseReader::ReadHead(std::size_t news) {
  std::size_t searched = end_ - begin_ - news;
  while (true) {
    const std::string_view octets(octets_.get() + begin_, end_ - begin_);
    const auto [size, problem] = FindHeadEnd(octets, std::exchange(searched, 0));
    if (!problem.empty()) return Malformed(problem);
    if ((size > 0 ? size : octets.size()) > limits_.head_bytes) {
      return Malformed(kHeadTooLong);
    }
    if (size == 0) return Progress::kNeedMore;
    ResponseHead head = ReadResponseHead(octets.substr(0, size));
    if (!head.problem.empty()) return Malformed(head.problem);
    begin_ += size;
    if (head.status >= 200) return StartBody(std::move(head), size);
    if (++interim_responses_ > kMaxInterimResponses) return Malformed(kTooManyInterim);
    interim_close_ = interim_close_ || head.close_after || !head.keep_alive;
  }
}

ResponseReader::Progress ResponseReader::StartBody(ResponseHead head, std::size_t size) {
  head_bytes_ = size;
  response_.status = head.status;
  response_.headers = std::move(head.headers);
  keep_alive_timeout_ = head.keep_alive_timeout;
  keep_alive_max_ = head.keep_alive_max;
  reusable_ =
      head.keep_alive && !head.close_after && !interim_close_ && (head.chunked || head.body_bytes);
  if (head.chunked) {
    part_ = Part::kChunks;
    // A created key fits into the first buffer, so that no copy of it stays behind when the body
    // grows.
    response_.body.reserve(std::min(kFirstBodyBytes, limits_.body_bytes));
    chunks_.emplace(limits_.body_bytes);
    return ReadChunks();
  }
  part_ = Part::kBody;
  body_bytes_ = head.body_bytes;
  if (body_bytes_.value_or(0) > limits_.body_bytes) return Malformed(kBodyTooLong);
  // A created key without a length, and the room for the read behind it, fit for the same reason.
  response_.body.reserve(body_bytes_ ? *body_bytes_ + kBodyPadding : 2 * kFirstRoom);
  received_ = std::exchange(end_, 0) - begin_;
  response_.body.assign(octets_.get() + std::exchange(begin_, 0), received_);
  return ReadBody();
}

ResponseReader::Progress ResponseReader::ReadBody() {
  if (!body_bytes_) {
    return received_ > limits_.body_bytes ? Malformed(kBodyTooLong) : Progress::kNeedMore;
  }
  if (received_ < *body_bytes_) return Progress::kNeedMore;
  reusable_ = reusable_ && received_ == *body_bytes_;
  received_ = *body_bytes_;
  return Done();
}

ResponseReader::Progress ResponseReader::ReadChunks() {
  std::string& body = response_.body;
  std::string_view octets(octets_.get() + begin_, end_ - begin_);
  begin_ = end_;
  switch (chunks_->Decode(octets, body)) {
    case ChunkDecoder::Progress::kNeedMore:
      break;
    case ChunkDecoder::Progress::kDone:
      reusable_ = reusable_ && !chunks_->close_after() && octets.empty();
      received_ = body.size();
      return Done();
    case ChunkDecoder::Progress::kMalformed:
      return Malformed(chunks_->problem());
  }
  // Extensions and trailers have no limit of their own.
  if (chunks_->framing_bytes() > body.size() * kFramingPerBodyByte + 2 * limits_.head_bytes) {
    return Malformed(kTooMuchFraming);
  }
  return Progress::kNeedMore;
}

ResponseReader::Progress ResponseReader::ConsumeEnd(bool orderly) {
  if (part_ == Part::kHead) return Malformed(kEndInHead);
  if (!orderly || part_ == Part::kChunks || body_bytes_) {
    return Malformed(kEndInBody);
  }
  return Done();
}

ResponseReader::Progress ResponseReader::Done() {
  response_.body.resize(received_);
  return Progress::kDone;
}

std::size_t ResponseReader::held() const {
  return capacity_ + head_bytes_ + response_.headers.capacity() * sizeof(Header) +
         response_.body.capacity() + (chunks_ ? chunks_->held() : 0);
}

ResponseReader::Progress ResponseReader::Malformed(std::string_view problem) {
  problem_ = problem;
  reusable_ = false;
  return Progress::kMalformed;
}

Response ResponseReader::Take() { return std::move(response_); }

}  // namespace docspace::gateway::http
