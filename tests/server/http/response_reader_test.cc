#include "server/http/response_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

using namespace std::string_literals;
using ::testing::Pair;
using Progress = ResponseReader::Progress;

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
constexpr ResponseLimits kLimits;

// Whether, and how, the connection ended after the octets.
enum class End { kStaysOpen, kOrderly, kAbrupt };

struct Result {
  Progress progress = Progress::kNeedMore;
  std::optional<Response> response;
  bool reusable = false;
  std::string problem;
};

// Feeds at most `piece` octets at a time, until there is a result.
Result Read(std::string_view octets, std::size_t piece = kAll, End end = End::kStaysOpen,
            const ResponseLimits& limits = kLimits) {
  ResponseReader reader(limits);
  Result result;
  while (!octets.empty() && result.progress == Progress::kNeedMore) {
    const auto buffer = reader.Buffer();
    const std::size_t size = std::min({buffer.size(), octets.size(), piece});
    std::memcpy(buffer.data(), octets.data(), size);
    octets.remove_prefix(size);
    result.progress = reader.Consume(size);
  }
  if (result.progress == Progress::kNeedMore && end != End::kStaysOpen) {
    result.progress = reader.ConsumeEnd(end == End::kOrderly);
    EXPECT_NE(result.progress, Progress::kNeedMore);
  }
  result.reusable = reader.reusable();
  result.problem = reader.problem();
  EXPECT_EQ(result.problem.empty(), result.progress != Progress::kMalformed);
  if (result.progress == Progress::kDone) result.response = reader.Take();
  return result;
}

std::string Chunk(const std::string& data, const std::string& extension = "") {
  char size[16];
  std::snprintf(size, sizeof size, "%zx", data.size());
  return size + extension + "\r\n" + data + "\r\n";
}

struct Golden {
  std::string name;
  std::string octets;
  int status;
  std::string body;
  bool reusable;
  // The body ends with the connection.
  bool needs_end = false;
};

const std::vector<Golden>& Goldens() {
  static const std::vector<Golden> goldens = {
      {"content length",
       "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
       "Content-Length: 33\r\nServer: Kestrel\r\n\r\n"
       R"({"response":[1,22,333],"count":3})",
       200, R"({"response":[1,22,333],"count":3})", true},
      {"chunked",
       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
           Chunk(R"({"response":[1,2)") + Chunk(R"(2,333],"count":3})") + "0\r\n\r\n",
       200, R"({"response":[1,22,333],"count":3})", true},
      {"chunk extensions and a trailer",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk(R"({"res)", ";a=b") +
           Chunk(R"(ponse":1})", R"(;c="d")") + "0;e\r\nX-Checksum: 12\r\n\r\n",
       200, R"({"response":1})", true},
      {"chunked and empty", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200,
       "", true},
      {"chunked and empty, with extension and trailer",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n000;a\r\nX-A: b\r\n\r\n", 200, "",
       true},
      {"until the end", "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>hello</p>", 200,
       "<p>hello</p>", false, /*needs_end=*/true},
      {"after interim responses",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
       "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
       201, "{}", true},
      {"no content", "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n", 204, "", true},
      {"unauthorized", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 401, "", true},
  };
  return goldens;
}

TEST(ResponseReaderTest, ReadsEachGoldenResponseHoweverItArrives) {
  for (const Golden& golden : Goldens()) {
    for (const std::size_t piece : {kAll, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
      SCOPED_TRACE(golden.name + " in pieces of " + std::to_string(piece));
      const Result result =
          Read(golden.octets, piece, golden.needs_end ? End::kOrderly : End::kStaysOpen);
      ASSERT_EQ(result.progress, Progress::kDone) << result.problem;
      EXPECT_EQ(result.response->status, golden.status);
      EXPECT_EQ(result.response->body, golden.body);
      EXPECT_EQ(result.reusable, golden.reusable);
    }
  }
}

TEST(ResponseReaderTest, KeepsTheHeaders) {
  const Result result = Read(
      "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nX-A: 1\r\nX-A: 2\r\n"
      "Content-Length: 0\r\n\r\n");
  ASSERT_TRUE(result.response);
  EXPECT_EQ(result.response->Find("retry-after"), "7");
  EXPECT_EQ(result.response->Find("x-a"), "1");
  EXPECT_EQ(result.response->Find("x-b"), "");
  EXPECT_EQ(result.response->headers.size(), 4u);
}

TEST(ResponseReaderTest, R12a_NeverBelievesAResponseThatIsCutShort) {
  for (const Golden& golden : Goldens()) {
    // The final response begins after the interim ones.
    const std::size_t head = golden.octets.find("\r\n\r\n", golden.octets.rfind("HTTP/1.")) + 4;
    for (std::size_t cut = 0; cut < golden.octets.size(); ++cut) {
      SCOPED_TRACE(golden.name + " cut at " + std::to_string(cut));
      const std::string_view octets = std::string_view(golden.octets).substr(0, cut);
      EXPECT_EQ(Read(octets).progress, Progress::kNeedMore);
      EXPECT_EQ(Read(octets, kAll, End::kAbrupt).problem, cut < head ? kEndInHead : kEndInBody);
      const Result result = Read(octets, kAll, End::kOrderly);
      EXPECT_FALSE(result.reusable);
      if (golden.needs_end && cut >= head) {
        // Such a body has no end of its own. What it holds is for the JSON parser to refuse.
        EXPECT_EQ(result.progress, Progress::kDone);
        EXPECT_EQ(result.response->body, golden.octets.substr(head, cut - head));
      } else {
        EXPECT_EQ(result.problem, cut < head ? kEndInHead : kEndInBody);
      }
    }
  }
}

// `result` of a golden response in which one octet was replaced by `octet`.
void ExpectRefusedOrTheSame(const Result& result, const Golden& golden, char octet) {
  if (result.progress == Progress::kMalformed) {
    EXPECT_FALSE(result.reusable);
    EXPECT_NE(result.problem, "");
    return;
  }
  ASSERT_EQ(result.progress, Progress::kDone);
  EXPECT_EQ(result.response->status, golden.status);
  const std::string& body = result.response->body;
  ASSERT_EQ(body.size(), golden.body.size());
  const auto [differs, original] = std::ranges::mismatch(body, golden.body);
  if (differs == body.end()) return;
  EXPECT_EQ(*differs, octet);
  EXPECT_TRUE(std::equal(differs + 1, body.end(), original + 1));
}

TEST(ResponseReaderTest, R12a_NeverTakesADamagedResponseForAnotherOne) {
  for (const Golden& golden : Goldens()) {
    for (std::size_t at = 0; at < golden.octets.size(); ++at) {
      for (const char octet : {'\0', '\r', '\n', '\x80'}) {
        if (golden.octets[at] == octet) continue;
        SCOPED_TRACE(golden.name + ", octet " + std::to_string(at) + " is " +
                     std::to_string(static_cast<unsigned char>(octet)));
        std::string damaged = golden.octets;
        damaged[at] = octet;
        const Result whole = Read(damaged, kAll, End::kOrderly);
        const Result dripped = Read(damaged, 1, End::kOrderly);
        EXPECT_EQ(whole.progress, dripped.progress);
        ExpectRefusedOrTheSame(whole, golden, octet);
        ExpectRefusedOrTheSame(dripped, golden, octet);
      }
    }
  }
}

TEST(ResponseReaderTest, R1_RefusesABodyShorterThanItsContentLength) {
  const Result result =
      Read("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", kAll, End::kOrderly);
  EXPECT_EQ(result.problem, kEndInBody);
}

TEST(ResponseReaderTest, R2_RefusesAChunkedBodyWithoutItsLastChunk) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& octets :
       {head, head + Chunk("{}"), head + Chunk("{}") + "0", head + Chunk("{}") + "0\r\n",
        head + Chunk("{}") + "0\r\nX-A: b\r\n"}) {
    EXPECT_EQ(Read(octets, kAll, End::kOrderly).problem, kEndInBody);
  }
}

TEST(ResponseReaderTest, R2a_BelievesABodyThatEndsWithTheConnectionOnlyIfThatEndsInOrder) {
  const std::string octets = "HTTP/1.1 200 OK\r\n\r\n{}";
  EXPECT_EQ(Read(octets, kAll, End::kOrderly).response->body, "{}");
  EXPECT_EQ(Read(octets, kAll, End::kAbrupt).problem, kEndInBody);
}

TEST(ResponseReaderTest, R3_TakesTheFirstResponseAndGivesUpTheConnection) {
  const std::string first = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  for (const std::string& extra : {"x"s, "\r\n"s, first, "\0"s}) {
    const Result result = Read(first + extra);
    ASSERT_EQ(result.progress, Progress::kDone);
    EXPECT_EQ(result.response->body, "{}");
    EXPECT_FALSE(result.reusable);
  }
}

TEST(ResponseReaderTest, R3_SeesWhatComesBehindALongBodyThatCameInPieces) {
  const std::string body(20'000, 'x');
  const std::string octets = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + body;
  for (const std::size_t piece : {kAll, std::size_t{64}, std::size_t{7}}) {
    const Result alone = Read(octets, piece);
    ASSERT_EQ(alone.progress, Progress::kDone);
    EXPECT_EQ(alone.response->body, body);
    EXPECT_TRUE(alone.reusable);
  }
  for (const std::string& extra : {"x"s, "HTTP/1.1 200 OK\r\n\r\n"s}) {
    const Result result = Read(octets + extra);
    ASSERT_EQ(result.progress, Progress::kDone);
    EXPECT_EQ(result.response->body, body);
    EXPECT_FALSE(result.reusable);
  }
}

TEST(ResponseReaderTest, R3_LeavesUnreadWhatComesBehindABodyReadOctetByOctet) {
  ResponseReader reader(kLimits);
  const std::string octets = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP";
  std::size_t read = 0;
  auto progress = Progress::kNeedMore;
  for (; progress == Progress::kNeedMore; ++read) {
    reader.Buffer()[0] = octets.at(read);
    progress = reader.Consume(1);
  }
  EXPECT_EQ(progress, Progress::kDone);
  EXPECT_EQ(octets.substr(read), "HTTP");
  EXPECT_EQ(reader.Take().body, "{}");
}

// Bytes that are no response, and the rule that they break.
struct Refused {
  std::string bytes;
  std::string_view rule;

  friend void PrintTo(const Refused& row, std::ostream* out) {
    *out << ::testing::PrintToString(row.bytes) << ": " << row.rule;
  }
};

class RefusedResponseTest : public ::testing::TestWithParam<Refused> {};

// The connection stays open: the bytes are refused without waiting for more.
TEST_P(RefusedResponseTest, R5_R23_BreaksOneRuleHoweverItArrives) {
  for (const std::size_t piece : {kAll, std::size_t{1}}) {
    const Result result = Read(GetParam().bytes, piece);
    EXPECT_EQ(result.progress, Progress::kMalformed);
    EXPECT_EQ(result.problem, GetParam().rule);
  }
}

constexpr const char* kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

const std::vector<Refused> kBadChunks = {{kChunked + "x\r\n"s, kBadChunkSize},
                                         {kChunked + "-2\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + "+2\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + "0x2\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + " 2\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + "\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + ";a\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + "2\n{}\r\n"s, kBareLineEnd},
                                         {kChunked + "2\r\n{}x\r\n"s, kChunkTooLong},
                                         {kChunked + "2\r\n{}\n0\r\n\r\n"s, kBareLineEnd},
                                         {kChunked + "10000000000000000\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + "fffffffffffffffff\r\n{}\r\n"s, kBadChunkSize},
                                         {kChunked + "2\0\r\n{}\r\n"s, kControlInChunks}};

INSTANTIATE_TEST_SUITE_P(BadChunks, RefusedResponseTest, ::testing::ValuesIn(kBadChunks));

class FinishedBadChunksTest : public ::testing::TestWithParam<Refused> {};

TEST_P(FinishedBadChunksTest, R5_AreRefusedBeforeALastChunkToo) {
  for (const std::size_t piece : {kAll, std::size_t{1}}) {
    const Result result = Read(GetParam().bytes + "0\r\n\r\n", piece, End::kOrderly);
    EXPECT_EQ(result.progress, Progress::kMalformed);
    EXPECT_EQ(result.problem, GetParam().rule);
  }
}

INSTANTIATE_TEST_SUITE_P(All, FinishedBadChunksTest, ::testing::ValuesIn(kBadChunks));

INSTANTIATE_TEST_SUITE_P(AtOnce, RefusedResponseTest,
                         ::testing::Values(Refused{"HTTP/1.1 200 OK\n"s, kBareLineEnd},
                                           Refused{"HTTP/1.1 200 OK\r\nA: b\n"s, kBareLineEnd},
                                           Refused{"HTTP/1.1 200 OK\r\nA: b\r\n\n"s, kBareLineEnd},
                                           Refused{"HTTP/1.1 200 OK\r\nA: b\rc"s, kBareLineEnd},
                                           Refused{"HTTP/1.1 200 OK\r\nA: \0"s, kControlInHead},
                                           Refused{"SSH-2.0-x\r\n"s, kNotHttp},
                                           Refused{kChunked + "2\n"s, kBareLineEnd},
                                           Refused{kChunked + "2;a\n"s, kBareLineEnd},
                                           Refused{kChunked + "2\r{"s, kBareLineEnd},
                                           Refused{kChunked + "2\r\n{}\n"s, kBareLineEnd},
                                           Refused{kChunked + "2\r\n{}x"s, kChunkTooLong},
                                           Refused{kChunked + "0\r\n\n"s, kBareLineEnd},
                                           Refused{kChunked + "0\r\nA: b\n"s, kBareLineEnd},
                                           Refused{kChunked + "2\0"s, kControlInChunks}));

TEST(ResponseReaderTest, R5_RefusesFramingThatCanBeReadInTwoWays) {
  for (const auto& [fields, rule] : std::vector<std::pair<std::string, std::string_view>>{
           {"Content-Length: 2\r\nContent-Length: 3", kTwoContentLengths},
           {"Content-Length: 2\r\nTransfer-Encoding: chunked", kBadTransferEncoding},
           {"Transfer-Encoding: gzip\r\nContent-Length: 2", kBadTransferEncoding},
           {"Transfer-Encoding: xchunked", kBadTransferEncoding},
           {"Transfer-Encoding: chunked, gzip", kBadTransferEncoding},
           {"Content-Length: 0x2", kBadContentLength},
           {"Content-Length: ", kBadContentLength}}) {
    const Result result = Read("HTTP/1.1 200 OK\r\n"s + fields + "\r\n\r\n{}", kAll, End::kOrderly);
    EXPECT_EQ(result.problem, rule) << fields;
  }
}

TEST(ResponseReaderTest, R5a_DeliversWhatIsFramedCarelesslyAndGivesUpTheConnection) {
  for (const char* fields :
       {"Content-Length: 2\r\nContent-Length: 2", "X-A: b\r\n c\r\nContent-Length: 2"}) {
    const Result result = Read("HTTP/1.1 200 OK\r\n"s + fields + "\r\n\r\n{}");
    ASSERT_EQ(result.progress, Progress::kDone) << fields;
    EXPECT_EQ(result.response->body, "{}");
    EXPECT_FALSE(result.reusable);
  }
}

// Feeds `filler` for ever after `head`; answers how many octets it took to be refused.
std::size_t OctetsUntilRefused(const std::string& head, const std::string& filler) {
  constexpr std::size_t kPatienceBytes = 64 * 1024 * 1024;
  ResponseReader reader(kLimits);
  std::string octets = head;
  std::size_t fed = 0;
  while (fed < kPatienceBytes) {
    while (octets.size() < 64 * 1024) octets += filler;
    const auto buffer = reader.Buffer();
    EXPECT_LE(buffer.size(), 256 * 1024u);
    const std::size_t size = std::min(buffer.size(), octets.size());
    std::memcpy(buffer.data(), octets.data(), size);
    octets.erase(0, size);
    fed += size;
    const auto progress = reader.Consume(size);
    if (progress == Progress::kMalformed) return fed;
    EXPECT_EQ(progress, Progress::kNeedMore);
  }
  return fed;
}

TEST(ResponseReaderTest, R5b_CutsEndlessFramingByItsOwnCount) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string x(1'000, 'x');
  constexpr std::size_t kFew = 512 * 1024;
  EXPECT_LE(OctetsUntilRefused(chunked + "2;", x), kFew) << "one endless chunk extension";
  EXPECT_LE(OctetsUntilRefused(chunked, "1;" + x + "\r\nx\r\n"), kFew) << "many of them";
  EXPECT_LE(OctetsUntilRefused(chunked + "0\r\n", "X-A: " + x + "\r\n"), kFew) << "trailers";
  EXPECT_LE(OctetsUntilRefused(chunked + "0\r\nX-A: ", x), kFew) << "one endless trailer";
  EXPECT_LE(OctetsUntilRefused("HTTP/1.1 200 OK\r\n", "a:\r\n"), kFew) << "tiny headers";
  EXPECT_LE(OctetsUntilRefused("HTTP/1.1 200 OK\r\nX-A: ", x), kFew) << "one endless header";
  EXPECT_LE(OctetsUntilRefused("HTTP/1.1 200 ", x), kFew) << "an endless status line";
  EXPECT_LE(OctetsUntilRefused("", "HTTP/1.1 100 Continue\r\n\r\n"), kFew) << "interim responses";
}

TEST(ResponseReaderTest, R5b_RefusesATrailerThatIsTooLong) {
  const std::string trailer = "0\r\nX-A: " + std::string(70'000, 'x') + "\r\n\r\n";
  const Result result =
      Read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk("{}") + trailer);
  EXPECT_EQ(result.progress, Progress::kMalformed);
  EXPECT_EQ(result.problem, kTooMuchFraming);
}

TEST(ResponseReaderTest, AcceptsABodyInChunksOfOneOctet) {
  std::string octets = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 200'000; ++i) octets += "1\r\nx\r\n";
  const Result result = Read(octets + "0\r\n\r\n");
  ASSERT_EQ(result.progress, Progress::kDone) << result.problem;
  EXPECT_EQ(result.response->body.size(), 200'000u);
}

TEST(ResponseReaderTest, R17_ReadsAResponseWithoutAReason) {
  for (const char* line : {"HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n"}) {
    const Result result = Read(line + "Content-Length: 2\r\n\r\n{}"s, 1);
    ASSERT_EQ(result.progress, Progress::kDone) << result.problem;
    EXPECT_EQ(result.response->body, "{}");
    EXPECT_TRUE(result.reusable);
  }
}

TEST(ResponseReaderTest, R18_ReadsBlanksAfterAChunksSizeAndGivesUpTheConnection) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* chunks : {"2 \r\n{}\r\n0\r\n\r\n", "2\t  \r\n{}\r\n0\r\n\r\n",
                             "2\r\n{}\r\n0   \r\n\r\n", "2 ;a=b\r\n{}\r\n0\r\n\r\n"}) {
    for (const std::size_t piece : {kAll, std::size_t{1}}) {
      const Result result = Read(head + chunks, piece);
      ASSERT_EQ(result.progress, Progress::kDone) << chunks << result.problem;
      EXPECT_EQ(result.response->body, "{}");
      EXPECT_FALSE(result.reusable);
    }
  }
}

TEST(ResponseReaderTest, R18_MissesNoTrailerThatWasAnnounced) {
  const Result result =
      Read("HTTP/1.1 200 OK\r\nTrailer: Server-Timing\r\nTransfer-Encoding: chunked\r\n\r\n" +
           Chunk("{}") + "0\r\n\r\n");
  ASSERT_EQ(result.progress, Progress::kDone) << result.problem;
  EXPECT_EQ(result.response->body, "{}");
  EXPECT_TRUE(result.reusable);
}

TEST(ResponseReaderTest, R6_SkipsInterimResponsesAndRefusesASwitchOfProtocols) {
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  for (const char* interim : {"100 Continue", "102 Processing", "103 Early Hints", "199 Odd"}) {
    const Result result = Read("HTTP/1.1 "s + interim + "\r\nX-A: b\r\n\r\n" + last, 3);
    ASSERT_EQ(result.progress, Progress::kDone) << interim;
    EXPECT_EQ(result.response->status, 200);
    EXPECT_EQ(result.response->Find("X-A"), "");
    EXPECT_TRUE(result.reusable);
  }
  EXPECT_EQ(Read("HTTP/1.1 101 Switching Protocols\r\n\r\n" + last).problem, kUnrequestedSwitch);
  EXPECT_EQ(Read("HTTP/1.1 100 Continue\r\n\r\n", kAll, End::kOrderly).problem, kEndInHead);
}

TEST(ResponseReaderTest, R7_ReadsResponsesThatHaveNoBody) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    const Result result = Read("HTTP/1.1 "s + status + "\r\n\r\n");
    ASSERT_EQ(result.progress, Progress::kDone);
    EXPECT_EQ(result.response->body, "");
    EXPECT_TRUE(result.reusable);
  }
  // The body, which may not be there, may be there.
  const Result result = Read("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(result.progress, Progress::kDone);
  EXPECT_FALSE(result.reusable);
}

TEST(ResponseReaderTest, R8_AcceptsWhatIsExactlyAtTheLimitsAndNothingMore) {
  const ResponseLimits limits{.head_bytes = 1'000, .body_bytes = 2'000};
  const auto read = [&](std::size_t head_size, std::size_t body_size, bool chunked) {
    const std::string body(body_size, 'x');
    std::string head = "HTTP/1.1 200 OK\r\n";
    head += chunked ? "Transfer-Encoding: chunked\r\n"
                    : "Content-Length: " + std::to_string(body_size) + "\r\n";
    head += "X-A: " + std::string(head_size - head.size() - 9, 'x') + "\r\n\r\n";
    EXPECT_EQ(head.size(), head_size);
    std::string octets = head + (chunked ? Chunk(body) + "0\r\n\r\n" : body);
    const Result whole = Read(octets, kAll, End::kStaysOpen, limits);
    const Result bytewise = Read(octets, 1, End::kStaysOpen, limits);
    EXPECT_EQ(bytewise.progress, whole.progress);
    EXPECT_EQ(bytewise.problem, whole.problem);
    return std::pair(whole.progress, whole.problem);
  };
  for (const bool chunked : {false, true}) {
    EXPECT_THAT(read(1'000, 2'000, chunked), Pair(Progress::kDone, ""));
    EXPECT_THAT(read(1'001, 2'000, chunked), Pair(Progress::kMalformed, kHeadTooLong));
    EXPECT_THAT(read(1'000, 2'001, chunked), Pair(Progress::kMalformed, kBodyTooLong));
  }
}

TEST(ResponseReaderTest, R8_LimitsABodyThatEndsWithTheConnection) {
  const ResponseLimits limits{.head_bytes = 1'000, .body_bytes = 20'000};
  for (const std::size_t piece : {kAll, std::size_t{1}}) {
    const std::string body(20'000, 'x');
    const Result result = Read("HTTP/1.1 200 OK\r\n\r\n" + body, piece, End::kOrderly, limits);
    ASSERT_EQ(result.progress, Progress::kDone);
    EXPECT_EQ(result.response->body, body);
    EXPECT_FALSE(result.reusable);
    EXPECT_EQ(Read("HTTP/1.1 200 OK\r\n\r\n" + body + "x", piece, End::kOrderly, limits).problem,
              "the body is too long");
  }
}

TEST(ResponseReaderTest, R8_CutsABodyOverTheLimitHoweverItIsFramed) {
  const std::string x(64 * 1024, 'x');
  constexpr std::size_t kLimit = 8 * 1024 * 1024;
  const std::size_t slack = 512 * 1024;
  EXPECT_LE(OctetsUntilRefused("HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n", x), slack);
  EXPECT_LE(
      OctetsUntilRefused("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", x),
      slack);
  EXPECT_LE(OctetsUntilRefused("HTTP/1.0 200 OK\r\n\r\n", x), kLimit + slack);
  EXPECT_LE(OctetsUntilRefused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Chunk(x)),
            kLimit + slack);
}

TEST(ResponseReaderTest, ReadsALargeBodyInFewReads) {
  const std::string body(8 * 1024 * 1024, 'x');
  std::string octets = "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n" + body;
  ResponseReader reader(kLimits);
  std::string_view rest = octets;
  int reads = 0;
  auto progress = Progress::kNeedMore;
  while (progress == Progress::kNeedMore) {
    const auto buffer = reader.Buffer();
    const std::size_t size = std::min(buffer.size(), rest.size());
    std::memcpy(buffer.data(), rest.data(), size);
    rest.remove_prefix(size);
    progress = reader.Consume(size);
    ++reads;
  }
  ASSERT_EQ(progress, Progress::kDone);
  EXPECT_EQ(reader.Take().body, body);
  EXPECT_LE(reads, 140);
}

TEST(ResponseReaderTest, LeavesRoomBehindABodyOfKnownLength) {
  for (const std::size_t size : {0, 1, 1'000, 100'000}) {
    const Result result = Read("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) +
                               "\r\n\r\n" + std::string(size, 'x'));
    ASSERT_TRUE(result.response);
    EXPECT_GE(result.response->body.capacity(), size + kBodyPadding);
  }
}

TEST(ResponseReaderTest, SaysHowMuchMemoryItHolds) {
  constexpr std::size_t kBody = 1024 * 1024;
  ResponseReader reader(kLimits);
  EXPECT_LT(reader.held(), 1024u);
  const auto feed = [&reader](std::string_view octets) {
    const auto buffer = reader.Buffer();
    ASSERT_LE(octets.size(), buffer.size());
    std::memcpy(buffer.data(), octets.data(), octets.size());
    reader.Consume(octets.size());
  };
  feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n");
  EXPECT_LT(reader.held(), 16 * 1024u);
  const std::string octets(8 * 1024, 'x');
  for (std::size_t sent = 0; sent < kBody; sent += octets.size()) {
    feed(octets);
    EXPECT_GE(reader.held(), sent + octets.size());
  }
  EXPECT_LE(reader.held(), 2 * kBody + 256 * 1024);
}

TEST(ResponseReaderTest, KeepsASmallBufferForASmallResponse) {
  ResponseReader reader(kLimits);
  const std::string octets = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
  std::memcpy(reader.Buffer().data(), octets.data(), octets.size());
  ASSERT_EQ(reader.Consume(octets.size()), Progress::kNeedMore);
  for (int i = 0; i < 900; ++i) {
    EXPECT_LE(reader.Buffer().size(), 8 * 1024u);
    reader.Buffer()[0] = 'x';
    ASSERT_EQ(reader.Consume(1), Progress::kNeedMore);
  }
}

TEST(ResponseReaderTest, C10_ObeysWhatThePortalSaysOfTheConnection) {
  const std::vector<std::pair<std::string, bool>> table = {
      {"HTTP/1.1 200 OK\r\n", true},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\n", false},
      {"HTTP/1.1 200 OK\r\nconnection: CLOSE\r\n", false},
      {"HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\n", false},
      {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\n", false},
      {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", true},
      {"HTTP/1.0 200 OK\r\n", false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", true},
      {"HTTP/1.0 200 OK\r\nConnection: close\r\n", false},
  };
  for (const auto& [head, reusable] : table) {
    const Result result = Read(head + "Content-Length: 2\r\n\r\n{}");
    ASSERT_EQ(result.progress, Progress::kDone) << head;
    EXPECT_EQ(result.reusable, reusable) << head;
  }
}

TEST(ResponseReaderTest, C10_R5_ObeysAnInterimResponseThatClosesTheConnection) {
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  EXPECT_TRUE(Read("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + last).reusable);
  for (const char* field :
       {"Connection: close", "Link: </a>\r\n ,</b>", "Content-Length: 0\r\nContent-Length: 0"}) {
    const Result result =
        Read("HTTP/1.1 103 Early Hints\r\n" + std::string(field) + "\r\n\r\n" + last);
    ASSERT_EQ(result.progress, Progress::kDone) << field;
    EXPECT_FALSE(result.reusable) << field;
  }
}

TEST(ResponseReaderTest, C10_ObeysATrailerThatClosesTheConnection) {
  const std::string octets =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk("{}") + "0\r\n";
  EXPECT_TRUE(Read(octets + "X-A: b\r\n\r\n").reusable);
  EXPECT_FALSE(Read(octets + "Connection: close\r\n\r\n").reusable);
}

TEST(ResponseReaderTest, C10_PassesKeepAliveOn) {
  ResponseReader reader(kLimits);
  const std::string octets =
      "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=9\r\nContent-Length: 0\r\n\r\n";
  std::memcpy(reader.Buffer().data(), octets.data(), octets.size());
  ASSERT_EQ(reader.Consume(octets.size()), Progress::kDone);
  EXPECT_EQ(reader.keep_alive_timeout(), std::chrono::seconds(5));
  EXPECT_EQ(reader.keep_alive_max(), 9u);
}

TEST(ResponseReaderTest, R13_RefusesACompressedBody) {
  for (const char* coding : {"gzip", "br"}) {
    EXPECT_EQ(
        Read("HTTP/1.1 200 OK\r\nContent-Encoding: "s + coding + "\r\nContent-Length: 2\r\n\r\n{}")
            .problem,
        "a content coding that was not asked for");
  }
}

TEST(ResponseReaderTest, R5_TakesNothingFromATrailer) {
  const std::string octets = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk("{}");
  for (const char* name : {"Content-Length", "Transfer-Encoding", "Content-Encoding", "Retry-After",
                           "Location", "X-A"}) {
    const Result result = Read(octets + "0\r\n" + name + ": 5\r\n\r\n");
    if (result.progress == Progress::kMalformed) continue;
    ASSERT_EQ(result.progress, Progress::kDone) << name;
    EXPECT_EQ(result.response->body, "{}");
    EXPECT_EQ(result.response->headers.size(), 1u) << name;
  }
}

TEST(ResponseReaderTest, SaysWhetherAnythingCame) {
  ResponseReader reader(kLimits);
  EXPECT_FALSE(reader.started());
  reader.Buffer()[0] = 'H';
  reader.Consume(1);
  EXPECT_TRUE(reader.started());
}

}  // namespace
}  // namespace docspace::gateway::http
