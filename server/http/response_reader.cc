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

constexpr std::size_t kFirstBufferBytes = 8 * 1024;
constexpr std::size_t kMinReadBytes = 4 * 1024;
constexpr std::size_t kMaxReadBytes = 64 * 1024;
constexpr int kMaxInterimResponses = 16;
// One-octet chunks, `1\r\nx\r\n`, are the most that honest chunking adds.
constexpr std::uint64_t kFramingPerBodyByte = 8;

}  // namespace

struct ResponseReader::Parser : beast_http::response_parser<beast_http::string_body> {};

ResponseReader::ResponseReader(const ResponseLimits& limits) : limits_(limits) {}
ResponseReader::~ResponseReader() = default;

std::span<char> ResponseReader::Buffer() {
  if (begin_ == end_) begin_ = end_ = 0;
  // A body that keeps filling the buffer is a long one: fewer, larger reads.
  const std::size_t wanted = octets_.empty()          ? kFirstBufferBytes
                             : end_ == octets_.size() ? std::min(kMaxReadBytes, octets_.size() * 2)
                                                      : octets_.size();
  if (octets_.size() - end_ < kMinReadBytes && begin_ > 0) {
    std::memmove(octets_.data(), octets_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (octets_.size() < wanted || octets_.size() - end_ < kMinReadBytes) {
    octets_.resize(std::max(wanted, end_ + kMinReadBytes));
  }
  return {octets_.data() + end_, octets_.size() - end_};
}

ResponseReader::Progress ResponseReader::Consume(std::size_t size) {
  if (size == 0) return Progress::kNeedMore;
  started_ = true;
  end_ += size;
  try {
    return in_body_ ? ReadBody() : ReadHead();
  } catch (const std::exception&) {
    // Beast throws out of its parser for a trailer over 64 KiB.
    return Malformed("the response could not be parsed");
  }
}

ResponseReader::Progress ResponseReader::ReadHead() {
  while (true) {
    const std::string_view octets(octets_.data() + begin_, end_ - begin_);
    const std::size_t end = octets.find("\r\n\r\n");
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
    break;
  }
  parser_ = std::make_unique<Parser>();
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
  parser_->body_limit(limits_.body_bytes);
  in_body_ = true;
  return ReadBody();
}

ResponseReader::Progress ResponseReader::ReadBody() {
  while (begin_ < end_) {
    boost::system::error_code error;
    const std::size_t parsed =
        parser_->put(boost::asio::const_buffer(octets_.data() + begin_, end_ - begin_), error);
    begin_ += parsed;
    framed_bytes_ += parsed;
    if (error == beast_http::error::need_more) break;
    if (error) {
      return Malformed(error == beast_http::error::body_limit ? "the body is too long"
                                                              : "the response could not be parsed");
    }
    if (parser_->is_done()) return Done();
    if (parsed == 0) break;
  }
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

ResponseReader::Progress ResponseReader::Malformed(std::string_view problem) {
  problem_ = problem;
  reusable_ = false;
  return Progress::kMalformed;
}

Response ResponseReader::Take() {
  auto message = parser_->release();
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace docspace::gateway::http
