#include "server/http/response_head.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "server/http/field_syntax.h"
#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

constexpr std::size_t kMaxFields = 256;
constexpr std::size_t kUsualFields = 16;
constexpr std::string_view kStatusLineStart = "HTTP/1.";
constexpr std::string_view kUnsafeFold = "a folded header field that says how the body is framed";

template <class Number>
std::optional<Number> ParseNumber(std::string_view digits) {
  Number number{};
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  if (digits.empty() || error != std::errc() || rest != end || digits.front() == '-') {
    return std::nullopt;
  }
  return number;
}

// "HTTP/1.1 200 OK", "HTTP/1.0 200 ", or "HTTP/1.1 200": RFC 9112 section 4 makes the reason
// optional, but not the space before it, which servers leave out with it all the same. Nothing
// depends on either.
bool ReadStatusLine(std::string_view line, int& status, bool& http_1_0) {
  if (line.size() < 12 || !line.starts_with(kStatusLineStart) || line[8] != ' ') return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  if (line[7] != '0' && line[7] != '1') return false;
  http_1_0 = line[7] == '0';
  const auto number = ParseNumber<int>(line.substr(9, 3));
  if (!number || *number < 100 || *number > 599) return false;
  status = *number;
  return true;
}

// Takes the first element off the front of a comma-separated `list`, which is not empty.
std::string_view TakeElement(std::string_view& list) {
  const std::string_view element = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), element.size() + 1));
  return TrimBlanks(element);
}

// RFC 2068 section 19.7.1.1: `timeout=5, max=100`.
void ReadKeepAlive(std::string_view value, ResponseHead& head) {
  while (!value.empty()) {
    const std::string_view parameter = TakeElement(value);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const auto number = ParseNumber<std::uint32_t>(parameter.substr(equals + 1));
    if (!number) continue;
    const std::string_view name = parameter.substr(0, equals);
    if (EqualsIgnoringCase(name, "timeout"))
      head.keep_alive_timeout = std::chrono::seconds(*number);
    if (EqualsIgnoringCase(name, "max")) head.keep_alive_max = number;
  }
}

// These schemes authenticate the connection, which the next caller would inherit.
bool AuthenticatesConnection(std::string_view challenges) {
  while (!challenges.empty()) {
    const std::string_view challenge = TakeElement(challenges);
    const std::string_view scheme = challenge.substr(0, challenge.find(' '));
    if (EqualsIgnoringCase(scheme, "negotiate") || EqualsIgnoringCase(scheme, "ntlm")) return true;
  }
  return false;
}

// Joins a line of a folded field to the value so far.
void Join(std::string_view line, std::string& value) {
  if (!value.empty() && !line.empty()) value += ' ';
  value += line;
}

bool SaysHowBodyIsFramed(std::string_view name) {
  return EqualsIgnoringCase(name, "content-length") ||
         EqualsIgnoringCase(name, "transfer-encoding") ||
         EqualsIgnoringCase(name, "content-encoding");
}

// What the portal says of the connection.
struct Persistence {
  bool http_1_0 = false;
  bool close = false;
  bool keep_alive = false;
};

std::string_view ReadConnection(std::string_view options, Persistence& persistence) {
  while (!options.empty()) {
    const std::string_view option = TakeElement(options);
    if (!option.empty() && !IsToken(option)) return "Connection is not a list of tokens";
    persistence.close = persistence.close || EqualsIgnoringCase(option, "close");
    persistence.keep_alive = persistence.keep_alive || EqualsIgnoringCase(option, "keep-alive");
  }
  return {};
}

std::string_view ReadField(std::string_view name, std::string_view value, Persistence& persistence,
                           ResponseHead& head) {
  if (EqualsIgnoringCase(name, "content-length")) {
    const auto length = ParseNumber<std::uint64_t>(value);
    if (!length) return "Content-Length is not a number";
    if (head.body_bytes) {
      if (*head.body_bytes != *length) return "two different Content-Length";
      head.doubtful = true;
    }
    head.body_bytes = length;
  } else if (EqualsIgnoringCase(name, "transfer-encoding")) {
    if (head.chunked || !EqualsIgnoringCase(value, "chunked")) {
      return "a transfer coding other than chunked";
    }
    head.chunked = true;
  } else if (EqualsIgnoringCase(name, "content-encoding")) {
    if (!value.empty() && !EqualsIgnoringCase(value, "identity"))
      return "a content coding that was not asked for";
  } else if (EqualsIgnoringCase(name, "connection") ||
             EqualsIgnoringCase(name, "proxy-connection")) {
    return ReadConnection(value, persistence);
  } else if (EqualsIgnoringCase(name, "keep-alive")) {
    ReadKeepAlive(value, head);
  } else if (EqualsIgnoringCase(name, "www-authenticate") ||
             EqualsIgnoringCase(name, "proxy-authenticate")) {
    if (AuthenticatesConnection(value)) head.doubtful = true;
  }
  return {};
}

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
    if (!IsText(line.substr(line.starts_with('\n') ? 1 : 0))) {
      return {.size = 0, .problem = kControlInHead};
    }
  }
  return {};
}

ResponseHead ReadResponseHead(std::string_view text) {
  ResponseHead head;
  head.headers.reserve(kUsualFields);
  Persistence persistence;
  std::size_t fields = 0;
  bool status_line = true;
  bool foldable = false;
  while (true) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) {
      head.problem = "the head is not finished";
      return head;
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (!IsText(line)) {
      head.problem = kControlInHead;
      return head;
    }
    if (status_line) {
      if (!ReadStatusLine(line, head.status, persistence.http_1_0)) {
        head.problem = kNotHttp;
        return head;
      }
      status_line = false;
      continue;
    }
    if (line.empty()) break;
    if (++fields > kMaxFields) {
      head.problem = "too many header fields";
      return head;
    }
    if (line.front() == ' ' || line.front() == '\t') {
      if (!foldable) {
        head.problem = kUnsafeFold;
        return head;
      }
      head.doubtful = true;
      Join(TrimBlanks(line), head.headers.back().value);
      continue;
    }
    const auto field = ParseFieldLine(line);
    if (!field) {
      head.problem = "a header field without a name";
      return head;
    }
    head.problem = ReadField(field->name, field->value, persistence, head);
    if (!head.problem.empty()) return head;
    head.headers.push_back({std::string(field->name), std::string(field->value)});
    foldable = !SaysHowBodyIsFramed(field->name);
  }
  head.keep_alive = !persistence.close && (persistence.keep_alive || !persistence.http_1_0);
  if (head.chunked && (head.body_bytes || persistence.http_1_0)) {
    head.problem = "Transfer-Encoding beside Content-Length or in HTTP/1.0";
  } else if (head.status == 101) {
    head.problem = "a switch of protocols that was not asked for";
  } else if (head.status < 200 || head.status == 204 || head.status == 304) {
    // RFC 9112 section 6.3: these have no body, whatever they say of one.
    const bool claims_body = head.chunked || head.body_bytes.value_or(0) > 0;
    if (claims_body && head.status < 200) head.problem = "an interim response with a body";
    head.doubtful = head.doubtful || claims_body;
    head.chunked = false;
    head.body_bytes = 0;
  }
  return head;
}

}  // namespace docspace::gateway::http
