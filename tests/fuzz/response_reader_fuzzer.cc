// Checks the reader of responses: however the bytes are split into pieces, the result is the same;
// and if the connection is reusable, the response ended at the same byte as for a strict parser.
//
// An input is a line that seeds the sizes of the pieces and says how the connection ends, followed
// by the bytes of the connection.
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "server/http/response_reader.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/require.h"

namespace docspace::fuzz {
namespace {

using gateway::http::Response;
using gateway::http::ResponseLimits;
using gateway::http::ResponseReader;
using Progress = ResponseReader::Progress;

// The limits are so small that inputs reach them.
constexpr ResponseLimits kLimits{.head_bytes = 512, .body_bytes = 1024};
constexpr std::string_view kTooMuchFraming = "too much framing around too little body";

enum class End { kStaysOpen, kOrderly, kAbrupt };

struct Result {
  Progress progress = Progress::kNeedMore;
  Response response;
  bool reusable = false;
  // The bytes that the reader received before it was done.
  std::size_t taken = 0;
  std::string problem;
};

template <class NextSize>
Result Read(std::string_view octets, End end, NextSize next_size) {
  ResponseReader reader(kLimits);
  Result result;
  while (result.taken < octets.size() && result.progress == Progress::kNeedMore) {
    const auto buffer = reader.Buffer();
    Require(!buffer.empty() && buffer.size() <= std::size_t{128} * 1024, "the buffer is bounded");
    const std::size_t size =
        std::min({buffer.size(), octets.size() - result.taken, std::size_t{next_size()}});
    std::memcpy(buffer.data(), octets.data() + result.taken, size);
    result.taken += size;
    result.progress = reader.Consume(size);
  }
  if (result.progress == Progress::kNeedMore && end != End::kStaysOpen) {
    result.progress = reader.ConsumeEnd(end == End::kOrderly);
    Require(result.progress != Progress::kNeedMore, "the end of the connection is an end");
  }
  Require(reader.started() == (result.taken > 0), "it knows whether anything came");
  result.problem = reader.problem();
  Require(result.problem.empty() == (result.progress != Progress::kMalformed),
          "it says what is wrong where something is");
  if (result.progress == Progress::kDone) {
    result.reusable = reader.reusable();
    const std::size_t held = reader.held();
    result.response = reader.Take();
    Require(held >= result.response.body.size(), "it knows what it held");
  }
  return result;
}

void CheckResponse(const Response& response) {
  Require(response.status >= 200 && response.status <= 599, "the status is final");
  Require(response.body.size() <= kLimits.body_bytes, "the body is within its limit");
  std::size_t head = 0;
  for (const auto& [name, value] : response.headers) {
    head += name.size() + value.size();
    Require(!name.empty() && name.find_first_of(" \t:\r\n") == std::string::npos,
            "a header's name is a token");
    Require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a header's value is one line");
  }
  Require(head <= kLimits.head_bytes, "the head is within its limit");
}

void CheckSame(const Result& whole, const Result& pieces, std::size_t size) {
  // Bytes are counted as they arrive, so a body that arrives before its framing is counted may
  // pass.
  if (whole.problem == kTooMuchFraming || pieces.problem == kTooMuchFraming) return;
  // Invalid input may be refused earlier or later, but is never a response.
  Require((whole.progress == Progress::kDone) == (pieces.progress == Progress::kDone),
          "pieces give the same result");
  if (whole.progress != Progress::kDone) return;
  Require(whole.response.status == pieces.response.status, "pieces give the same status");
  Require(whole.response.body == pieces.response.body, "pieces give the same body");
  Require(std::ranges::equal(
              whole.response.headers, pieces.response.headers, {},
              [](const auto& header) { return header.name + ": " + header.value; },
              [](const auto& header) { return header.name + ": " + header.value; }),
          "pieces give the same headers");
  // Unread bytes make the connection unusable too, because the pool checks for them.
  Require(whole.reusable == (pieces.reusable && pieces.taken == size),
          "pieces give the same verdict on the connection");
}

// --- A second opinion, which knows only what is beyond doubt. ---

bool StartsWithoutCase(std::string_view line, std::string_view name) {
  return line.size() >= name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
}

std::optional<std::size_t> Number(std::string_view text, int base) {
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, base);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string TakeChunks(std::string_view& rest) {
  std::string body;
  while (true) {
    std::string_view line = TakeUntil(rest, "\r\n");
    const auto size = Number(Trim(TakeUntil(line, ";")), 16);
    Require(size.has_value(), "a chunk says its size");
    if (*size == 0) break;
    Require(rest.size() >= *size + 2, "a chunk is whole");
    body += rest.substr(0, *size);
    rest.remove_prefix(*size);
    Require(TakeUntil(rest, "\r\n").empty(), "a chunk ends where it says");
  }
  while (!TakeUntil(rest, "\r\n").empty()) continue;
  return body;
}

// Checks that on a reusable connection nothing follows the response.
void CheckEnd(std::string_view octets, const Response& response) {
  std::string_view head = TakeUntil(octets, "\r\n\r\n");
  while (head.substr(9).starts_with('1')) head = TakeUntil(octets, "\r\n\r\n");
  Require(head.substr(9, 3) == std::to_string(response.status), "the status is the one sent");
  std::size_t length = 0;
  bool chunked = false;
  while (!head.empty()) {
    const std::string_view line = TakeUntil(head, "\r\n");
    if (StartsWithoutCase(line, "Content-Length:")) {
      length = Number(Trim(line.substr(15)), 10).value_or(std::numeric_limits<std::size_t>::max());
    }
    chunked = chunked || StartsWithoutCase(line, "Transfer-Encoding:");
  }
  const bool has_body = response.status != 204 && response.status != 304;
  std::string body;
  if (has_body && chunked) {
    body = TakeChunks(octets);
  } else if (has_body) {
    Require(octets.size() >= length, "the body is whole");
    body = octets.substr(0, length);
    octets.remove_prefix(length);
  }
  Require(response.body == body, "the body is the one sent");
  Require(octets.empty(), "nothing is left for the next response");
}

}  // namespace
}  // namespace docspace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace docspace::fuzz;  // NOLINT(google-build-using-namespace): its one user.
  std::string_view octets = Text(data, size);
  const std::string_view first = TakeUntil(octets, "\n");
  const auto seed = NumberBelow(1'000'000, first);
  const End end = static_cast<End>(seed % 3);
  const Result whole = Read(octets, end, [] { return std::numeric_limits<std::size_t>::max(); });
  if (whole.progress == Progress::kDone) CheckResponse(whole.response);
  if (whole.reusable) CheckEnd(octets, whole.response);

  std::minstd_rand random(static_cast<unsigned>(seed));
  CheckSame(whole, Read(octets, end, [&random] { return 1 + random() % 64; }), octets.size());
  if (octets.size() <= 512) {
    CheckSame(whole, Read(octets, end, [] { return std::size_t{1}; }), octets.size());
  }
  return 0;
}
