#include "server/http/response_head.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "server/base/ascii.h"
#include "server/base/http_chars.h"
#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using Error = beast::http::error;
using Verb = beast::http::verb;
using boost::system::error_code;

constexpr std::size_t kMaxFields = 256;
constexpr std::size_t kUsualFields = 16;
constexpr std::string_view kStatusLineStart = "HTTP/1.";
constexpr std::string_view kShortestStatusLine = "HTTP/1.1 200";

std::optional<std::uint32_t> ParseNumber(std::string_view digits) {
  std::uint32_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

// Removes the first element of a comma-separated `list`, which must not be empty, and returns it.
std::string_view TakeElement(std::string_view& list) {
  const std::string_view element = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), element.size() + 1));
  return StripAsciiWhitespace(element);
}

bool HasClose(std::string_view options) {
  while (!options.empty()) {
    if (EqualsIgnoreCase(TakeElement(options), "close")) return true;
  }
  return false;
}

// Reads `timeout=5, max=100`, RFC 2068 section 19.7.1.1.
void ReadKeepAlive(std::string_view value, ResponseHead& head) {
  while (!value.empty()) {
    const std::string_view parameter = TakeElement(value);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const auto number = ParseNumber(parameter.substr(equals + 1));
    if (!number) continue;
    const std::string_view name = parameter.substr(0, equals);
    if (EqualsIgnoreCase(name, "timeout")) head.keep_alive_timeout = std::chrono::seconds(*number);
    if (EqualsIgnoreCase(name, "max")) head.keep_alive_max = number;
  }
}

// Returns whether one of these challenges would authenticate the connection, and with it the calls
// of the next caller.
bool AuthenticatesConnection(std::string_view challenges) {
  while (!challenges.empty()) {
    const std::string_view challenge = TakeElement(challenges);
    const std::string_view scheme = challenge.substr(0, challenge.find(' '));
    if (EqualsIgnoreCase(scheme, "negotiate") || EqualsIgnoreCase(scheme, "ntlm")) return true;
  }
  return false;
}

// Returns the rule for which Beast refused a head.
std::string_view RuleOf(const error_code& error) {
  switch (static_cast<Error>(error.value())) {
    case Error::bad_field:
      return kBadFieldName;
    case Error::bad_value:
      return kBadFieldValue;
    case Error::bad_line_ending:
      return kBareLineEnd;
    case Error::bad_content_length:
      return kBadContentLength;
    case Error::multiple_content_length:
      return kTwoContentLengths;
    case Error::bad_transfer_encoding:
      return kBadTransferEncoding;
    case Error::header_limit:
      return kFoldTooLong;
    default:
      return kNotHttp;
  }
}

// Beast's parser, which calls the functions below, with the rules that it lacks.
class StrictParser final : public beast::http::basic_parser<false> {
 public:
  // `text` is a head with its empty line, and must outlive the parser.
  explicit StrictParser(std::string_view text) : text_(text) {
    skip(true);  // ResponseReader reads the body, and has limited the head.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    head_.headers.reserve(kUsualFields);
  }

  ResponseHead Parse() {
    error_code error = Error::need_more;
    std::string_view rest = text_;
    // Beast requires the space before the reason, which servers omit together with it.
    if (rest.find("\r\n") == kShortestStatusLine.size()) {
      const std::string line = std::string(rest.substr(0, kShortestStatusLine.size())) + " \r\n";
      put(boost::asio::buffer(line), error);
      rest.remove_prefix(kShortestStatusLine.size() + 2);
    }
    if (error == Error::need_more) put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error && head_.problem.empty()) {
      const bool unfinished = error == Error::need_more && head_.status > 0;
      head_.problem = unfinished ? kUnfinishedHead : RuleOf(error);
    }
    return std::move(head_);
  }

 private:
  void Refuse(std::string_view problem, error_code& error) {
    head_.problem = problem;
    error = Error::bad_value;
  }

  // Returns whether the field whose name is at `name` continues on another line. Beast joins the
  // lines without saying so.
  bool IsFolded(const char* name) const {
    const std::size_t end = text_.find('\n', static_cast<std::size_t>(name - text_.data()));
    return end + 1 < text_.size() && (text_[end + 1] == ' ' || text_[end + 1] == '\t');
  }

  void on_response_impl(int status, beast::string_view, int version, error_code& error) override {
    head_.status = status;
    http_1_0_ = version == 10;
    if (status < 100 || status > 599) return Refuse(kNotHttp, error);
    if (status == 101) return Refuse(kUnrequestedSwitch, error);
  }

  void on_field_impl(field known, beast::string_view name, beast::string_view text,
                     error_code& error) override {
    if (head_.headers.size() == kMaxFields) return Refuse(kTooManyFields, error);
    const std::string_view value(text.data(), text.size());
    const bool folded = IsFolded(name.data());
    if (folded) head_.close_after = true;
    switch (known) {
      case field::content_length:
        if (folded) return Refuse(kFoldedFraming, error);
        if (value.find(',') != std::string_view::npos) return Refuse(kBadContentLength, error);
        if (std::exchange(has_length_, true)) head_.close_after = true;
        break;
      case field::transfer_encoding:
        if (folded) return Refuse(kFoldedFraming, error);
        if (!EqualsIgnoreCase(value, "chunked")) return Refuse(kBadTransferEncoding, error);
        break;
      case field::content_encoding:
        if (folded) return Refuse(kFoldedFraming, error);
        if (!value.empty() && !EqualsIgnoreCase(value, "identity")) {
          return Refuse(kContentCoding, error);
        }
        break;
      case field::connection:
      case field::proxy_connection:
        close_ = close_ || HasClose(value);
        break;
      case field::keep_alive:
        ReadKeepAlive(value, head_);
        break;
      case field::www_authenticate:
      case field::proxy_authenticate:
        if (AuthenticatesConnection(value)) head_.close_after = true;
        break;
      default:
        break;
    }
    head_.headers.push_back({std::string(name.data(), name.size()), std::string(value)});
  }

  void on_header_impl(error_code& error) override {
    const auto length = content_length();
    if (chunked() && http_1_0_) return Refuse(kBadTransferEncoding, error);
    head_.keep_alive = keep_alive() && !close_;
    if (head_.status >= 200 && head_.status != 204 && head_.status != 304) {
      head_.chunked = chunked();
      if (length) head_.body_bytes = *length;
      return;
    }
    // RFC 9112 section 6.3: these have no body, even if the head announces one.
    head_.body_bytes = 0;
    if (!chunked() && length.value_or(0) == 0) return;
    if (head_.status < 200) return Refuse(kInterimBody, error);
    head_.close_after = true;
  }

  void on_finish_impl(error_code&) override {}

  // Beast calls none of these for the head of a response.
  void on_request_impl(Verb, beast::string_view, beast::string_view, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override {
    return 0;
  }
  // Boost 1.81 does not have this function. Later versions require it.
  void on_trailer_field_impl(field, beast::string_view, beast::string_view, error_code&) {}

  const std::string_view text_;
  ResponseHead head_;
  bool http_1_0_ = false;
  bool has_length_ = false;
  // In HTTP/1.0, Beast obeys `keep-alive` even beside `close`.
  bool close_ = false;
};

}  // namespace

HeadSearch FindHeadEnd(std::string_view text, std::size_t searched) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  for (std::size_t lf = text.find('\n', searched); lf != std::string_view::npos;
       lf = text.find('\n', lf + 1)) {
    if (lf == 0 || text[lf - 1] != '\r') return {.size = 0, .problem = kBareLineEnd};
    if (text.substr(0, lf + 1).ends_with(kEnd)) return {.size = lf + 1, .problem = {}};
  }
  const std::string_view start = text.substr(0, kStatusLineStart.size());
  if (!kStatusLineStart.starts_with(start)) return {.size = 0, .problem = kNotHttp};
  // A CR may be the first half of a line's end, but only as the last byte, or before an LF.
  std::string_view rest = text.substr(searched > 0 ? searched - 1 : 0);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\r'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const bool line_ends = rest.empty() || rest.front() == '\n';
    if (!line_ends) return {.size = 0, .problem = kBareLineEnd};
    if (!IsFieldText(line.substr(line.starts_with('\n') ? 1 : 0))) {
      return {.size = 0, .problem = kControlInHead};
    }
  }
  return {};
}

ResponseHead ReadResponseHead(std::string_view text) { return StrictParser(text).Parse(); }

}  // namespace docspace::gateway::http
