#include "server/http/response_head.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docspace::gateway::http {
namespace {

using namespace std::string_literals;

ResponseHead Read(const std::string& fields) {
  return ReadResponseHead("HTTP/1.1 200 OK\r\n" + fields + "\r\n");
}

TEST(ResponseHeadTest, R12_ReadsEveryStatusFrom100To599) {
  for (int status = 100; status <= 599; ++status) {
    const auto head = ReadResponseHead("HTTP/1.1 " + std::to_string(status) + " Whatever\r\n\r\n");
    if (status == 101) {
      EXPECT_FALSE(head.problem.empty());
    } else {
      EXPECT_EQ(head.problem, "") << status;
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
    EXPECT_EQ(ReadResponseHead(line + "\r\n\r\n"s).problem, "not an HTTP/1 status line") << line;
  }
}

TEST(ResponseHeadTest, R17_ReadsAStatusLineWithoutAReason) {
  for (const char* line : {"HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200"}) {
    const ResponseHead head =
        ReadResponseHead(line + "\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n"s);
    EXPECT_EQ(head.problem, "") << line;
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body_bytes, 5u);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.doubtful);
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
    EXPECT_EQ(Find(head + behind).problem, "");
  }
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_EQ(Find(head.substr(0, size)).size, 0u) << size;
    EXPECT_EQ(Find(head.substr(0, size)).problem, "") << size;
  }
}

TEST(ResponseHeadTest, R23_RefusesAtOnceWhatCannotBecomeAHead) {
  for (const auto& [text, problem] : std::vector<std::pair<std::string, std::string>>{
           {"\n", "a line does not end in CR LF"},
           {"HTTP/1.1 200 OK\n", "a line does not end in CR LF"},
           {"HTTP/1.1 200 OK\r\nA: b\n", "a line does not end in CR LF"},
           {"HTTP/1.1 200 OK\r\nA: b\rC", "a line does not end in CR LF"},
           {"HTTP/1.1 200 OK\r\nA: b\r\r", "a line does not end in CR LF"},
           {"HTTP/1.1 200 OK\r\nA: \0"s, "a control character in the head"},
           {"HTTP/1.1 200 OK\r\n\x1B", "a control character in the head"},
           {"SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP/1 status line"},
           {"220 mail.example ESMTP", "not an HTTP/1 status line"},
           {"\x15\x03\x01", "not an HTTP/1 status line"},
           {"HTTX", "not an HTTP/1 status line"},
           {"\r\n", "not an HTTP/1 status line"}}) {
    EXPECT_EQ(Find(text).problem, problem) << text;
    EXPECT_EQ(Find(text).size, 0u);
  }
}

TEST(ResponseHeadTest, AcceptsAnEmptyReasonAndOddReasons) {
  EXPECT_EQ(ReadResponseHead("HTTP/1.1 200 \r\n\r\n").problem, "");
  EXPECT_EQ(ReadResponseHead("HTTP/1.0 404 Not\tFound \xC3\xA9\r\n\r\n").problem, "");
}

TEST(ResponseHeadTest, R5_RefusesFramingThatCanBeReadInTwoWays) {
  const std::vector<std::string> table = {
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5\r\ncontent-length: 05x\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: chunked, gzip\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: gzip\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: chunked;q=1\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding: \r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Content-Length: \r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 5 \t6\r\n",
      "Content-Length: 5.0\r\n",
      "Content-Length: 1e2\r\n",
      "Content-Length: five\r\n",
      "Content-Length: 18446744073709551616\r\n",
      "Content-Length: 99999999999999999999999999\r\n",
  };
  for (const std::string& fields : table) EXPECT_NE(Read(fields).problem, "") << fields;
  EXPECT_NE(ReadResponseHead("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").problem, "");
}

TEST(ResponseHeadTest, R5_RefusesControlCharactersAnywhere) {
  for (const std::string& octet : {"\0"s, "\r"s, "\n"s, "\x01"s, "\x0B"s, "\x1B"s, "\x7F"s}) {
    EXPECT_NE(Read("X-A: a" + octet + "b\r\n").problem, "");
    EXPECT_NE(Read("X-" + octet + "A: b\r\n").problem, "");
    EXPECT_NE(ReadResponseHead("HTTP/1.1 200 O" + octet + "K\r\n\r\n").problem, "");
  }
}

TEST(ResponseHeadTest, R5_RefusesFieldsWithoutAProperName) {
  for (const char* line : {"no colon", ": no name", "a b: c", "Content-Length : 5", "a\x80: c",
                           "Transfer-Encoding : chunked", "a\t: b", "(a): b"}) {
    EXPECT_EQ(Read(line + "\r\n"s).problem, "a header field without a name") << line;
  }
}

TEST(ResponseHeadTest, R5_RefusesAnUnfinishedHead) {
  EXPECT_NE(ReadResponseHead("").problem, "");
  EXPECT_NE(ReadResponseHead("HTTP/1.1 200 OK").problem, "");
  EXPECT_NE(ReadResponseHead("HTTP/1.1 200 OK\r\n").problem, "");
  EXPECT_NE(ReadResponseHead("HTTP/1.1 200 OK\r\nA: b\r\n").problem, "");
}

TEST(ResponseHeadTest, AcceptsPlainFraming) {
  for (const char* fields :
       {"", "Content-Length: 0\r\n", "content-length:5\r\n", "CONTENT-LENGTH: \t 5 \t\r\n",
        "Content-Length: 18446744073709551615\r\n", "Transfer-Encoding: Chunked\r\n",
        "Content-Encoding: identity\r\n", "X-Odd: \x80\xFF\r\n", "X-Empty:\r\n"}) {
    const auto head = Read(fields);
    EXPECT_EQ(head.problem, "") << fields;
    EXPECT_FALSE(head.doubtful) << fields;
  }
}

TEST(ResponseHeadTest, R5a_DoubtsARepeatedEqualLengthAndAFoldedField) {
  for (const char* fields :
       {"Content-Length: 5\r\nContent-Length: 5\r\n", "X-A: b\r\n c\r\n", "X-A: b\r\n\tc\r\n"}) {
    const auto head = Read(fields);
    EXPECT_EQ(head.problem, "") << fields;
    EXPECT_TRUE(head.doubtful) << fields;
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
    EXPECT_EQ(head.problem, "");
    EXPECT_TRUE(head.doubtful);
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

TEST(ResponseHeadTest, C10_ReadsTheOptionsOfTheConnection) {
  struct Row {
    std::string fields;
    bool http_1_1;
    bool http_1_0;
  };
  const std::vector<Row> table = {
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
      {"X-Connection: close\r\n", true, false},
  };
  for (const Row& row : table) {
    for (const auto& [version, keep_alive] : {std::pair("1", row.http_1_1), {"0", row.http_1_0}}) {
      const auto head =
          ReadResponseHead("HTTP/1."s + version + " 200 OK\r\n" + row.fields + "\r\n");
      EXPECT_EQ(head.problem, "") << row.fields;
      EXPECT_EQ(head.keep_alive, keep_alive) << version << " " << row.fields;
    }
  }
  for (const char* value : {"close;q=1", "keep alive", "\"close\"", "close keep-alive", "\x80"}) {
    EXPECT_EQ(Read("Connection: "s + value + "\r\n").problem, "Connection is not a list of tokens");
  }
}

TEST(ResponseHeadTest, R5a_RefusesAFoldThatWouldChangeTheFraming) {
  for (const char* fields :
       {"Content-Length: 5\r\n 0\r\n", "Content-Length: 5\r\n \r\n",
        "Transfer-Encoding: chunked\r\n , gzip\r\n", "Transfer-Encoding:\r\n chunked\r\n",
        "Content-Encoding:\r\n gzip\r\n", " X-A: b\r\n", "\tContent-Length: 5\r\n"}) {
    EXPECT_NE(Read(fields).problem, "") << fields;
  }
}

TEST(ResponseHeadTest, R5b_RefusesTenThousandTinyFields) {
  std::string fields;
  for (int i = 0; i < 10'000; ++i) fields += "a:\r\n";
  EXPECT_EQ(Read(fields).problem, "too many header fields");
}

TEST(ResponseHeadTest, R6_RefusesAnInterimResponseThatClaimsABody) {
  for (const char* fields : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    EXPECT_NE(ReadResponseHead("HTTP/1.1 103 Early Hints\r\n"s + fields + "\r\n").problem, "");
  }
}

TEST(ResponseHeadTest, R7_DoubtsABodyWhereNoneMayBe) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    for (const char* fields : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
      EXPECT_TRUE(ReadResponseHead("HTTP/1.1 "s + status + "\r\n" + fields + "\r\n").doubtful);
    }
    for (const char* fields : {"", "Content-Length: 0\r\n"}) {
      EXPECT_FALSE(ReadResponseHead("HTTP/1.1 "s + status + "\r\n" + fields + "\r\n").doubtful);
    }
  }
}

TEST(ResponseHeadTest, R13_RefusesAContentCodingThatWasNotAskedFor) {
  for (const char* coding : {"gzip", "br", "deflate", "zstd", "identity, gzip", "x"}) {
    EXPECT_NE(Read("Content-Encoding: "s + coding + "\r\n").problem, "") << coding;
  }
}

TEST(ResponseHeadTest, G11_DoubtsAConnectionThatWouldBeAuthenticated) {
  for (const char* fields :
       {"WWW-Authenticate: Negotiate\r\n", "www-authenticate: NTLM\r\n",
        "WWW-Authenticate: negotiate YII=\r\n", "WWW-Authenticate: Basic realm=\"x\", NTLM\r\n",
        "WWW-Authenticate: Basic\r\nWWW-Authenticate: Negotiate\r\n",
        "Proxy-Authenticate: NTLM\r\n"}) {
    EXPECT_TRUE(Read(fields).doubtful) << fields;
  }
  EXPECT_FALSE(Read("WWW-Authenticate: Basic realm=\"x\"\r\n").doubtful);
  EXPECT_FALSE(Read("WWW-Authenticate: Bearer\r\n").doubtful);
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
    EXPECT_EQ(head.problem, "");
    EXPECT_EQ(head.keep_alive_timeout, row.timeout) << row.value;
    EXPECT_EQ(head.keep_alive_max, row.max) << row.value;
  }
}

}  // namespace
}  // namespace docspace::gateway::http
