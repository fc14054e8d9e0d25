#include "server/http/response_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>
#include <exception>
#include <utility>

namespace docspace::gateway::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kMaxReadBytes = 64 * 1024;
constexpr int kMaxInterimResponses = 16;
// One-octet chunks, `1\r\nx\r\n`, are the most that honest chunking adds.
constexpr std::uint64_t kFramingPerBodyByte = 8;
constexpr std::string_view kLastChunk = "0\r\n\r\n";

constexpr std::string_view kBodyTooLong = "the body is too long";

std::string_view ProblemOf(const boost::system::error_code& error) {
  return error == beast_http::error::body_limit ? kBodyTooLong : "the response could not be parsed";
}

}  // namespace

// Reads nothing but chunks: the head that it is given is not the portal's.
struct ResponseReader::ChunkParser : beast_http::response_parser<beast_http::string_body> {
  explicit ChunkParser(std::uint64_t limit) {
    constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    eager(true);
    body_limit(limit);
    boost::system::error_code error;
    put(boost::asio::const_buffer(kHead.data(), kHead.size()), error);
  }
};

ResponseReader::ResponseReader(const ResponseLimits& limits) : limits_(limits) {}
ResponseReader::~ResponseReader() = default;

std::span<char> ResponseReader::Buffer() {
  if (part_ == Part::kBody) return BodyBuffer();
  const std::size_t kept = end_ - begin_;
  if (capacity_ < kept + room_) {
    // Not a string or a vector, which would be filled with zeros first.
    auto larger = std::make_unique_for_overwrite<char[]>(kept + room_);
    if (kept > 0) std::memcpy(larger.get(), octets_.get() + begin_, kept);
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
  // One octet more than may come, so that it is seen if it does.
  const std::uint64_t rest = body_bytes_.value_or(limits_.body_bytes) - received_ + 1;
  const std::size_t room = std::min<std::uint64_t>(rest, room_);
  std::string& body = response_.body;
  if (body.size() < received_ + room) body.resize(received_ + room);
  return {body.data() + received_, room};
}

ResponseReader::Progress ResponseReader::Consume(std::size_t size) {
  if (size == 0) return Progress::kNeedMore;
  started_ = true;
  // A read that fills its room is part of a long response: fewer, larger reads.
  if (size >= room_) room_ = std::min(kMaxReadBytes, 2 * room_);
  try {
    if (part_ == Part::kBody) {
      received_ += size;
      return ReadBody();
    }
    end_ += size;
    return part_ == Part::kHead ? ReadHead(size) : ReadChunks();
  } catch (const std::exception&) {
    // Beast throws out of its parser for a trailer over 64 KiB.
    return Malformed("the response could not be parsed");
  }
}

ResponseReader::Progress ResponseReader::ReadHead(std::size_t news) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  // The end is not in what was searched before, but it may have begun there.
  std::size_t searched = end_ - begin_ - news;
  searched -= std::min(searched, kEnd.size() - 1);
  while (true) {
    const std::string_view octets(octets_.get() + begin_, end_ - begin_);
    const std::size_t end = octets.find(kEnd, std::exchange(searched, 0));
    if (end == std::string_view::npos) {
      return octets.size() > limits_.head_bytes ? Malformed("the head is too long")
                                                : Progress::kNeedMore;
    }
    const std::size_t size = end + kEnd.size();
    if (size > limits_.head_bytes) return Malformed("the head is too long");
    ResponseHead head = ReadResponseHead(octets.substr(0, size));
    if (!head.problem.empty()) return Malformed(head.problem);
    begin_ += size;
    if (head.status >= 200) return StartBody(std::move(head), size);
    if (++interim_responses_ > kMaxInterimResponses) return Malformed("too many interim responses");
  }
}

ResponseReader::Progress ResponseReader::StartBody(ResponseHead head, std::size_t size) {
  head_bytes_ = size;
  response_.status = head.status;
  response_.headers = std::move(head.headers);
  keep_alive_timeout_ = head.keep_alive_timeout;
  keep_alive_max_ = head.keep_alive_max;
  reusable_ = head.keep_alive && !head.doubtful && (head.chunked || head.body_bytes);
  if (head.chunked) {
    part_ = Part::kChunks;
    framed_bytes_ = size;
    parser_ = std::make_unique<ChunkParser>(limits_.body_bytes);
    return ReadChunks();
  }
  part_ = Part::kBody;
  body_bytes_ = head.body_bytes;
  if (body_bytes_) {
    if (*body_bytes_ > limits_.body_bytes) return Malformed(kBodyTooLong);
    response_.body.reserve(*body_bytes_ + kBodyPadding);
  }
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
  // Beast's assertions do not expect to see less of a last chunk that is also the first.
  const bool before_chunks = parser_->get().body().empty();
  if (before_chunks && end_ - begin_ < kLastChunk.size()) return Progress::kNeedMore;
  while (!parser_->is_done() && begin_ < end_) {
    boost::system::error_code error;
    const std::size_t parsed =
        parser_->put(boost::asio::const_buffer(octets_.get() + begin_, end_ - begin_), error);
    begin_ += parsed;
    framed_bytes_ += parsed;
    if (error == beast_http::error::need_more || (!error && parsed == 0)) break;
    if (error) return Malformed(ProblemOf(error));
  }
  std::string& body = parser_->get().body();
  if (parser_->is_done()) {
    // A trailer may still ask for the end of the connection.
    reusable_ = reusable_ && parser_->keep_alive() && begin_ == end_;
    received_ = body.size();
    response_.body = std::move(body);
    return Done();
  }
  // Chunk extensions and trailers have no limit in Beast, so the octets on the wire are counted.
  if (framed_bytes_ + (end_ - begin_) >
      body.size() + body.size() * kFramingPerBodyByte + 2 * limits_.head_bytes) {
    return Malformed("too much framing around too little body");
  }
  return Progress::kNeedMore;
}

ResponseReader::Progress ResponseReader::ConsumeEnd(bool orderly) {
  if (part_ == Part::kHead) return Malformed("the connection ended inside the head");
  if (!orderly || part_ == Part::kChunks || body_bytes_) {
    return Malformed("the connection ended inside the body");
  }
  return Done();
}

ResponseReader::Progress ResponseReader::Done() {
  response_.body.resize(received_);
  return Progress::kDone;
}

std::size_t ResponseReader::held() const {
  return capacity_ + head_bytes_ + response_.headers.capacity() * sizeof(Header) +
         response_.body.capacity() + (parser_ ? parser_->get().body().capacity() : 0);
}

ResponseReader::Progress ResponseReader::Malformed(std::string_view problem) {
  problem_ = problem;
  reusable_ = false;
  return Progress::kMalformed;
}

Response ResponseReader::Take() { return std::move(response_); }

}  // namespace docspace::gateway::http
