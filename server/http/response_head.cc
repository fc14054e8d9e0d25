#include "server/http/response_head.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace docspace::gateway::http {
namespace {

constexpr std::size_t kMaxFields = 256;
constexpr std::size_t kUsualFields = 16;
constexpr std::string_view kUnsafeFold = "a folded header field that says how the body is framed";

bool Equals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// What an octet may be part of.
struct Kind {
  // RFC 9110 section 5.6.2.
  bool token = false;
  bool text = true;
};
constexpr auto kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (const unsigned char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyz"
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~")) {
    kinds.at(c).token = true;
  }
  for (std::size_t control = 0; control < 0x20; ++control) kinds.at(control).text = control == '\t';
  kinds.at(0x7F).text = false;
  return kinds;
}();

Kind KindOf(char c) { return kKinds[static_cast<unsigned char>(c)]; }

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return KindOf(c).token; });
}

bool IsText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return KindOf(c).text; });
}

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

// Takes the first element off the front of a comma-separated `list`, which is not empty.
std::string_view TakeElement(std::string_view& list) {
  const std::string_view element = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), element.size() + 1));
  return Trim(element);
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
    if (Equals(name, "timeout")) head.keep_alive_timeout = std::chrono::seconds(*number);
    if (Equals(name, "max")) head.keep_alive_max = number;
  }
}

// These schemes authenticate the connection, which the next caller would inherit.
bool AuthenticatesConnection(std::string_view challenges) {
  while (!challenges.empty()) {
    const std::string_view challenge = TakeElement(challenges);
    const std::string_view scheme = challenge.substr(0, challenge.find(' '));
    if (Equals(scheme, "negotiate") || Equals(scheme, "ntlm")) return true;
  }
  return false;
}

// Joins a line of a folded field to the value so far.
void Join(std::string_view line, std::string& value) {
  if (!value.empty() && !line.empty()) value += ' ';
  value += line;
}

bool SaysHowBodyIsFramed(std::string_view name) {
  return Equals(name, "content-length") || Equals(name, "transfer-encoding") ||
         Equals(name, "content-encoding");
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
    persistence.close = persistence.close || Equals(option, "close");
    persistence.keep_alive = persistence.keep_alive || Equals(option, "keep-alive");
  }
  return {};
}

std::string_view ReadField(std::string_view name, std::string_view value, Persistence& persistence,
                           ResponseHead& head) {
  if (Equals(name, "content-length")) {
    const auto length = ParseNumber<std::uint64_t>(value);
    if (!length) return "Content-Length is not a number";
    if (head.body_bytes) {
      if (*head.body_bytes != *length) return "two different Content-Length";
      head.doubtful = true;
    }
    head.body_bytes = length;
  } else if (Equals(name, "transfer-encoding")) {
    if (head.chunked || !Equals(value, "chunked")) {
      return "a transfer coding other than chunked";
    }
    head.chunked = true;
  } else if (Equals(name, "content-encoding")) {
    if (!value.empty() && !Equals(value, "identity"))
      return "a content coding that was not asked for";
  } else if (Equals(name, "connection") || Equals(name, "proxy-connection")) {
    return ReadConnection(value, persistence);
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
      head.problem = "a control character in the head";
      return head;
    }
    if (status_line) {
      if (!ReadStatusLine(line, head.status, persistence.http_1_0)) {
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
      if (!foldable) {
        head.problem = kUnsafeFold;
        return head;
      }
      head.doubtful = true;
      Join(Trim(line), head.headers.back().value);
      continue;
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !IsToken(name)) {
      head.problem = "a header field without a name";
      return head;
    }
    const std::string_view value = Trim(line.substr(colon + 1));
    head.problem = ReadField(name, value, persistence, head);
    if (!head.problem.empty()) return head;
    head.headers.push_back({std::string(name), std::string(value)});
    foldable = !SaysHowBodyIsFramed(name);
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
