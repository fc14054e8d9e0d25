#include "server/http/chunk_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>

#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

using namespace std::string_literals;
using Progress = ChunkDecoder::Progress;

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kMaxBody = 1024;

struct Result {
  Progress progress = Progress::kNeedMore;
  std::string body;
  std::string rest;
  std::string problem;
  bool close_after = false;
  std::uint64_t framing_bytes = 0;
};

// Gives at most `piece` bytes at a time, until there is a result.
Result Decode(std::string_view bytes, std::size_t piece = kAll) {
  ChunkDecoder decoder(kMaxBody);
  Result result;
  while (!bytes.empty() && result.progress == Progress::kNeedMore) {
    std::string_view next = bytes.substr(0, piece);
    const std::size_t size = next.size();
    result.progress = decoder.Decode(next, result.body);
    EXPECT_TRUE(result.progress != Progress::kNeedMore || next.empty());
    bytes.remove_prefix(size - next.size());
  }
  result.rest = bytes;
  result.problem = decoder.problem();
  result.close_after = decoder.close_after();
  result.framing_bytes = decoder.framing_bytes();
  return result;
}

TEST(ChunkDecoderTest, JoinsTheChunksHoweverTheyCome) {
  const std::string chunks = "4\r\nWiki\r\n5;a=\"b\"\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n";
  const std::string end = "000\r\nX-A: b\r\nX-C:\r\n\r\n";
  for (const std::size_t piece : {kAll, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    const Result result = Decode(chunks + end + "HTTP", piece);
    EXPECT_EQ(result.progress, Progress::kDone) << result.problem;
    EXPECT_EQ(result.body, "Wikipedia in\r\n\r\nchunks.");
    EXPECT_EQ(result.rest, "HTTP");
    EXPECT_FALSE(result.close_after);
    EXPECT_EQ(result.framing_bytes, chunks.size() + end.size() - result.body.size());
  }
}

TEST(ChunkDecoderTest, WaitsForWhatIsMissing) {
  const std::string chunks = "2\r\n{}\r\n0\r\nX-A: b\r\n\r\n";
  for (std::size_t size = 0; size < chunks.size(); ++size) {
    EXPECT_EQ(Decode(chunks.substr(0, size)).progress, Progress::kNeedMore) << size;
  }
}

// Bytes that are no chunked body, and the rule that they break.
struct Refused {
  std::string chunks;
  std::string_view rule;

  friend void PrintTo(const Refused& row, std::ostream* out) {
    *out << ::testing::PrintToString(row.chunks) << ": " << row.rule;
  }
};

class RefusedChunksTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedChunksTest, R5_BreakOneRuleHoweverTheyArrive) {
  for (const std::size_t piece : {kAll, std::size_t{1}}) {
    const Result result = Decode(GetParam().chunks, piece);
    EXPECT_EQ(result.progress, Progress::kMalformed);
    EXPECT_EQ(result.problem, GetParam().rule);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedChunksTest,
    ::testing::Values(
        Refused{"\r\n"s, kBadChunkSize}, Refused{"x\r\n"s, kBadChunkSize},
        Refused{"-2\r\n"s, kBadChunkSize}, Refused{"+2\r\n"s, kBadChunkSize},
        Refused{"0x2\r\n"s, kBadChunkSize}, Refused{" 2\r\n"s, kBadChunkSize},
        Refused{";a\r\n"s, kBadChunkSize}, Refused{"2 2\r\n"s, kBadChunkSize},
        Refused{"2,\r\n"s, kBadChunkSize}, Refused{"10000000000000000\r\n"s, kBadChunkSize},
        Refused{"fffffffffffffffff\r\n"s, kBadChunkSize}, Refused{"2\r\n{}x"s, kChunkTooLong},
        Refused{"2\r\n{}\r\r"s, kBareLineEnd}, Refused{"0\r\nX-A\r\n"s, kBadTrailerName},
        Refused{"0\r\n: b\r\n"s, kBadTrailerName}, Refused{"0\r\nX-A : b\r\n"s, kBadTrailerName},
        Refused{"0\r\n X-A: b\r\n"s, kBadTrailerName},
        Refused{"0\r\nX-A: b\r\n c\r\n"s, kBadTrailerName}, Refused{"2\0\r\n"s, kControlInChunks},
        Refused{"2;\x1B"s, kControlInChunks}, Refused{"0\r\nX-A: \0"s, kControlInChunks}));

TEST(ChunkDecoderTest, R23_RefusesABareLineFeedOrCarriageReturnAtOnce) {
  for (const char* chunks : {"\n", "2\n", "2;a\n", "2\r{", "2\r\r", "2\r\n{}\n", "0\n", "0\r\n\n",
                             "0\r\nX-A: b\n", "0\r\nX-A: b\rc"}) {
    const Result result = Decode(chunks);
    EXPECT_EQ(result.progress, Progress::kMalformed) << chunks;
    EXPECT_EQ(result.problem, kBareLineEnd) << chunks;
  }
}

TEST(ChunkDecoderTest, R18_ReadsBlanksAfterASizeAndDoubtsTheConnection) {
  for (const char* chunks : {"2 \r\n{}\r\n0\r\n\r\n", "2\t \t\r\n{}\r\n0\r\n\r\n",
                             "2\r\n{}\r\n0 \r\n\r\n", "2 ; a\r\n{}\r\n0\r\n\r\n"}) {
    const Result result = Decode(chunks);
    EXPECT_EQ(result.progress, Progress::kDone) << chunks;
    EXPECT_EQ(result.body, "{}");
    EXPECT_TRUE(result.close_after);
  }
}

TEST(ChunkDecoderTest, DoubtsTheConnectionAfterATrailerThatSpeaksOfItOrOfFraming) {
  for (const char* name : {"Connection", "connection", "Proxy-Connection", "Keep-Alive", "Upgrade",
                           "Content-Length", "Transfer-Encoding"}) {
    const Result result = Decode("2\r\n{}\r\n0\r\n"s + name + ": 5\r\n\r\n");
    EXPECT_EQ(result.progress, Progress::kDone) << name;
    EXPECT_TRUE(result.close_after) << name;
  }
}

TEST(ChunkDecoderTest, R8_RefusesABodyOverTheLimitBeforeItComes) {
  EXPECT_EQ(Decode("400\r\n" + std::string(0x400, 'x') + "\r\n0\r\n\r\n").progress,
            Progress::kDone);
  EXPECT_EQ(Decode("401\r\n").problem, kBodyTooLong);
  EXPECT_EQ(Decode("3ff\r\n" + std::string(0x3FF, 'x') + "\r\n2\r\n").problem, kBodyTooLong);
  EXPECT_EQ(Decode("ffffffffffffffff\r\n").problem, kBodyTooLong);
}

TEST(ChunkDecoderTest, R5b_LimitsALine) {
  for (const char* start : {"2;", "0\r\nX-A: ", ""}) {
    const Result result = Decode(start + std::string(65'537, 'a'));
    EXPECT_EQ(result.progress, Progress::kMalformed);
    EXPECT_EQ(result.problem, kTooMuchFraming);
  }
}

}  // namespace
}  // namespace docspace::gateway::http
