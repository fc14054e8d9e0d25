#include "server/http/response_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>
#include <exception>
#include <utility>

#include "server/http/response_head.h"

namespace docspace::gateway::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kMaxReadBytes = 64 * 1024;
constexpr int kMaxInterimResponses = 16;
// One-octet chunks, `1\r\nx\r\n`, are the most that honest chunking adds.
constexpr std::uint64_t kFramingPerBodyByte = 8;
constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string_view ProblemOf(const boost::system::error_code& error) {
  return error == beast_http::error::body_limit ? "the body is too long"
                                                : "the response could not be parsed";
}

}  // namespace

struct ResponseReader::Parser : beast_http::response_parser<beast_http::string_body> {};

ResponseReader::ResponseReader(const ResponseLimits& limits) : limits_(limits) {}
ResponseReader::~ResponseReader() = default;

std::span<char> ResponseReader::Buffer() {
  if (begin_ > 0) {
    std::memmove(octets_.data(), octets_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (octets_.size() < end_ + room_) octets_.resize(end_ + room_);
  return {octets_.data() + end_, octets_.size() - end_};
}

ResponseReader::Progress ResponseReader::Consume(std::size_t size) {
  if (size == 0) return Progress::kNeedMore;
  started_ = true;
  end_ += size;
  // A read that fills its room is part of a long response: fewer, larger reads.
  if (size >= room_) room_ = std::min(kMaxReadBytes, 2 * room_);
  try {
    return in_body_ ? ReadBody() : ReadHead(size);
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
    const std::string_view octets(octets_.data() + begin_, end_ - begin_);
    const std::size_t end = octets.find(kEnd, std::exchange(searched, 0));
    if (end == std::string_view::npos) {
      return octets.size() > limits_.head_bytes ? Malformed("the head is too long")
                                                : Progress::kNeedMore;
    }
    const std::size_t size = end + 4;
    if (size > limits_.head_bytes) return Malformed("the head is too long");
    const ResponseHead head = ReadResponseHead(octets.substr(0, size));
    if (!head.problem.empty()) return Malformed(head.problem);
    if (head.status < 200) {
      if (++interim_responses_ > kMaxInterimResponses)
        return Malformed("too many interim responses");
      begin_ += size;
      continue;
    }
    reusable_ = !head.doubtful;
    keep_alive_timeout_ = head.keep_alive_timeout;
    keep_alive_max_ = head.keep_alive_max;
    return ParseHead(size);
  }
}

ResponseReader::Progress ResponseReader::ParseHead(std::size_t size) {
  parser_ = std::make_unique<Parser>();
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
  parser_->body_limit(limits_.body_bytes);
  in_body_ = true;
  boost::system::error_code error;
  begin_ += parser_->put(boost::asio::const_buffer(octets_.data() + begin_, size), error);
  head_bytes_ = size;
  framed_bytes_ = size;
  if (error) return Malformed(ProblemOf(error));
  // Now, because Beast will put the fields of a trailer among these.
  const auto& message = parser_->get();
  response_.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response_.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  return ReadBody();
}

ResponseReader::Progress ResponseReader::ReadBody() {
  // Beast's assertions do not expect to see less of a last chunk that is also the first.
  const bool before_chunks = parser_->chunked() && parser_->get().body().empty();
  if (before_chunks && end_ - begin_ < kLastChunk.size()) return Progress::kNeedMore;
  while (!parser_->is_done() && begin_ < end_) {
    boost::system::error_code error;
    const std::size_t parsed =
        parser_->put(boost::asio::const_buffer(octets_.data() + begin_, end_ - begin_), error);
    begin_ += parsed;
    framed_bytes_ += parsed;
    if (error == beast_http::error::need_more || (!error && parsed == 0)) break;
    if (error) return Malformed(ProblemOf(error));
  }
  if (parser_->is_done()) return Done();
  // Chunk extensions and trailers have no limit in Beast, so the octets on the wire are counted.
  const std::uint64_t body = parser_->get().body().size();
  if (framed_bytes_ + (end_ - begin_) >
      body + body * kFramingPerBodyByte + 2 * limits_.head_bytes) {
    return Malformed("too much framing around too little body");
  }
  return Progress::kNeedMore;
}

ResponseReader::Progress ResponseReader::Done() {
  reusable_ = reusable_ && parser_->keep_alive() && !parser_->need_eof() && begin_ == end_;
  return Progress::kDone;
}

ResponseReader::Progress ResponseReader::ConsumeEnd(bool orderly) {
  if (!in_body_) return Malformed("the connection ended inside the head");
  if (!orderly || !parser_->need_eof()) return Malformed("the connection ended inside the body");
  boost::system::error_code error;
  parser_->put_eof(error);
  if (error || !parser_->is_done()) return Malformed("the connection ended inside the body");
  return Done();
}

std::size_t ResponseReader::held() const {
  // The fields of the head are held twice: as the parser's, and as the response's.
  return octets_.capacity() + 2 * head_bytes_ + (parser_ ? parser_->get().body().capacity() : 0);
}

ResponseReader::Progress ResponseReader::Malformed(std::string_view problem) {
  problem_ = problem;
  reusable_ = false;
  return Progress::kMalformed;
}

Response ResponseReader::Take() {
  response_.body = std::move(parser_->get().body());
  return std::move(response_);
}

}  // namespace docspace::gateway::http
