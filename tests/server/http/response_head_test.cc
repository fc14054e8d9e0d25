#include "server/http/response_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

using namespace std::string_literals;

// Matches a head, or the search for its end, that was refused for breaking `rule`.
MATCHER_P(IsMalformed, rule, "") {
  *result_listener << "the problem is \"" << arg.problem << '"';
  return arg.problem == rule;
}
// Matches one in which nothing is wrong.
MATCHER(IsWellFormed, "") {
  *result_listener << "the problem is \"" << arg.problem << '"';
  return arg.problem.empty();
}

struct Refused {
  std::string text;
  std::string_view rule;
};

ResponseHead Read(const std::string& fields) {
  return ReadResponseHead("HTTP/1.1 200 OK\r\n" + fields + "\r\n");
}

TEST(ResponseHeadTest, R12_ReadsEveryStatusFrom100To599) {
  for (int status = 100; status <= 599; ++status) {
    const auto head = ReadResponseHead("HTTP/1.1 " + std::to_string(status) + " Whatever\r\n\r\n");
    if (status == 101) {
      EXPECT_THAT(head, IsMalformed(kUnrequestedSwitch));
    } else {
      EXPECT_THAT(head, IsWellFormed()) << status;
    }
    EXPECT_EQ(head.status, status);
  }
}

TEST(ResponseHeadTest, R12_RefusesWhatIsNoStatusLine) {
  for (const char* line : {"HTTP/1.1 099 X",
                           "HTTP/1.1 600 X",
                           "HTTP/1.1 999 X",
                           "HTTP/1.1 000 X",
                           "HTTP/1.1 2x0 X",
                           "HTTP/1.1 -20 X",
                           "HTTP/1.1 +20 X",
                           "HTTP/1.1  20 X",
                           "HTTP/1.1 20 X",
                           "HTTP/1.1 2000 X",
                           "HTTP/1.1 20",
                           "HTTP/1.1 ",
                           "HTTP/1.1",
                           "HTTP/1.1 200X",
                           "HTTP/1.1 200\tOK",
                           "HTTP/1.1  200 OK",
                           "HTTP/1.1\t200 OK",
                           "HTTP/1.2 200 OK",
                           "HTTP/2.0 200 OK",
                           "HTTP/0.9 200 OK",
                           "HTTP/11 200 OK",
                           "http/1.1 200 OK",
                           "ICY 200 OK and more",
                           " HTTP/1.1 200 OK",
                           "GET / HTTP/1.1",
                           ""}) {
    EXPECT_THAT(ReadResponseHead(line + "\r\n\r\n"s), IsMalformed(kNotHttp)) << line;
  }
}

TEST(ResponseHeadTest, R17_ReadsAStatusLineWithoutAReason) {
  for (const char* line : {"HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200"}) {
    const ResponseHead head =
        ReadResponseHead(line + "\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n"s);
    EXPECT_THAT(head, IsWellFormed()) << line;
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body_bytes, 5u);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.close_after);
  }
}

HeadSearch Find(const std::string& text) {
  const HeadSearch search = FindHeadEnd(text, 0);
  // However much has been looked at before, the answer is the same, or came earlier.
  for (std::size_t searched = 1; searched < text.size(); ++searched) {
    if (FindHeadEnd(text.substr(0, searched), 0).size != 0 ||
        !FindHeadEnd(text.substr(0, searched), 0).problem.empty()) {
      break;
    }
    EXPECT_EQ(FindHeadEnd(text, searched).size, search.size) << searched;
    EXPECT_EQ(FindHeadEnd(text, searched).problem.empty(), search.problem.empty()) << searched;
  }
  return search;
}

TEST(ResponseHeadTest, FindsWhereAHeadEnds) {
  const std::string head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
  for (const char* behind : {"", "body", "\n", "\r\n\r\n", "\0\x01"}) {
    EXPECT_EQ(Find(head + behind).size, head.size());
    EXPECT_THAT(Find(head + behind), IsWellFormed());
  }
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_EQ(Find(head.substr(0, size)).size, 0u) << size;
    EXPECT_THAT(Find(head.substr(0, size)), IsWellFormed()) << size;
  }
}

class NoHeadTest : public testing::TestWithParam<Refused> {};

TEST_P(NoHeadTest, R23_IsRefusedAtOnce) {
  EXPECT_THAT(Find(GetParam().text), IsMalformed(GetParam().rule)) << GetParam().text;
  EXPECT_EQ(Find(GetParam().text).size, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, NoHeadTest,
                         testing::ValuesIn(std::vector<Refused>{
                             {"\n", kBareLineEnd},
                             {"HTTP/1.1 200 OK\n", kBareLineEnd},
                             {"HTTP/1.1 200 OK\r\nA: b\n", kBareLineEnd},
                             {"HTTP/1.1 200 OK\r\nA: b\rC", kBareLineEnd},
                             {"HTTP/1.1 200 OK\r\nA: b\r\r", kBareLineEnd},
                             {"HTTP/1.1 200 OK\r\nA: \0"s, kControlInHead},
                             {"HTTP/1.1 200 OK\r\n\x1B", kControlInHead},
                             {"SSH-2.0-OpenSSH_9.2\r\n", kNotHttp},
                             {"220 mail.example ESMTP", kNotHttp},
                             {"\x15\x03\x01", kNotHttp},
                             {"HTTX", kNotHttp},
                             {"\r\n", kNotHttp}}));

TEST(ResponseHeadTest, AcceptsAnEmptyReasonAndOddReasons) {
  EXPECT_THAT(ReadResponseHead("HTTP/1.1 200 \r\n\r\n"), IsWellFormed());
  EXPECT_THAT(ReadResponseHead("HTTP/1.0 404 Not\tFound \xC3\xA9\r\n\r\n"), IsWellFormed());
}

class RefusedFieldsTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedFieldsTest, R5_NamesTheRule) {
  EXPECT_THAT(Read(GetParam().text), IsMalformed(GetParam().rule)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(ContentLength, RefusedFieldsTest,
                         testing::ValuesIn(std::vector<Refused>{
                             {"Content-Length: 5\r\nContent-Length: 6\r\n", kTwoContentLengths},
                             {"Content-Length: 5\r\ncontent-length: 05x\r\n", kBadContentLength},
                             {"Content-Length: 5, 5\r\n", kBadContentLength},
                             {"Content-Length: 5,\r\n", kBadContentLength},
                             {"Content-Length: ,5\r\n", kBadContentLength},
                             {"Content-Length: 5, 6\r\n", kTwoContentLengths},
                             {"Content-Length: \r\n", kBadContentLength},
                             {"Content-Length: +5\r\n", kBadContentLength},
                             {"Content-Length: -5\r\n", kBadContentLength},
                             {"Content-Length: 0x5\r\n", kBadContentLength},
                             {"Content-Length: 5 \t6\r\n", kBadContentLength},
                             {"Content-Length: 5.0\r\n", kBadContentLength},
                             {"Content-Length: 1e2\r\n", kBadContentLength},
                             {"Content-Length: five\r\n", kBadContentLength},
                             {"Content-Length: \"5\"\r\n", kBadContentLength},
                             {"Content-Length: 18446744073709551616\r\n", kBadContentLength},
                             {"Content-Length: 99999999999999999999999999\r\n",
                              kBadContentLength}}));

INSTANTIATE_TEST_SUITE_P(
    TransferEncoding, RefusedFieldsTest,
    testing::ValuesIn(std::vector<Refused>{
        {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", kBadContentLength},
        {"Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: xchunked\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: chunked, gzip\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: gzip, chunked\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: chunked, chunked\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: ,chunked\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: gzip\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: identity\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: chunked;q=1\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: \"chunked\"\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: \x0B"
         "chunked\r\n",
         kBadFieldValue},
        {"Transfer-Encoding: \r\n", kBadTransferEncoding},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", kBadTransferEncoding},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", kBadTransferEncoding}}));

INSTANTIATE_TEST_SUITE_P(ContentEncoding, RefusedFieldsTest,
                         testing::ValuesIn(std::vector<Refused>{
                             {"Content-Encoding: gzip\r\n", kContentCoding},
                             {"Content-Encoding: br\r\n", kContentCoding},
                             {"Content-Encoding: deflate\r\n", kContentCoding},
                             {"Content-Encoding: zstd\r\n", kContentCoding},
                             {"Content-Encoding: identity, gzip\r\n", kContentCoding},
                             {"Content-Encoding: x\r\n", kContentCoding}}));

INSTANTIATE_TEST_SUITE_P(Fold, RefusedFieldsTest,
                         testing::ValuesIn(std::vector<Refused>{
                             {"Content-Length: 5\r\n 0\r\n", kBadContentLength},
                             {"Content-Length: 5\r\n \r\n", kFoldedFraming},
                             {"Content-Length:\r\n 5\r\n", kFoldedFraming},
                             {"Content-Length:\r\n\t\r\n 5\r\n", kFoldedFraming},
                             {"Transfer-Encoding: chunked\r\n , gzip\r\n", kFoldedFraming},
                             {"Transfer-Encoding: chunked\r\n \r\n", kFoldedFraming},
                             {"Transfer-Encoding:\r\n chunked\r\n", kFoldedFraming},
                             {"Content-Encoding:\r\n gzip\r\n", kFoldedFraming},
                             {"Content-Encoding:\r\n identity\r\n", kFoldedFraming},
                             {" X-A: b\r\n", kBadFieldName},
                             {"\tContent-Length: 5\r\n", kBadFieldName},
                             {"X-A: b\r\n " + std::string(5'000, 'x') + "\r\n", kFoldTooLong}}));

INSTANTIATE_TEST_SUITE_P(Name, RefusedFieldsTest,
                         testing::ValuesIn(std::vector<Refused>{
                             {"no colon\r\n", kBadFieldName},
                             {": no name\r\n", kBadFieldName},
                             {"a b: c\r\n", kBadFieldName},
                             {"Content-Length : 5\r\n", kBadFieldName},
                             {"a\x80: c\r\n", kBadFieldName},
                             {"Transfer-Encoding : chunked\r\n", kBadFieldName},
                             {"a\t: b\r\n", kBadFieldName},
                             {"(a): b\r\n", kBadFieldName}}));

INSTANTIATE_TEST_SUITE_P(Connection, RefusedFieldsTest,
                         testing::ValuesIn(std::vector<Refused>{
                             {"Connection: close;q=1\r\n", kBadFieldValue},
                             {"Connection: keep alive\r\n", kBadFieldValue},
                             {"Connection: \"close\"\r\n", kBadFieldValue},
                             {"Connection: close keep-alive\r\n", kBadFieldValue},
                             {"Proxy-Connection: \x80\r\n", kBadFieldValue}}));

TEST(ResponseHeadTest, R5_RefusesATransferCodingInHttp10) {
  EXPECT_THAT(ReadResponseHead("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
              IsMalformed(kBadTransferEncoding));
}

TEST(ResponseHeadTest, R5_RefusesControlCharactersAnywhere) {
  for (const std::string& byte : {"\0"s, "\r"s, "\n"s, "\x01"s, "\x0B"s, "\x1B"s, "\x7F"s}) {
    const bool cr = byte == "\r";
    EXPECT_THAT(Read("X-A: a" + byte + "b\r\n"), IsMalformed(cr ? kBareLineEnd : kBadFieldValue));
    EXPECT_THAT(Read("X-" + byte + "A: b\r\n"), IsMalformed(kBadFieldName));
    EXPECT_THAT(ReadResponseHead("HTTP/1.1 200 O" + byte + "K\r\n\r\n"),
                IsMalformed(cr ? kBareLineEnd : kNotHttp));
  }
}

TEST(ResponseHeadTest, R5_RefusesAnUnfinishedHead) {
  EXPECT_THAT(ReadResponseHead(""), IsMalformed(kNotHttp));
  EXPECT_THAT(ReadResponseHead("HTTP/1.1 200 OK"), IsMalformed(kNotHttp));
  for (const char* text : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200\r\n", "HTTP/1.1 200 OK\r\nA: b",
                           "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r"}) {
    EXPECT_THAT(ReadResponseHead(text), IsMalformed(kUnfinishedHead)) << text;
  }
}

TEST(ResponseHeadTest, AcceptsPlainFraming) {
  for (const char* fields :
       {"", "Content-Length: 0\r\n", "content-length:5\r\n", "CONTENT-LENGTH: \t 5 \t\r\n",
        "Content-Length: 18446744073709551615\r\n", "Transfer-Encoding: Chunked\r\n",
        "Content-Encoding: identity\r\n", "X-Odd: \x80\xFF\r\n", "X-Empty:\r\n"}) {
    const auto head = Read(fields);
    EXPECT_THAT(head, IsWellFormed()) << fields;
    EXPECT_FALSE(head.close_after) << fields;
  }
}

TEST(ResponseHeadTest, R5a_DoubtsARepeatedEqualLengthAndAFoldedField) {
  for (const char* fields :
       {"Content-Length: 5\r\nContent-Length: 5\r\n", "X-A: b\r\n c\r\n", "X-A: b\r\n\tc\r\n"}) {
    const auto head = Read(fields);
    EXPECT_THAT(head, IsWellFormed()) << fields;
    EXPECT_TRUE(head.close_after) << fields;
  }
}

TEST(ResponseHeadTest, R5a_JoinsTheLinesOfAFoldedField) {
  for (const auto& [lines, value] :
       std::vector<std::pair<std::string, std::string>>{{"b\r\n c\r\n", "b c"},
                                                        {"b \t\r\n\t c \r\n", "b c"},
                                                        {"b\r\n c\r\n  d\r\n", "b c d"},
                                                        {"\r\n c\r\n", "c"},
                                                        {"b\r\n \r\n", "b"},
                                                        {"b\r\n \r\n c\r\n", "b c"}}) {
    const auto head = Read("X-A: " + lines + "X-B: e\r\n");
    EXPECT_THAT(head, IsWellFormed());
    EXPECT_TRUE(head.close_after);
    ASSERT_EQ(head.headers.size(), 2U);
    EXPECT_EQ(head.headers[0].value, value);
    EXPECT_EQ(head.headers[1].value, "e");
  }
}

TEST(ResponseHeadTest, DeliversTheFieldsInTheirOrder) {
  const auto head = Read("X-B: \t2 \r\nX-a:1\r\nX-B: 3: 4\r\nX-C:\r\n");
  ASSERT_EQ(head.headers.size(), 4U);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"X-B", "2"}, {"X-a", "1"}, {"X-B", "3: 4"}, {"X-C", ""}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(head.headers[i].name, expected[i].first);
    EXPECT_EQ(head.headers[i].value, expected[i].second);
  }
}

TEST(ResponseHeadTest, SaysHowTheBodyIsFramed) {
  EXPECT_EQ(Read("Content-Length: 5\r\n").body_bytes, 5U);
  EXPECT_FALSE(Read("Content-Length: 5\r\n").chunked);
  EXPECT_EQ(Read("Transfer-Encoding: chunked\r\n").body_bytes, std::nullopt);
  EXPECT_TRUE(Read("Transfer-Encoding: chunked\r\n").chunked);
  EXPECT_EQ(Read("").body_bytes, std::nullopt);
  EXPECT_FALSE(Read("").chunked);
  for (const char* fields : {"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    for (const char* status : {"204", "304"}) {
      const auto head = ReadResponseHead("HTTP/1.1 "s + status + " X\r\n" + fields + "\r\n");
      EXPECT_EQ(head.body_bytes, 0U) << status << fields;
      EXPECT_FALSE(head.chunked) << status << fields;
    }
  }
}

// Fields, and if the connection stays open after a response of HTTP/1.1 or HTTP/1.0 that has them.
struct ConnectionOptions {
  std::string fields;
  bool http_1_1;
  bool http_1_0;
};

class ConnectionOptionsTest : public testing::TestWithParam<ConnectionOptions> {};

TEST_P(ConnectionOptionsTest, C10_DecideIfTheConnectionStaysOpen) {
  const auto& [fields, http_1_1, http_1_0] = GetParam();
  for (const auto& [version, keep_alive] : {std::pair("1", http_1_1), {"0", http_1_0}}) {
    const auto head = ReadResponseHead("HTTP/1."s + version + " 200 OK\r\n" + fields + "\r\n");
    EXPECT_THAT(head, IsWellFormed()) << fields;
    EXPECT_EQ(head.keep_alive, keep_alive) << version << " " << fields;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ConnectionOptionsTest,
                         testing::ValuesIn(std::vector<ConnectionOptions>{
                             {"", true, false},
                             {"Connection: close\r\n", false, false},
                             {"connection: CLOSE\r\n", false, false},
                             {"Connection: keep-alive\r\n", true, true},
                             {"Connection: Keep-Alive\r\n", true, true},
                             {"Connection: keep-alive, close\r\n", false, false},
                             {"Connection: close,keep-alive\r\n", false, false},
                             {"Connection: x,\tclose ,y\r\n", false, false},
                             {"Connection: , ,close\r\n", false, false},
                             {"Connection: keep-alive\r\nConnection: close\r\n", false, false},
                             {"Connection: close\r\nConnection: keep-alive\r\n", false, false},
                             {"Proxy-Connection: close\r\n", false, false},
                             {"Connection: closed\r\n", true, false},
                             {"Connection: upgrade\r\n", true, false},
                             {"Connection:\r\n", true, false},
                             {"X-Connection: close\r\n", true, false}}));

TEST(ResponseHeadTest, R5b_RefusesTenThousandTinyFields) {
  std::string fields;
  for (int i = 0; i < 10'000; ++i) fields += "a:\r\n";
  EXPECT_THAT(Read(fields), IsMalformed(kTooManyFields));
}

TEST(ResponseHeadTest, R6_RefusesAnInterimResponseThatClaimsABody) {
  for (const char* fields : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    EXPECT_THAT(ReadResponseHead("HTTP/1.1 103 Early Hints\r\n"s + fields + "\r\n"),
                IsMalformed(kInterimBody));
  }
}

TEST(ResponseHeadTest, R7_DoubtsABodyWhereNoneMayBe) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    for (const char* fields : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
      EXPECT_TRUE(ReadResponseHead("HTTP/1.1 "s + status + "\r\n" + fields + "\r\n").close_after);
    }
    for (const char* fields : {"", "Content-Length: 0\r\n"}) {
      EXPECT_FALSE(ReadResponseHead("HTTP/1.1 "s + status + "\r\n" + fields + "\r\n").close_after);
    }
  }
}

TEST(ResponseHeadTest, G11_DoubtsAConnectionThatWouldBeAuthenticated) {
  for (const char* fields :
       {"WWW-Authenticate: Negotiate\r\n", "www-authenticate: NTLM\r\n",
        "WWW-Authenticate: negotiate YII=\r\n", "WWW-Authenticate: Basic realm=\"x\", NTLM\r\n",
        "WWW-Authenticate: Basic\r\nWWW-Authenticate: Negotiate\r\n",
        "Proxy-Authenticate: NTLM\r\n"}) {
    EXPECT_TRUE(Read(fields).close_after) << fields;
  }
  EXPECT_FALSE(Read("WWW-Authenticate: Basic realm=\"x\"\r\n").close_after);
  EXPECT_FALSE(Read("WWW-Authenticate: Bearer\r\n").close_after);
}

TEST(ResponseHeadTest, C10_ReadsKeepAlive) {
  using std::chrono::seconds;
  struct Row {
    std::string value;
    std::optional<seconds> timeout;
    std::optional<std::uint32_t> max;
  };
  const std::vector<Row> table = {
      {"timeout=5, max=100", seconds(5), 100u},
      {"timeout=5", seconds(5), std::nullopt},
      {"max=0", std::nullopt, 0u},
      {"MAX=7 ,\tTimeout=0", seconds(0), 7u},
      {"timeout=4294967295", seconds(4294967295), std::nullopt},
      {"timeout=4294967296", std::nullopt, std::nullopt},
      {"timeout=-1, max=x", std::nullopt, std::nullopt},
      {"timeout, ,,=, =5", std::nullopt, std::nullopt},
      {"", std::nullopt, std::nullopt},
  };
  for (const Row& row : table) {
    const auto head = Read("Keep-Alive: " + row.value + "\r\n");
    EXPECT_THAT(head, IsWellFormed());
    EXPECT_EQ(head.keep_alive_timeout, row.timeout) << row.value;
    EXPECT_EQ(head.keep_alive_max, row.max) << row.value;
  }
}

}  // namespace
}  // namespace docspace::gateway::http
