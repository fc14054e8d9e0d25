// How a portal may frame what it says: rows R1 to R8, R13, R17, R18, R20 and R23 of the fault
// matrix.
#include <gmock/gmock.h>

#include "tests/faults/fault_test.h"

namespace docspace::gateway::testkit {
namespace {

using namespace std::string_literals;

class ResponseTest : public FaultTest, public ::testing::WithParamInterface<FaultyResponse> {};

TEST_P(ResponseTest, IsAnsweredByTheTable) { ExpectResultOf(GetParam()); }

class TlsResponseTest : public ResponseTest {
  bool PortalSpeaksTls() const override { return true; }
};

TEST_P(TlsResponseTest, IsAnsweredByTheTable) { ExpectResultOf(GetParam()); }

std::string NameOf(const ::testing::TestParamInfo<FaultyResponse>& test) { return test.param.name; }

constexpr const char* kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
constexpr const char* kUntilTheEnd = "HTTP/1.1 200 OK\r\n";

// A response of 200 with these header fields, each with its CRLF.
std::string Head(const std::string& fields) { return "HTTP/1.1 200 OK\r\n" + fields; }

// R1 and R2: bodies that are cut.

INSTANTIATE_TEST_SUITE_P(
    R1, ResponseTest,
    ::testing::Values(FaultyResponse{.name = "InsideTheBody",
                                     .head = Head("Content-Length: 1$SIZE\r\n"),
                                     .then = Script().Close()},
                      FaultyResponse{.name = "BeforeTheBody",
                                     .head = Head("Content-Length: 100\r\n"),
                                     .body = "",
                                     .then = Script().Close()},
                      FaultyResponse{.name = "InsideTheHead",
                                     .head = Head("Content-Length: 2"),
                                     .body = "",
                                     .then = Script().Close()},
                      FaultyResponse{.name = "InsideTheStatusLine",
                                     .head = "HTTP/1.1 2",
                                     .body = "",
                                     .then = Script().Close()}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(R2, ResponseTest,
                         ::testing::Values(FaultyResponse{.name = "Whole",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n\r\n",
                                                          .expected = kAnswered,
                                                          .fate = Fate::kReused},
                                           FaultyResponse{.name = "BeforeTheFirstChunk",
                                                          .head = kChunked,
                                                          .body = "",
                                                          .then = Script().Close()},
                                           FaultyResponse{.name = "InsideAChunk",
                                                          .head = kChunked,
                                                          .body = "ffff\r\n$OPEN",
                                                          .then = Script().Close()},
                                           FaultyResponse{.name = "BeforeTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS",
                                                          .then = Script().Close()},
                                           FaultyResponse{.name = "InsideTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n",
                                                          .then = Script().Close()}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(R2a, TlsResponseTest,
                         ::testing::Values(FaultyResponse{.name = "AfterAWholeBody",
                                                          .then = Script().CloseWithoutNotify(),
                                                          .expected = kAnswered},
                                           FaultyResponse{.name = "AfterTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n\r\n",
                                                          .then = Script().CloseWithoutNotify(),
                                                          .expected = kAnswered},
                                           FaultyResponse{
                                               .name = "InsideABody",
                                               .head = Head("Content-Length: 1$SIZE\r\n"),
                                               .then = Script().CloseWithoutNotify()},
                                           FaultyResponse{.name = "BeforeTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS",
                                                          .then = Script().CloseWithoutNotify()},
                                           FaultyResponse{.name = "AsTheEndOfABody",
                                                          .head = kUntilTheEnd,
                                                          .then = Script().CloseWithoutNotify()},
                                           FaultyResponse{.name = "CloseNotifyAsTheEndOfABody",
                                                          .head = kUntilTheEnd,
                                                          .then = Script().Close(),
                                                          .expected = kAnswered}),
                         NameOf);

// R3 and R4: what was not asked for.

// Somebody else's answer to what the fixture asks next.
std::string ForeignResponse() { return PortalResponse(R"({"response":["foreign"]})"); }

FaultyResponse More(const std::string& name, const std::string& behind) {
  return {.name = name, .behind = behind, .expected = kAnswered};
}

INSTANTIATE_TEST_SUITE_P(R3, ResponseTest,
                         ::testing::Values(More("ASecondResponse", ForeignResponse()),
                                           More("AnOctet", "x"), More("AnEmptyLine", "\r\n"),
                                           FaultyResponse{.name = "ASecondResponseBehindChunks",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n\r\n",
                                                          .behind = ForeignResponse(),
                                                          .expected = kAnswered}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(R3, TlsResponseTest,
                         ::testing::Values(More("ASecondResponse", ForeignResponse())), NameOf);

// What the portal says on an idle connection.
struct Unsolicited {
  std::string name;
  bool tls;
  std::string octets;
};

void PrintTo(const Unsolicited& unsolicited, std::ostream* out) { *out << unsolicited.name; }

class UnsolicitedTest : public FaultTest, public ::testing::WithParamInterface<Unsolicited> {
 protected:
  bool PortalSpeaksTls() const override { return GetParam().tls; }
};

TEST_P(UnsolicitedTest, R4_AnswersNoOne) {
  for (const Rpc rpc : kRpcs) {
    SCOPED_TRACE(RouteOf(rpc).name);
    const std::size_t idle = portal().connections();
    const std::string number = std::to_string(idle);
    portal()
        .Next(Serve(Rpc::kGetApiKey)
                  .WaitFor("speak" + number)
                  .Send(GetParam().octets)
                  .Signal("spoken" + number))
        .Next(ServeAndClose(rpc));
    Expect(kAnswered, Rpc::kGetApiKey, Call(Rpc::kGetApiKey));
    portal().Signal("speak" + number);
    ASSERT_TRUE(portal().WaitForSignal("spoken" + number));
    Expect(kAnswered, rpc, Call(rpc));
    EXPECT_TRUE(portal().WaitForEnd(idle));
    EXPECT_EQ(portal().connections(), idle + 2);
  }
  EXPECT_EQ(portal().requests(), 2 * std::size(kRpcs));
}

const std::string kTimeout =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(R4, UnsolicitedTest,
                         ::testing::Values(Unsolicited{"Response", false, ForeignResponse()},
                                           Unsolicited{"Timeout", false, kTimeout},
                                           Unsolicited{"Octet", false, "x"},
                                           Unsolicited{"TlsResponse", true, ForeignResponse()},
                                           Unsolicited{"TlsOctet", true, "x"}),
                         [](const auto& test) { return test.param.name; });

// R5: framing in doubt.

FaultyResponse Framed(const std::string& name, const std::string& fields,
                      const std::string& body = "$JSON") {
  return {.name = name, .head = Head(fields), .body = body};
}

INSTANTIATE_TEST_SUITE_P(
    R5_Length, ResponseTest,
    ::testing::Values(
        Framed("TwoContentLengths", "Content-Length: $SIZE\r\nContent-Length: 1$SIZE\r\n"),
        Framed("AListOfContentLengths", "Content-Length: $SIZE, 1$SIZE\r\n"),
        Framed("NoContentLength", "Content-Length:\r\n"),
        Framed("ASignedContentLength", "Content-Length: +$SIZE\r\n"),
        Framed("ANegativeContentLength", "Content-Length: -$SIZE\r\n"),
        Framed("AHexContentLength", "Content-Length: 0x$SIZE\r\n"),
        Framed("AFractionalContentLength", "Content-Length: $SIZE.0\r\n"),
        Framed("AContentLengthOf2To64", "Content-Length: 18446744073709551616\r\n"),
        Framed("AContentLengthBelow2To64", "Content-Length: 18446744073709551615\r\n"),
        Framed("AFoldedContentLength", "Content-Length:\r\n $SIZE\r\n")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R5_Coding, ResponseTest,
    ::testing::Values(
        Framed("BehindContentLength", "Content-Length: $SIZE\r\nTransfer-Encoding: chunked\r\n",
               "$CHUNKS0\r\n\r\n"),
        Framed("BeforeContentLength", "Transfer-Encoding: chunked\r\nContent-Length: $SIZE\r\n",
               "$CHUNKS0\r\n\r\n"),
        Framed("Unknown", "Transfer-Encoding: xchunked\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("ChunkedThenGzip", "Transfer-Encoding: chunked, gzip\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("GzipThenChunked", "Transfer-Encoding: gzip, chunked\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("GzipBeforeContentLength", "Transfer-Encoding: gzip\r\nContent-Length: $SIZE\r\n"),
        Framed("ChunkedTwice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
               "$CHUNKS0\r\n\r\n"),
        Framed("Empty", "Transfer-Encoding:\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("Folded", "Transfer-Encoding:\r\n chunked\r\n", "$CHUNKS0\r\n\r\n"),
        FaultyResponse{.name = "InHttp10",
                       .head = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n",
                       .body = "$CHUNKS0\r\n\r\n"}),
    NameOf);

FaultyResponse Chunks(const std::string& name, const std::string& body) {
  return {.name = name, .head = kChunked, .body = body};
}

INSTANTIATE_TEST_SUITE_P(
    R5_Chunks, ResponseTest,
    ::testing::Values(Chunks("SizeThatIsNoNumber", "zz\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("NegativeSize", "-5\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("SizeInHexNotation", "0x5\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("SizeOf2To64", "10000000000000000\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("NoSize", "\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("ChunkLongerThanItsSize", "5\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("OnlyLineFeeds", "5\n12345\n0\n\n")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R5_Octets, ResponseTest,
    ::testing::Values(
        Framed("NulInAValue", "Content-Length: $SIZE\r\nX-A: a\0b\r\n"s),
        Framed("NulInAName", "Content-Length: $SIZE\r\nX-\0A: a\r\n"s),
        Framed("BareCarriageReturn", "Content-Length: $SIZE\r\nX-A: a\rX-B: b\r\n"),
        Framed("BareLineFeed", "Content-Length: $SIZE\r\nX-A: a\nX-B: b\r\n"),
        Framed("BareLineFeedBeforeALength", "X-A: a\nContent-Length: $SIZE\r\n"),
        Framed("ControlCharacter", "Content-Length: $SIZE\r\nX-A: \x1B[2J\r\n"),
        Framed("SpaceBeforeTheColon", "Content-Length : $SIZE\r\n"),
        Framed("NoColon", "Content-Length: $SIZE\r\nX-A\r\n"),
        Framed("NoName", "Content-Length: $SIZE\r\n: a\r\n"),
        Framed("FoldBeforeTheFirstField", " X-A: a\r\nContent-Length: $SIZE\r\n"),
        FaultyResponse{.name = "AnotherVersion", .head = "HTTP/2.0 200 OK\r\n"},
        FaultyResponse{.name = "ATlsAlert", .head = "\x15\x03\x01\x00\x02\x02\x46"s, .body = ""}),
    NameOf);

// R23: what cannot become a response any more is refused when it comes. Nothing follows it here,
// and the portal keeps the connection open: whoever waits for more waits until the deadline.
FaultyResponse Started(const std::string& name, const std::string& octets) {
  return {.name = name, .head = octets, .body = "", .rpcs = {Rpc::kGetApiKey, Rpc::kCreateApiKey}};
}

INSTANTIATE_TEST_SUITE_P(
    R23, ResponseTest,
    ::testing::Values(Started("OnlyLineFeeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"),
                      Started("InTheStatusLine", "HTTP/1.1 200 OK\nX-A: a"),
                      Started("InAField", "HTTP/1.1 200 OK\r\nX-A: a\nX-B: b"),
                      Started("InAChunksSize", std::string(kChunked) + "\r\n2\n{}"),
                      Started("BehindAChunk", std::string(kChunked) + "\r\n2\r\n{}\n2"),
                      Started("InATrailer", std::string(kChunked) + "\r\n0\r\nX-A: a\nX-B"),
                      Started("ACarriageReturn", "HTTP/1.1 200 OK\r\nX-A: a\rX-B: b"),
                      Started("ANul", "HTTP/1.1 200 OK\r\nX-A: \0"s),
                      Started("AnotherProtocol", "SSH-2.0-OpenSSH_9.2"),
                      Started("AMailServer", "220 mail.example ESMTP")),
    NameOf);

// R17, R18: what servers leave out and put in, of which nothing depends.

INSTANTIATE_TEST_SUITE_P(
    R17, ResponseTest,
    ::testing::Values(FaultyResponse{.name = "NoReason",
                                     .head = "HTTP/1.1 200\r\nContent-Length: $SIZE\r\n",
                                     .expected = kAnswered,
                                     .fate = Fate::kReused},
                      FaultyResponse{.name = "NoReasonButItsBlank",
                                     .head = "HTTP/1.1 200 \r\nContent-Length: $SIZE\r\n",
                                     .expected = kAnswered,
                                     .fate = Fate::kReused},
                      FaultyResponse{.name = "NoReasonInChunks",
                                     .head = "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n",
                                     .body = "$CHUNKS0\r\n\r\n",
                                     .expected = kAnswered,
                                     .fate = Fate::kReused}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R18, ResponseTest,
    ::testing::Values(FaultyResponse{.name = "BlanksAfterTheLastSize",
                                     .head = kChunked,
                                     .body = "$CHUNKS0  \r\n\r\n",
                                     .expected = kAnswered},
                      FaultyResponse{.name = "BlanksAfterASize",
                                     .head = kChunked,
                                     .body = "1 \t \r\n \r\n$CHUNKS0\r\n\r\n",
                                     .expected = kAnswered},
                      FaultyResponse{.name = "ATrailerAnnouncedAndNotSent",
                                     .head = std::string(kChunked) + "Trailer: Server-Timing\r\n",
                                     .body = "$CHUNKS0\r\n\r\n",
                                     .expected = kAnswered,
                                     .fate = Fate::kReused},
                      FaultyResponse{.name = "ATrailerAnnouncedAndSent",
                                     .head = std::string(kChunked) + "Trailer: Server-Timing\r\n",
                                     .body = "$CHUNKS0\r\nServer-Timing: a;dur=1\r\n\r\n",
                                     .expected = kAnswered,
                                     .fate = Fate::kReused}),
    NameOf);

FaultyResponse Doubtful(const std::string& name, const std::string& fields) {
  return {.name = name, .head = Head(fields), .expected = kAnswered};
}

INSTANTIATE_TEST_SUITE_P(
    R5a, ResponseTest,
    ::testing::Values(Doubtful("ContentLengthTwice",
                               "Content-Length: $SIZE\r\nContent-Length: $SIZE\r\n"),
                      Doubtful("Fold", "Content-Length: $SIZE\r\nX-A: a\r\n b\r\n")),
    NameOf);

std::string Repeated(int count, const std::string& text) {
  std::string repeated;
  repeated.reserve(static_cast<std::size_t>(count) * text.size());
  for (int i = 0; i < count; ++i) repeated.append(text);
  return repeated;
}

INSTANTIATE_TEST_SUITE_P(
    R5b, ResponseTest,
    ::testing::Values(
        Chunks("TenMegabytesOfOneExtension",
               "1;" + std::string(10'000'000, 'x') + "\r\n{\r\n0\r\n\r\n"),
        Chunks("TenMegabytesOfExtensions",
               Repeated(10'000, "1;" + std::string(1'000, 'x') + "\r\n \r\n") + "$CHUNKS0\r\n\r\n"),
        Chunks("TrailersOf460Kilobytes",
               "$CHUNKS0\r\n" + Repeated(46'000, "X-A: abc\r\n") + "\r\n"),
        Chunks("ATrailerOver64Kibibytes",
               "$CHUNKS0\r\nX-A: " + std::string(std::size_t{70} * 1024, 'x') + "\r\n\r\n"),
        Framed("TenThousandHeaders", Repeated(10'000, "A:\r\n") + "Content-Length: $SIZE\r\n"),
        // Honest chunking, at its least economic, is none of these.
        FaultyResponse{.name = "ChunksOfOneOctet",
                       .head = kChunked,
                       .body = Repeated(100'000, "1\r\n \r\n") + "$CHUNKS0\r\n\r\n",
                       .expected = kAnswered,
                       .fate = Fate::kReused}),
    NameOf);

// R6 to R8: responses that are none, or too much.

FaultyResponse After(const std::string& name, const std::string& interim, const Expected& expected,
                     Fate fate) {
  return {.name = name,
          .head = interim + Head("Content-Length: $SIZE\r\n"),
          .expected = expected,
          .fate = fate};
}

INSTANTIATE_TEST_SUITE_P(
    R6, ResponseTest,
    ::testing::Values(
        After("Continue", "HTTP/1.1 100 Continue\r\n\r\n", kAnswered, Fate::kReused),
        After("Processing", "HTTP/1.1 102 Processing\r\n\r\n", kAnswered, Fate::kReused),
        After("EarlyHints", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", kAnswered,
              Fate::kReused),
        After("SeveralInterimResponses", Repeated(10, "HTTP/1.1 100 Continue\r\n\r\n"), kAnswered,
              Fate::kReused),
        After("AThousandInterimResponses", Repeated(1'000, "HTTP/1.1 100 Continue\r\n\r\n"),
              kMalformed, Fate::kClosed),
        After("AnInterimResponseWithABody", "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n{}",
              kMalformed, Fate::kClosed),
        After("SwitchingProtocols",
              "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
              kMalformed, Fate::kClosed),
        FaultyResponse{.name = "OnlyContinue",
                       .head = "HTTP/1.1 100 Continue\r\n",
                       .body = "",
                       .then = Script().Close()}),
    NameOf);

FaultyResponse Bodyless(const std::string& name, const std::string& head, Fate fate) {
  return {.name = name, .head = head, .body = "", .fate = fate};
}

INSTANTIATE_TEST_SUITE_P(
    R7, ResponseTest,
    ::testing::Values(
        Bodyless("EmptyOk", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", Fate::kReused),
        Bodyless("EmptyCreated", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n", Fate::kReused),
        Bodyless("NoContent", "HTTP/1.1 204 No Content\r\n", Fate::kReused),
        Bodyless("NoContentOfSomeLength", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n",
                 Fate::kClosed),
        Bodyless("ResetContent", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n",
                 Fate::kReused),
        Bodyless("NotModified", "HTTP/1.1 304 Not Modified\r\n", Fate::kReused),
        Bodyless("NotModifiedOfSomeLength", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n",
                 Fate::kClosed),
        FaultyResponse{
            .name = "EmptyChunked", .head = kChunked, .body = "0\r\n\r\n", .fate = Fate::kReused},
        FaultyResponse{.name = "EmptyUntilTheEnd",
                       .head = kUntilTheEnd,
                       .body = "",
                       .then = Script().Close()}),
    NameOf);

constexpr std::size_t kMebibyte = std::size_t{1024} * 1024;

// The JSON with as many spaces behind it as make a body of `size`.
FaultyResponse Padded(const std::string& name, std::size_t size, const Expected& expected,
                      Fate fate) {
  constexpr Rpc kRpc = Rpc::kGetApiKeys;
  const std::string json = PortalJson(kRpc);
  return {.name = name,
          .body = json + std::string(size - json.size(), ' '),
          .expected = expected,
          .fate = fate,
          .rpcs = {kRpc}};
}

INSTANTIATE_TEST_SUITE_P(
    R8, ResponseTest,
    ::testing::Values(
        Framed("AHeadTooLong", "X-A: " + std::string(std::size_t{64} * 1024, 'x') +
                                   "\r\nContent-Length: $SIZE\r\n"),
        Framed("AHeadOfFieldsTooLong", Repeated(100, "X-A: " + std::string(1'000, 'x') + "\r\n") +
                                           "Content-Length: $SIZE\r\n"),
        FaultyResponse{.name = "AnEndlessHead",
                       .head = Head("X-A: x"),
                       .body = "",
                       .then = Script().SendForEver(Repeated(1'000, "X-A: x\r\n"))},
        FaultyResponse{.name = "AnEndlessHeadOfOneField",
                       .head = Head("X-A: x"),
                       .body = "X-A: ",
                       .then = Script().SendForEver(std::string(8'000, 'x'))},
        Padded("TheLongestBody", 8 * kMebibyte, kAnswered, Fate::kReused),
        Padded("ABodyTooLong", 8 * kMebibyte + 1, kMalformed, Fate::kClosed),
        Framed("ALengthTooLong", "Content-Length: 8388609\r\n", ""),
        FaultyResponse{.name = "AnEndlessBody",
                       .head = kUntilTheEnd,
                       .body = "",
                       .then = Script().SendForEver(std::string(65'536, ' '))},
        FaultyResponse{
            .name = "EndlessChunks",
            .head = kChunked,
            .body = "",
            .then = Script().SendForEver("10000\r\n" + std::string(65'536, ' ') + "\r\n")}),
    NameOf);

// R20: what no proxy compresses.

using CodingTest = FaultTest;

TEST_F(CodingTest, R20_TheGatewayAsksForNone) {
  portal().Always(ServeAndClose(Rpc::kGetApiKeys));
  Expect(kAnswered, Rpc::kGetApiKeys, Call(Rpc::kGetApiKeys));
  EXPECT_THAT(portal().received(0), ::testing::HasSubstr("\r\nAccept-Encoding: identity\r\n"));
}

// R13: codings that were not asked for.

FaultyResponse Encoded(const std::string& name, const std::string& coding,
                       const std::string& body) {
  return {.name = name,
          .head = Head("Content-Encoding: " + coding + "\r\nContent-Length: $SIZE\r\n"),
          .body = body};
}

// {} as gzip writes it.
const std::string kGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00"s;

INSTANTIATE_TEST_SUITE_P(
    R13, ResponseTest,
    ::testing::Values(Encoded("Gzip", "gzip", kGzip), Encoded("GzipInName", "gzip", "$JSON"),
                      Encoded("Br", "br", "\x0b\x00\x80{}\x03"s),
                      Encoded("Deflate", "DEFLATE", "x"),
                      Encoded("Several", "identity, gzip", kGzip),
                      FaultyResponse{
                          .name = "GzipUnannounced", .body = kGzip, .fate = Fate::kReused},
                      FaultyResponse{.name = "Identity",
                                     .head = Head("Content-Encoding: identity\r\n"
                                                  "Content-Length: $SIZE\r\n"),
                                     .expected = kAnswered,
                                     .fate = Fate::kReused}),
    NameOf);

}  // namespace
}  // namespace docspace::gateway::testkit
