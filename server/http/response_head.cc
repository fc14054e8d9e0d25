#include "server/http/response_head.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace docspace::gateway::http {
namespace {

constexpr std::size_t kMaxFields = 256;
constexpr std::string_view kUnsafeFold = "a folded header field that says how the body is framed";

bool Equals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// RFC 9110 section 5.6.2.
bool IsTokenOctet(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

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

// "HTTP/1.1 200 OK" or "HTTP/1.0 200 ".
bool ReadStatusLine(std::string_view line, int& status, bool& http_1_0) {
  constexpr std::string_view kVersion = "HTTP/1.";
  if (line.size() < 13 || !line.starts_with(kVersion) || line[8] != ' ' || line[12] != ' ') {
    return false;
  }
  if (line[7] != '0' && line[7] != '1') return false;
  http_1_0 = line[7] == '0';
  const auto number = ParseNumber<int>(line.substr(9, 3));
  if (!number || *number < 100 || *number > 599) return false;
  status = *number;
  return true;
}

// RFC 2068 section 19.7.1.1: `timeout=5, max=100`.
void ReadKeepAlive(std::string_view value, ResponseHead& head) {
  while (!value.empty()) {
    std::string_view parameter = value.substr(0, value.find(','));
    value.remove_prefix(std::min(value.size(), parameter.size() + 1));
    parameter = Trim(parameter);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const auto number = ParseNumber<std::uint32_t>(parameter.substr(equals + 1));
    if (!number) continue;
    const std::string_view name = parameter.substr(0, equals);
    if (Equals(name, "timeout")) head.keep_alive_timeout = std::chrono::seconds(*number);
    if (Equals(name, "max")) head.keep_alive_max = *number;
  }
}

// These schemes authenticate the connection, which the next caller would inherit.
bool AuthenticatesConnection(std::string_view challenges) {
  while (!challenges.empty()) {
    std::string_view challenge = challenges.substr(0, challenges.find(','));
    challenges.remove_prefix(std::min(challenges.size(), challenge.size() + 1));
    challenge = Trim(challenge);
    const std::string_view scheme = challenge.substr(0, challenge.find(' '));
    if (Equals(scheme, "negotiate") || Equals(scheme, "ntlm")) return true;
  }
  return false;
}

bool SaysHowBodyIsFramed(std::string_view name) {
  return Equals(name, "content-length") || Equals(name, "transfer-encoding") ||
         Equals(name, "content-encoding");
}

struct Framing {
  bool http_1_0 = false;
  bool transfer_encoding = false;
  std::optional<std::uint64_t> content_length;
};

std::string_view ReadField(std::string_view name, std::string_view value, Framing& framing,
                           ResponseHead& head) {
  if (Equals(name, "content-length")) {
    const auto length = ParseNumber<std::uint64_t>(value);
    if (!length) return "Content-Length is not a number";
    if (framing.content_length) {
      if (*framing.content_length != *length) return "two different Content-Length";
      head.doubtful = true;
    }
    framing.content_length = length;
  } else if (Equals(name, "transfer-encoding")) {
    if (framing.transfer_encoding || !Equals(value, "chunked")) {
      return "a transfer coding other than chunked";
    }
    framing.transfer_encoding = true;
  } else if (Equals(name, "content-encoding")) {
    if (!value.empty() && !Equals(value, "identity"))
      return "a content coding that was not asked for";
  } else if (Equals(name, "keep-alive")) {
    ReadKeepAlive(value, head);
  } else if (Equals(name, "www-authenticate") || Equals(name, "proxy-authenticate")) {
    if (AuthenticatesConnection(value)) head.doubtful = true;
  }
  return {};
}

}  // namespace

ResponseHead ReadResponseHead(std::string_view text) {
  ResponseHead head;
  Framing framing;
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
    if (std::ranges::any_of(line, IsControl)) {
      head.problem = "a control character in the head";
      return head;
    }
    if (status_line) {
      if (!ReadStatusLine(line, head.status, framing.http_1_0)) {
        head.problem = "not an HTTP/1 status line";
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
      // Not read here, but joined to the value by the parser that reads the body.
      if (!foldable) {
        head.problem = kUnsafeFold;
        return head;
      }
      head.doubtful = true;
      continue;
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || name.empty() ||
        !std::ranges::all_of(name, IsTokenOctet)) {
      head.problem = "a header field without a name";
      return head;
    }
    head.problem = ReadField(name, Trim(line.substr(colon + 1)), framing, head);
    if (!head.problem.empty()) return head;
    foldable = !SaysHowBodyIsFramed(name);
  }
  if (framing.transfer_encoding && (framing.content_length || framing.http_1_0)) {
    head.problem = "Transfer-Encoding beside Content-Length or in HTTP/1.0";
  } else if (head.status == 101) {
    head.problem = "a switch of protocols that was not asked for";
  } else if (framing.transfer_encoding || framing.content_length.value_or(0) > 0) {
    // RFC 9112 section 6.3: these have no body, whatever they say of one.
    if (head.status < 200) head.problem = "an interim response with a body";
    if (head.status == 204 || head.status == 304) head.doubtful = true;
  }
  return head;
}

}  // namespace docspace::gateway::http
